/** Effects as pure functions, with figures near those of the demo, so that a test knows every number it should see. */
import type {
  ConceptEffect,
  Effect,
  EffectQuestion,
  EffectSettings,
  EffectsState,
  Figure,
  Placement,
  PlacementSettings,
  Selections,
  SelectionsSettings,
} from '../../../src/shared/effects/effects.ts';
import type { ErrorData } from '../../../src/shared/kernel/errors.ts';
import type { JobStatus, PageNotifications } from '../../../src/shared/pageProtocol.ts';
import { CONCEPTS, spread } from './fakeUnits.ts';
import { demoModel } from './models.ts';

const MODEL = { file: 'generator.onnx', sha256: demoModel().sha256 ?? '' };
const SEGMENTER = { name: 'Demo segmenter', sha256: 'abcdef0123456789' };
const AREAS = [0.42, 0.31, 0.08, 0.06, 0.05, 0.01, 0.04, 0.005, 0.01, 0];

export function figure(mean: number, half: number): Figure {
  return { mean, interval: [mean - half, mean + half] };
}

/** Share that the first `n` of 20 units take. */
export function removedBy(rank: 'iou' | 'effect' | 'greedy', n: number): number {
  const [most, speed] = { iou: [0.795, 0.12], effect: [0.92, 0.2], greedy: [0.94, 0.26] }[rank] as [
    number,
    number,
  ];
  return n === 0 ? 0 : (most * (1 - Math.exp(-speed * n))) / (1 - Math.exp(-speed * 20));
}

function conceptEffect(concept: string, removed: number, gain: number, half = 0.02): ConceptEffect {
  const before = AREAS[CONCEPTS.indexOf(concept)] ?? 0.08;
  const ablated = before * (1 - removed);
  return {
    concept,
    before: figure(before, 0.003),
    ablated: figure(ablated, before * half * 0.6),
    inserted: figure(before + gain, before * half * 0.9),
    ace: figure(before + gain - ablated, 0.006),
    removed: figure(removed, half),
  };
}

export function effectOf(settings: EffectSettings, layer = 'block1.conv1'): Effect {
  const count = settings.choice.kind === 'given' ? settings.choice.units.length : settings.choice.count;
  const units =
    settings.choice.kind === 'given'
      ? settings.choice.units
      : Array.from({ length: count }, (_, i) => (i * 37) % 128);
  const own = settings.concept.join('+');
  const gone = removedBy('iou', count);
  const others = CONCEPTS.filter((name) => settings.concept.length > 1 || name !== settings.concept[0]);
  const removed = Array.from({ length: settings.random }, (_, i) => 0.02 + 0.156 * (spread(i, 77) - 0.2));
  return {
    ...{ schema: 1, model: MODEL, segmenter: SEGMENTER, settings, layer, units },
    concepts: [
      conceptEffect(own, gone, 0.134),
      ...others.map((name, i) =>
        name === 'mountain'
          ? conceptEffect(name, 0.121, -0.011)
          : name === 'ground'
            ? conceptEffect(name, -0.08, -0.07)
            : conceptEffect(name, 0.03 * (spread(i, 5) - 0.5), 0.01 * (spread(i, 6) - 0.5), 0.018),
      ),
    ],
    random: {
      removed,
      ablated: removed.map((share) => 0.08 * (1 - share)),
      inserted: removed.map((share) => 0.08 * (1 + share / 2)),
    },
    curve: Array.from({ length: Math.min(settings.curve, count) + 1 }, (_, n) =>
      figure(0.08 * (1 - removedBy('iou', n)), 0.003),
    ),
    ...{ ms: 42_000, warnings: [] },
  };
}

