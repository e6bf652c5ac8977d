/** `selections`: three ways of choosing units for a concept, side by side, judged on samples none of them has seen. */
import { areaSeries } from '../../algorithms/effects/areas.ts';
import { removedShare } from '../../algorithms/effects/effect.ts';
import type {
  EffectProgress,
  Selection,
  Selections,
  SelectionsParams,
  UnitRanking,
} from '../../shared/effects/effects.ts';
import type { TaskContext } from '../models/context.ts';
import { byAgreement } from './byAgreement.ts';
import { replaced } from './changes.ts';
import { byEffect, chooserOf, greedily, mostTrials } from './chooseUnits.ts';
import { randomSets } from './measure.ts';
import { Study, valuesOff } from './study.ts';

/** Sizes at which random sets are measured, besides 0. */
const SIZES = 4;

/** @throws GenscopeError as `effect`; `input.invalid` for a concept that no training sample shows */
export async function selections(
  params: SelectionsParams,
  context: TaskContext<EffectProgress>,
): Promise<Selections> {
  const started = performance.now();
  const { settings, cache } = params;
  const study = await Study.open(params, context);
  try {
    const means = await study.means();
    const off = valuesOff(settings, means);
    const chosen = await chooseAll(study, off, Math.min(settings.count, study.layer.units), cache);
    const measured = await judge(study, off, chosen, params);
    return {
      ...{ schema: 1, ...(await study.about()), settings, layer: study.layer.name, concept: study.concept },
      ...{ ...measured, ms: performance.now() - started, warnings: study.warnings(means) },
    };
  } finally {
    await study.release();
  }
}

type Chosen = readonly { readonly rank: UnitRanking; readonly units: readonly number[] }[];

async function chooseAll(
  study: Study,
  off: Float64Array,
  count: number,
  cache: string | null,
): Promise<Chosen> {
  const agreeing = await byAgreement(study, cache);
  const chooser = chooserOf(study, off);
  study.progress.begin('choosing', mostTrials(chooser, count));
  const single = await byEffect(chooser);
  return [
    { rank: 'iou', units: agreeing.slice(0, count) },
    { rank: 'effect', units: single.units.slice(0, count) },
    { rank: 'greedy', units: await greedily(chooser, single, count) },
  ];
}

/** The first 0, 1, … units of each, and of random orders, ablated in the held-out samples. */
async function judge(
  study: Study,
  off: Float64Array,
  choices: Chosen,
  { settings }: SelectionsParams,
): Promise<Pick<Selections, 'selections' | 'random'>> {
  const { runner, layer, names, chosen } = study;
  const { samples, seed, random } = settings;
  const count = choices[0]?.units.length ?? 0;
  const draws = randomSets(layer.units, count, random, seed);
  const sizes = randomSizes(count);
  const sets = new Sets();
  const prefixes = choices.map(({ units }) => units.map((_, n) => sets.add(units.slice(0, n + 1))));
  const drawn = sizes.map((size) => draws.map((units) => sets.add(units.slice(0, size))));
  study.progress.begin('measuring', samples * (1 + sets.all.length));
  const places = Array.from({ length: samples }, (_, i) => i);
  const [before, ...after] = await runner.areas(study.plan(seed, samples), places, [
    null,
    ...sets.all.map((units) => replaced(layer.units, units, off)),
  ]);
  const series = (areas: Float64Array | undefined) =>
    areaSeries(areas ?? new Float64Array(), names.length, chosen);
  const whole = series(before);
  const removed = (set: number) => removedShare(whole, series(after[set]));
  return {
    selections: choices.map(
      ({ rank, units }, i): Selection => ({
        ...{ rank, units },
        removed: [removedShare(whole, whole), ...(prefixes[i] ?? []).map(removed)],
      }),
    ),
    random:
      random === 0
        ? []
        : [
            { units: 0, mean: 0, lowest: 0, highest: 0 },
            ...sizes.map((units, i) => ({
              units,
              ...spread((drawn[i] ?? []).map((set) => removed(set).mean)),
            })),
          ],
  };
}

/** Evenly spread up to `count`, each once. */
function randomSizes(count: number): number[] {
  const sizes = Array.from({ length: SIZES }, (_, i) => Math.round((count * (i + 1)) / SIZES));
  return [...new Set(sizes)].filter((size) => size > 0);
}

function spread(values: readonly number[]): { mean: number; lowest: number; highest: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, lowest: Math.min(...values), highest: Math.max(...values) };
}

/** Sets of units, each measured once: the three choices often begin alike. */
class Sets {
  readonly all: (readonly number[])[] = [];
  readonly #known = new Map<string, number>();

  /** @returns its place */
  add(units: readonly number[]): number {
    const key = [...units].sort((a, b) => a - b).join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, this.all.length);
    return this.all.push(units) - 1;
  }
}
