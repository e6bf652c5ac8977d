/** The effect of a unit set on held-out samples, against sets drawn at random. */
import { areaSeries } from '../../algorithms/effects/areas.ts';
import { effectOf, meanWithInterval } from '../../algorithms/effects/effect.ts';
import { NumpyRandom } from '../../algorithms/latent/numpyRandom.ts';
import type { ConceptEffect, Effect } from '../../shared/effects/effects.ts';
import type { LatentPlan } from '../../shared/samples/latents.ts';
import type { AreaRunner, Condition } from './areaRunner.ts';
import { replaced } from './changes.ts';

export interface Measurement {
  readonly runner: AreaRunner;
  readonly plan: LatentPlan;
  readonly samples: number;
  readonly units: readonly number[];
  /** Units of the layer. */
  readonly width: number;
  /** Names of all concepts, and which of them are meant. */
  readonly names: readonly string[];
  readonly chosen: readonly number[];
  /** What ablated and inserted units are set to, [width]. */
  readonly off: ArrayLike<number>;
  readonly on: ArrayLike<number>;
  readonly random: number;
  readonly curve: number;
  readonly seed: number;
}

export type Measured = Pick<Effect, 'concepts' | 'random' | 'curve'>;

/** How many conditions `measure` runs each sample under. */
export function conditionCount({
  units,
  random,
  curve,
}: Pick<Measurement, 'units' | 'random' | 'curve'>): number {
  return 3 + 2 * random + Math.min(curve, units.length);
}

export async function measure(asked: Measurement): Promise<Measured> {
  const { runner, plan, samples, units, width, names, chosen, off, on } = asked;
  const sets = randomSets(width, units.length, asked.random, asked.seed);
  const curve = Array.from({ length: Math.min(asked.curve, units.length) }, (_, n) => units.slice(0, n + 1));
  const without = (set: readonly number[]): Condition => replaced(width, set, off);
  const places = Array.from({ length: samples }, (_, i) => i);
  const areas = await runner.areas(plan, places, [
    ...[null, without(units), replaced(width, units, on)],
    ...sets.map(without),
    ...sets.map((set) => replaced(width, set, on)),
    ...curve.map(without),
  ]);
  const series = (condition: number, of = chosen) =>
    areaSeries(areas[condition] as Float64Array, names.length, of);
  const figures = (concept: string, of: readonly number[]): ConceptEffect => ({
    concept,
    ...effectOf(series(0, of), series(1, of), series(2, of)),
  });
  const isAlone = (c: number) => chosen.length === 1 && chosen[0] === c;
  const own = figures(chosen.map((c) => names[c]).join('+'), chosen);
  const means = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => meanWithInterval(series(from + i)));
  const ablated = means(3, sets.length).map(({ mean }) => mean);
  return {
    concepts: [own, ...names.flatMap((name, c) => (isAlone(c) ? [] : [figures(name, [c])]))],
    random: {
      ablated,
      inserted: means(3 + sets.length, sets.length).map(({ mean }) => mean),
      removed: ablated.map((area) => (own.before.mean > 0 ? 1 - area / own.before.mean : 0)),
    },
    curve: curve.length > 0 ? [own.before, ...means(3 + 2 * sets.length, curve.length)] : [],
  };
}

/** `count` sets of `size` different units each, from a generator seeded for this alone. */
export function randomSets(width: number, size: number, count: number, seed: number): number[][] {
  const random = new NumpyRandom([seed, 0x5e75]);
  return Array.from({ length: count }, () => {
    const order = random.uniforms(width);
    return Array.from(order, (_, unit) => unit)
      .sort((a, b) => (order[a] as number) - (order[b] as number))
      .slice(0, size);
  });
}