export function selectionsOf(settings: SelectionsSettings, layer = 'block1.conv1'): Selections {
  const { count } = settings;
  return {
    ...{
      schema: 1,
      model: MODEL,
      segmenter: SEGMENTER,
      settings,
      layer,
      concept: settings.concept.join('+'),
    },
    selections: (['iou', 'effect', 'greedy'] as const).map((rank, k) => ({
      rank,
      units: Array.from({ length: count }, (_, i) => (i * 37 + k * 11) % 128),
      removed: Array.from({ length: count + 1 }, (_, n) => figure(removedBy(rank, n), n === 0 ? 0 : 0.021)),
    })),
    random: [0, 5, 10, 15, 20]
      .filter((n) => n <= count)
      .map((n) => ({ units: n, mean: 0.0015 * n, lowest: -0.004 * n, highest: 0.009 * n })),
    ...{ ms: 180_000, warnings: [] },
  };
}

export function placementOf(settings: PlacementSettings, layer = 'block1.conv1', side = 8): Placement {
  const gained = Array.from({ length: side * side }, (_, i) => {
    const y = (Math.floor(i / side) + 0.5) / side;
    if (i === side * side - 1) return null;
    return 0.72 * Math.exp(-(((y - 0.68) / 0.2) ** 2)) * (0.8 + 0.2 * spread(i, 3));
  });
  return {
    ...{
      schema: 1,
      model: MODEL,
      segmenter: SEGMENTER,
      settings,
      layer,
      concept: settings.concept.join('+'),
    },
    units: settings.units,
    map: { height: side, width: side, gained },
    table: [
      { before: 'sky', tries: 1710, taken: figure(0.04, 0.01) },
      { before: 'ground', tries: 1204, taken: figure(0.72, 0.025) },
      { before: 'water', tries: 310, taken: figure(0.09, 0.03) },
      { before: 'mountain', tries: 244, taken: figure(0.41, 0.06) },
      { before: 'house', tries: 160, taken: figure(0.22, 0.06) },
      { before: '', tries: 12, taken: figure(0.25, 0.2) },
    ],
    ...{ ms: 95_000, warnings: [] },
  };
}

export interface FakeEffects {
  /** What was measured, and what is being measured. */
  effects: EffectsState;
  /** Milliseconds a step of a measurement takes. */
  effectStep: number;
  /** It fails with this instead of ending. */
  effectFailure: ErrorData | null;
}

export const FAKE_EFFECTS: FakeEffects = {
  effects: { effect: null, selections: null, placement: null, running: null },
  effectStep: 20,
  effectFailure: null,
};

interface Told extends FakeEffects {
  notify<N extends keyof PageNotifications>(name: N, params: PageNotifications[N]): void;
}

const STEPS = 8;

/** Two phases in steps; then the answer is there, unless the job was called off. */
export async function measure(
  host: Told,
  job: string,
  question: EffectQuestion,
  isStopped: () => boolean,
): Promise<void> {
  const { kind } = question;
  const tell = (state: JobStatus['state'], done: number, error?: ErrorData) =>
    host.notify('jobsChanged', {
      jobs: [
        {
          ...{ id: job, kind: 'effect', title: 'Measuring effects', state, startedAt: 0 },
          progress: { done, total: STEPS },
          ...(error ? { error } : {}),
        },
      ],
    });
  const end = (state: JobStatus['state'], error?: ErrorData) => {
    host.effects = { ...host.effects, running: null };
    tell(state, STEPS, error);
    host.notify('effectsChanged', { kind, progress: null, ended: true, ...(error ? { error } : {}) });
  };
  for (let i = 0; i <= STEPS; i++) {
    const phase = i < 2 ? 'values' : 'measuring';
    const progress = { phase, done: i * 1000, total: STEPS * 1000, eta: (STEPS - i) * 5000 } as const;
    host.effects = { ...host.effects, running: { kind, job, progress } };
    host.notify('effectsChanged', { kind, progress, ended: false });
    tell('running', i);
    await new Promise((resolve) => setTimeout(resolve, host.effectStep));
    if (isStopped()) return end('cancelled');
  }
  if (host.effectFailure) return end('failed', host.effectFailure);
  if (kind === 'effect') host.effects = { ...host.effects, effect: effectOf(question.settings) };
  if (kind === 'selections') host.effects = { ...host.effects, selections: selectionsOf(question.settings) };
  if (kind === 'placement') host.effects = { ...host.effects, placement: placementOf(question.settings) };
  end('done');
}
