/** From a latent plan, which is data, to latents and class weights, a batch at a time. */
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { type LatentPlan, planCount } from '../../shared/samples/latents.ts';
import { gridSamples, pathSamples } from './keyedSamples.ts';
import type { SampleMaker } from './sampleMaker.ts';
import { pickedSamples, seededSamples } from './seededSamples.ts';
import { checkTruncation } from './truncation.ts';

export interface SampleDescription {
  /** The seed that makes this very latent in the panel; null between keys, and in a `stream`, where no seed of its own does. */
  readonly seed: number | null;
  /** Null between classes, or for a generator without classes. */
  readonly classIndex: number | null;
}

export interface PlannedLatents {
  /** How many samples the plan makes. */
  readonly count: number;
  /** Latents of samples `offset` … `offset + count − 1`, float32 [count, size]: the same whatever the batching. */
  rows(offset: number, count: number): Float32Array;
  /** Their classes, float32 [count, classes], rows summing to 1: one-hot, or mixed between keys. Empty without classes. */
  classWeights(offset: number, count: number): Float32Array;
  describe(i: number): SampleDescription;
  /** For what cannot be mixed, such as codes: the seed of the nearest key; in a `stream`, first seed + i. */
  nearestSeed(i: number): number;
}

/**
 * The latents of a plan for a generator with latents of `size` components and `classes` classes (0: none).
 * Nothing is drawn before the first `rows`. Throws `input.invalid` for a plan that cannot be drawn: seeds outside
 * 0…2^32 − 1 (seed + i included), classes the generator has not, no samples, an impossible truncation; and
 * RangeError from the three functions for samples the plan has not.
 */
export function planLatents(plan: LatentPlan, size: number, classes: number): PlannedLatents {
  const count = planCount(plan);
  checkPlan(plan, count);
  const maker = makerOf(plan, size, classes);
  const table = (offset: number, n: number, width: number, fill: (row: Float32Array, i: number) => void) => {
    checkRange(offset, n, count);
    const out = new Float32Array(n * width);
    for (let k = 0; k < n; k++) fill(out.subarray(k * width, (k + 1) * width), offset + k);
    return out;
  };
  return {
    count,
    rows: (offset, n) => table(offset, n, size, (row, i) => row.set(maker.latent(i))),
    classWeights: (offset, n) => table(offset, n, classes, (row, i) => addClasses(row, maker, i)),
    nearestSeed: (i) => {
      checkRange(i, 1, count);
      return maker.nearestSeed(i);
    },
    describe: (i) => {
      checkRange(i, 1, count);
      const ingredients = maker.ingredients(i);
      return {
        seed: agreed(ingredients.map((key) => key.seed)),
        classIndex: agreed(ingredients.map((key) => key.classIndex)),
      };
    },
  };
}

function makerOf(plan: LatentPlan, size: number, classes: number): SampleMaker {
  if (plan.kind === 'seeds') return seededSamples(plan, size, classes);
  if (plan.kind === 'picks') return pickedSamples(plan, size, classes);
  if (plan.kind === 'path') return pathSamples(plan, size, classes);
  return gridSamples(plan, size, classes);
}

function addClasses(row: Float32Array, maker: SampleMaker, i: number): void {
  for (const { classIndex, weight } of maker.ingredients(i)) {
    if (classIndex !== null) row[classIndex] = (row[classIndex] as number) + weight;
  }
}

/** The value that all have in common, else null. */
function agreed(values: readonly (number | null)[]): number | null {
  const [first = null, ...others] = values;
  return others.every((value) => value === first) ? first : null;
}

function checkPlan(plan: LatentPlan, count: number): void {
  if (!Number.isInteger(count) || count < 1) {
    throw new GenscopeError(
      'input.invalid',
      'There is nothing to draw in this plan.',
      'Ask for one sample or more.',
    );
  }
  if (plan.kind === 'path' && plan.keys.length === 0) {
    throw new GenscopeError(
      'input.invalid',
      'There is no key to interpolate between.',
      'Select one sample or more.',
    );
  }
  checkTruncation(plan.source);
}

function checkRange(offset: number, n: number, count: number): void {
  if (Number.isInteger(offset) && Number.isInteger(n) && offset >= 0 && n >= 0 && offset + n <= count) return;
  throw new RangeError(`Samples ${offset} to ${offset + n - 1} of a plan of ${count}.`);
}
