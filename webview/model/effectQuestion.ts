/** What a person asks about effects: from the form to a question, or why it cannot be asked yet. Pure. */
import {
  EFFECT_DEFAULTS,
  type Effect,
  type EffectQuestion,
  type EffectsState,
  PLACEMENT_DEFAULTS,
  type Placement,
  type Selections,
} from '../../src/shared/effects/effects.ts';
import type { EffectsView } from '../../src/shared/pageProtocol.ts';
import type { LatentSource } from '../../src/shared/samples/latents.ts';
import type { StringKey } from '../strings.ts';

export type EffectKind = EffectQuestion['kind'];

export const EFFECT_KINDS: readonly EffectKind[] = ['effect', 'selections', 'placement'];
export const UNITS_FROM = ['top', 'selection', 'edit'] as const;
export const RANKS = ['iou', 'effect', 'greedy'] as const;
export const FEWEST_SAMPLES = 10;
export const MOST_SAMPLES = 10_000;
export const MOST_RANDOM = 200;
/** A choice is compared unit by unit, so each unit costs a pass over all samples. */
export const MOST_COUNT = 500;

export const DEFAULT_VIEW: EffectsView = {
  open: false,
  shown: 'effect',
  from: 'top',
  count: 20,
  rank: 'iou',
  samples: EFFECT_DEFAULTS.samples,
  random: EFFECT_DEFAULTS.random,
};

/** What a question is made of. */
export interface EffectSubject {
  /** Null until the layers are known. */
  readonly layer: { readonly name: string; readonly tensor: string; readonly units: number } | null;
  readonly segmenter: boolean;
  /** Names of those that count together; empty: none chosen. */
  readonly concept: readonly string[];
  readonly source: LatentSource;
  readonly selection: readonly number[];
  /** Units of the edit that is worked on; null without one of this layer. */
  readonly edit: readonly number[] | null;
  /** All units by agreement with the concept; null before a dissection of the layer. */
  readonly byIou: readonly number[] | null;
  /** The last comparison of choices, whatever it was of. */
  readonly selections: Selections | null;
}

export type AskedOrWhyNot =
  | { readonly question: EffectQuestion }
  | { readonly whyNot: Extract<StringKey, `effects.${string}`> };

export function questionOf(kind: EffectKind, view: EffectsView, subject: EffectSubject): AskedOrWhyNot {
  const { layer, concept, segmenter, source } = subject;
  if (!segmenter || layer === null) return { whyNot: 'effects.needsSegmenter' };
  if (concept.length === 0) return { whyNot: 'effects.conceptNone' };
  const common = { layer: layer.tensor, concept, source };
  const count = Math.min(view.count, layer.units);
  const { samples, random } = view;
  if (kind === 'selections') {
    const { curve, ...defaults } = EFFECT_DEFAULTS;
    return { question: { kind, settings: { ...defaults, ...common, samples, random, count } } };
  }
  if (kind === 'effect' && view.from === 'top') {
    const choice = { kind: 'top', count, rank: view.rank } as const;
    return {
      question: { kind, settings: { ...EFFECT_DEFAULTS, ...common, samples, random, choice } },
    };
  }
  const units = unitsOf(view, subject);
  if (units === null) return { whyNot: whyNoUnits(view) };
  if (kind === 'placement') {
    const fewer = Math.min(samples, PLACEMENT_DEFAULTS.samples);
    return { question: { kind, settings: { ...PLACEMENT_DEFAULTS, ...common, units, samples: fewer } } };
  }
  const choice = { kind: 'given', units } as const;
  return { question: { kind, settings: { ...EFFECT_DEFAULTS, ...common, samples, random, choice } } };
}

