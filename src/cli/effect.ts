/** `genscope effect MODEL`: what a set of units does to a concept, with intervals, against random sets. */
import { unitsFor } from '../engine/effects/choice.ts';
import { effect } from '../engine/effects/effect.ts';
import { placement } from '../engine/effects/placement.ts';
import { selections } from '../engine/effects/selections.ts';
import type { TaskContext } from '../engine/models/context.ts';
import { Models } from '../engine/models/models.ts';
import {
  EFFECT_DEFAULTS,
  type Effect,
  type EffectParams,
  type EffectProgress,
  type EffectSettings,
  PLACEMENT_DEFAULTS,
  type Placement,
  type Selections,
  type UnitChoice,
} from '../shared/effects/effects.ts';
import { cacheFolder } from './cache.ts';
import { effectJson, effectText } from './effectText.ts';
import { badOption, modelArgument, oneOf, parse, wholeNumber } from './options.ts';
import { placementText } from './placementText.ts';
import { selectionsText } from './selectionsText.ts';
import { print, printJson, progressBar, say } from './terminal.ts';

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
  compare: { type: 'boolean' },
  placement: { type: 'boolean' },
  patch: { type: 'string' },
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
  if (values.compare && values.placement) throw badOption('Either --compare or --placement, one at a time.');
  if (values.patch !== undefined && !values.placement) throw badOption('--patch goes with --placement.');
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
    const params = { model: { path: model }, segmenter, settings, cache: cacheFolder(values) };
    const { found, text, json } = await answer(values, params, { models, signal, report: bars.update });
    bars.end();
    for (const warning of found.warnings) say(`genscope: ${warning}\n`);
    if (values.json) printJson(json);
    else print(text);
  } finally {
    bars.end();
    await models.releaseAll();
  }
}

interface Answer {
  readonly found: Effect | Selections | Placement;
  readonly text: string;
  readonly json: unknown;
}

async function answer(
  values: Values,
  params: EffectParams,
  context: TaskContext<EffectProgress>,
): Promise<Answer> {
  if (values.compare) {
    const { choice, curve: _, ...settings } = params.settings;
    if (choice.kind !== 'top' || values.rank !== undefined)
      throw badOption('--compare goes with --top 20: it chooses that many units in all three ways.');
    const found = await selections({ ...params, settings: { ...settings, count: choice.count } }, context);
    return { found, text: selectionsText(found), json: found };
  }
  if (values.placement) {
    const units = await unitsFor(params, context);
    const { choice: _, ablate, random, curve, ...settings } = params.settings;
    const patch = wholeNumber(values.patch, 'patch', PLACEMENT_DEFAULTS.patch, 1, 1024);
    const found = await placement({ ...params, settings: { ...settings, units, patch } }, context);
    return { found, text: placementText(found), json: found };
  }
  const found = await effect(params, context);
  return { found, text: effectText(found), json: effectJson(found) };
}

function settingsOf(values: Values): Omit<EffectSettings, 'layer' | 'concept' | 'choice'> {
  const { trainingSamples, trainingSeed, random, curve } = EFFECT_DEFAULTS;
  const { samples, seed, resolution } = values.placement ? PLACEMENT_DEFAULTS : EFFECT_DEFAULTS;
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
