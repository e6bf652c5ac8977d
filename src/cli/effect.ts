/** `genscope effect MODEL`: what a set of units does to a concept, with intervals, against random sets. */
import { Models } from '../engine/models.ts';
import { effect } from '../engine/tasks/effect.ts';
import {
  EFFECT_DEFAULTS,
  type Effect,
  type EffectProgress,
  type EffectSettings,
  type Figure,
  type UnitChoice,
} from '../shared/effects.ts';
import { cacheFolder } from './cache.ts';
import { badOption, modelArgument, oneOf, parse, wholeNumber } from './options.ts';
import { printJson, progressBar } from './terminal.ts';

const OPTIONS = {
  layer: { type: 'string' },
  segmenter: { type: 'string' },
  concept: { type: 'string' },
  units: { type: 'string' },
  top: { type: 'string' },
  rank: { type: 'string' },
  ablate: { type: 'string' },
  samples: { type: 'string' },
  seed: { type: 'string' },
  'training-samples': { type: 'string' },
  'training-seed': { type: 'string' },
  random: { type: 'string' },
  curve: { type: 'string' },
  resolution: { type: 'string' },
  threads: { type: 'string' },
  cache: { type: 'string' },
  'no-cache': { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parse<typeof OPTIONS>>['values'];

const MAX_SEED = 2 ** 32 - 1;

export async function effectCommand(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const { values, positionals } = parse(argv, OPTIONS);
  const model = modelArgument(positionals, 'effect');
  const { layer, segmenter, concept } = values;
  if (layer === undefined || segmenter === undefined || concept === undefined)
    throw badOption('genscope effect needs --layer L, --segmenter DIR and --concept NAME.');
  const settings: EffectSettings = {
    ...settingsOf(values),
    ...{
      layer,
      concept: [...new Set(concept.split('+').map((name) => name.trim()))],
      choice: choiceOf(values),
    },
  };
  const models = new Models({ threads: wholeNumber(values.threads, 'threads', 0, 0, 256) });
  const bars = phaseBars();
  try {
    const cache = cacheFolder(values);
    const found = await effect(
      { model: { path: model }, segmenter, settings, cache },
      { models, signal, report: bars.update },
    );
    bars.end();
    for (const warning of found.warnings) process.stderr.write(`genscope: ${warning}\n`);
    if (values.json) printJson(asJson(found));
    else process.stdout.write(asText(found));
  } finally {
    bars.end();
    await models.releaseAll();
  }
}

function settingsOf(values: Values): Omit<EffectSettings, 'layer' | 'concept' | 'choice'> {
  const { samples, seed, trainingSamples, trainingSeed, random, curve, resolution } = EFFECT_DEFAULTS;
  return {
    ...EFFECT_DEFAULTS,
    ablate: oneOf(values.ablate, 'ablate', ['zero', 'mean', 'minimum'], EFFECT_DEFAULTS.ablate),
    samples: wholeNumber(values.samples, 'samples', samples, 2, 1_000_000),
    seed: wholeNumber(values.seed, 'seed', seed, 0, MAX_SEED),
    trainingSamples: wholeNumber(
      values['training-samples'],
      'training-samples',
      trainingSamples,
      2,
      1_000_000,
    ),
    trainingSeed: wholeNumber(values['training-seed'], 'training-seed', trainingSeed, 0, MAX_SEED - 1),
    random: wholeNumber(values.random, 'random', random, 0, 1000),
    curve: wholeNumber(values.curve, 'curve', curve, 0, 1000),
    resolution: wholeNumber(values.resolution, 'resolution', resolution, 1, 4096),
  };
}

function choiceOf({ units, top, rank }: Values): UnitChoice {
  if ((units === undefined) === (top === undefined))
    throw badOption('genscope effect needs either --units 3,5 or --top 20.');
  if (units === undefined) {
    const chosen = oneOf(rank, 'rank', ['iou', 'effect', 'greedy'], 'iou');
    return { kind: 'top', count: wholeNumber(top, 'top', 20, 1, 100_000), rank: chosen };
  }
  if (rank !== undefined) throw badOption('--rank goes with --top.');
  return {
    kind: 'given',
    units: units.split(',').map((unit) => wholeNumber(unit.trim(), 'units', 0, 0, 1e9)),
  };
}

function phaseBars(): { update(progress: EffectProgress): void; end(): void } {
  let bar: ReturnType<typeof progressBar> | null = null;
  let phase: EffectProgress['phase'] | null = null;
  return {
    update: (progress) => {
      if (progress.phase !== phase) {
        bar?.end();
        phase = progress.phase;
        bar = progressBar(phase);
      }
      bar?.update(progress);
    },
    end: () => bar?.end(),
  };
}

/** The headless contract's object, with ours around it. */
function asJson({ concepts, ...rest }: Effect) {
  return {
    ...rest,
    concepts: concepts.map(({ concept, before, ablated, inserted, ace, removed }) => ({
      ...{ concept, before: before.mean, ablated: ablated.mean, inserted: inserted.mean },
      ...{ ace: ace.mean, interval: ace.interval, removed: removed.mean },
      intervals: {
        ...{ before: before.interval, ablated: ablated.interval },
        ...{ inserted: inserted.interval, removed: removed.interval },
      },
    })),
  };
}

function asText({ concepts, random, units, layer, settings }: Effect): string {
  const rows = concepts.map(({ concept, before, ablated, inserted, ace, removed }) =>
    [
      concept.padEnd(12),
      share(before.mean).padStart(8),
      share(ablated.mean).padStart(8),
      share(inserted.mean).padStart(9),
      `${share(ace.mean)} [${ace.interval.map(share).join(', ')}]`.padStart(26),
      withInterval(removed).padStart(26),
    ].join(' '),
  );
  const head =
    'concept        before  ablated  inserted             ACE, 95 % interval          removed, 95 % interval';
  const draws = random.removed.map(share);
  return [
    `${units.length} units of ${layer}: ${units.join(', ')}`,
    `share of the picture, over ${settings.samples} samples (seed ${settings.seed}); chosen on ${settings.trainingSamples} others (seed ${settings.trainingSeed})`,
    head,
    ...rows,
    ...(draws.length > 0
      ? [
          `${draws.length} random sets of as many units remove ${draws[0] && range(random.removed)} of ${concepts[0]?.concept}`,
        ]
      : []),
    '',
  ].join('\n');
}

function withInterval({ mean, interval }: Figure): string {
  return `${share(mean)} [${interval.map(share).join(', ')}]`;
}

function range(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return `${share(mean)} (from ${share(Math.min(...values))} to ${share(Math.max(...values))})`;
}

function share(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}