/** The units meant, as far as the page knows them; null: none, or they have to be found first. */
export function unitsOf(view: EffectsView, subject: EffectSubject): readonly number[] | null {
  if (view.from !== 'top') {
    const units = view.from === 'selection' ? subject.selection : subject.edit;
    return units !== null && units.length > 0 ? units : null;
  }
  const found = view.rank === 'iou' ? subject.byIou : comparedUnits(subject, view.rank);
  const count = Math.min(view.count, subject.layer?.units ?? 0);
  return found !== null && count > 0 && found.length >= count ? found.slice(0, count) : null;
}

function comparedUnits({ selections, layer, concept }: EffectSubject, rank: EffectsView['rank']) {
  const same =
    selections !== null &&
    selections.layer === layer?.name &&
    [...selections.settings.concept].sort().join('\n') === [...concept].sort().join('\n');
  return same ? (selections.selections.find((one) => one.rank === rank)?.units ?? null) : null;
}

function whyNoUnits({
  from,
  rank,
}: EffectsView): 'effects.unitsNone' | 'effects.unitsNoEdit' | 'effects.noDissection' | 'effects.noOrder' {
  if (from === 'selection') return 'effects.unitsNone';
  if (from === 'edit') return 'effects.unitsNoEdit';
  return rank === 'iou' ? 'effects.noDissection' : 'effects.noOrder';
}

/** As src/engine/effects/chooseUnits.ts counts what its choices take at most. */
const CHOOSING = { measuredOn: 48, candidates: 3 } as const;
/** Random sets are compared at a few numbers of units. */
const RANDOM_PLACES = 4;

/** Pictures that an answer takes, about: what its time is judged by. */
export function picturesOf({ kind, settings }: EffectQuestion, units: number, cells: number): number {
  const { samples, trainingSamples } = settings;
  if (kind === 'placement') return trainingSamples + samples * (1 + cells);
  const { random } = settings;
  const measuredOn = Math.min(trainingSamples, CHOOSING.measuredOn);
  const alone = trainingSamples + (units + 1) * measuredOn;
  const greedy = (count: number) => count * CHOOSING.candidates * 2 * measuredOn;
  if (kind === 'selections') {
    const { count } = settings;
    return trainingSamples + alone + greedy(count) + samples * (1 + 3 * count + RANDOM_PLACES * random);
  }
  const { choice, curve } = settings;
  const count = choice.kind === 'given' ? choice.units.length : choice.count;
  const chosen = choice.kind === 'given' || choice.rank === 'iou' ? 0 : alone;
  const more = choice.kind === 'top' && choice.rank === 'greedy' ? greedy(count) : 0;
  return trainingSamples + chosen + more + samples * (3 + 2 * random + Math.min(curve, count));
}

/**
 * Milliseconds that an answer will take, judged by the last ones and else by the last dissection; null: nothing to go by.
 * @param cells of a layer, by its name: how many units and cells it has
 */
export function expectedTime(
  question: EffectQuestion,
  state: Pick<EffectsState, EffectKind>,
  sizeOf: (layer: string) => { readonly units: number; readonly cells: number } | null,
  dissected: { readonly ms: number; readonly samples: number } | null,
): number | null {
  const size = sizeOf(question.settings.layer);
  if (size === null) return null;
  const pictures = picturesOf(question, size.units, size.cells);
  const known: readonly (Effect | Selections | Placement | null)[] = [
    state[question.kind],
    ...EFFECT_KINDS.map((kind) => state[kind]),
  ];
  for (const answer of known) {
    const before = answer && sizeOf(answer.layer);
    if (!answer || !before) continue;
    const took = picturesOf(asQuestion(answer), before.units, before.cells);
    if (answer.ms > 0) return (answer.ms / took) * pictures;
  }
  // Levels are chosen on as many samples as agreement is measured on, but only the latter are segmented.
  return dissected === null ? null : (dissected.ms / dissected.samples) * pictures;
}

function asQuestion(answer: Effect | Selections | Placement): EffectQuestion {
  if ('map' in answer) return { kind: 'placement', settings: answer.settings };
  if ('selections' in answer) return { kind: 'selections', settings: answer.settings };
  return { kind: 'effect', settings: answer.settings };
}
