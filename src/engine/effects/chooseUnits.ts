/** Which units to switch: by their agreement with a concept, by what each removes alone, or greedily as a set. */
import { areaSeries } from '../../algorithms/effects/areas.ts';
import { lazyGreedy } from '../../algorithms/effects/greedy.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { LatentPlan } from '../../shared/samples/latents.ts';
import type { AreaRunner } from './areaRunner.ts';
import { replaced } from './changes.ts';
import type { Study } from './study.ts';

/** Samples that effects of single units are measured on: those that show most of the concept. */
const MEASURED_ON = 48;
/** Candidates of the greedy choice for each unit wanted. */
const CANDIDATES = 3;

export interface Chooser {
  readonly runner: AreaRunner;
  readonly plan: LatentPlan;
  /** Samples of the plan to choose on. */
  readonly samples: number;
  readonly units: number;
  readonly concepts: number;
  readonly chosen: readonly number[];
  /** What ablated units are set to, [units]. */
  readonly off: ArrayLike<number>;
}

/** On the training samples. */
export function chooserOf(study: Study, off: Float64Array): Chooser {
  const { params, runner, layer, names, chosen } = study;
  const { trainingSeed, trainingSamples: samples } = params.settings;
  return {
    ...{ runner, plan: study.plan(trainingSeed, samples), samples, units: layer.units },
    ...{ concepts: names.length, chosen, off },
  };
}

export interface SingleEffects {
  /** All units, that which removes most first. */
  readonly units: readonly number[];
  /** Share of the area that each removes, in that order. */
  readonly gains: readonly number[];
  /** Samples that this was measured on. */
  readonly places: readonly number[];
}

/** Pictures that a choice may take at most: all units alone, and, for a greedy one of `count`, its trials. */
export function mostTrials({ samples, units }: Chooser, count: number): number {
  const measured = Math.min(samples, MEASURED_ON);
  return samples + (units + 1) * measured + count * CANDIDATES * 2 * measured;
}

/**
 * Units ordered by the share of the concept's area that each removes alone.
 * @throws GenscopeError `input.invalid` for a concept that the training samples do not show
 */
export async function byEffect(chooser: Chooser): Promise<SingleEffects> {
  const { runner, plan, units, off } = chooser;
  const places = await placesWithConcept(chooser);
  const sets = Array.from({ length: units }, (_, unit) => replaced(units, [unit], off));
  const [before, ...after] = await runner.areas(plan, places, [null, ...sets]);
  const whole = totalArea(chooser, before);
  const gains = after.map((areas) => (whole - totalArea(chooser, areas)) / whole);
  const order = gains
    .map((_, unit) => unit)
    .sort((a, b) => (gains[b] as number) - (gains[a] as number) || a - b);
  return { units: order, gains: order.map((unit) => gains[unit] as number), places };
}

/** The first `count` units of a greedy choice among those that remove most alone. */
export async function greedily(chooser: Chooser, single: SingleEffects, count: number): Promise<number[]> {
  const { runner, plan, units, off } = chooser;
  const most = Math.min(units, Math.max(count * CANDIDATES, count));
  const [before] = await runner.areas(plan, single.places, [null]);
  const whole = totalArea(chooser, before);
  const { units: set } = await lazyGreedy(
    single.units.slice(0, most),
    single.gains.slice(0, most),
    count,
    async (trial) => {
      const [after] = await runner.areas(plan, single.places, [replaced(units, trial, off)]);
      return (whole - totalArea(chooser, after)) / whole;
    },
  );
  return set;
}

async function placesWithConcept(chooser: Chooser): Promise<number[]> {
  const { runner, plan, samples, concepts, chosen } = chooser;
  const all = Array.from({ length: samples }, (_, i) => i);
  const [areas] = await runner.areas(plan, all, [null]);
  const series = areaSeries(areas as Float64Array, concepts, chosen);
  const shown = all.filter((i) => (series[i] as number) > 0);
  if (shown.length === 0) {
    throw new GenscopeError(
      'input.invalid',
      `None of the ${samples} samples shows the concept, so no unit can be chosen for it.`,
      'Choose another concept, or more training samples.',
    );
  }
  return shown
    .sort((a, b) => (series[b] as number) - (series[a] as number) || a - b)
    .slice(0, MEASURED_ON)
    .sort((a, b) => a - b);
}

function totalArea({ concepts, chosen }: Chooser, areas: Float64Array | undefined): number {
  return areaSeries(areas ?? new Float64Array(), concepts, chosen).reduce((sum, area) => sum + area, 0);
}
