/**
 * Samples straight from seeds. `each`: sample i is `randn(1, d)` of a generator seeded seed + i (stylegan2-ada
 * and stylegan3 `generate.py --seeds`). `stream`: one generator, one draw `randn(N, d)` (gandissect `netdissect/zdataset.py`).
 */
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { classOf, type LatentPlan, type LatentSource } from '../../shared/samples/latents.ts';
import { checkClass } from './classes.ts';
import { createRandom, drawComponents } from './draw.ts';
import type { SampleMaker } from './sampleMaker.ts';
import { checkSeed, checkSeedRange } from './seeds.ts';
import { drawsInChunks, StreamChunks } from './streamChunks.ts';

type SeedsPlan = Extract<LatentPlan, { kind: 'seeds' }>;
type PicksPlan = Extract<LatentPlan, { kind: 'picks' }>;

/** Throws `input.invalid` for seeds or classes that do not exist. */
export function seededSamples(plan: SeedsPlan, size: number, classes: number): SampleMaker {
  const { source, seed, count } = plan;
  const isStream = source.layout === 'stream';
  if (isStream) checkSeed(seed);
  else checkSeedRange(seed, count);
  if (plan.classes !== 'all') checkClass(plan.classes, classes);
  const ofSeed = isStream ? undefined : latentOfSeed(source, size);
  const ofStream = isStream ? streamOf(source, seed, count, size) : undefined;
  return {
    latent: (i) => ofSeed?.(seed + i) ?? ofStream?.(i) ?? new Float32Array(size),
    ingredients: (i) => [
      { seed: isStream ? null : seed + i, classIndex: classOf(seed + i, plan.classes, classes), weight: 1 },
    ],
    nearestSeed: (i) => seed + i,
  };
}

/** The same samples, by their places. Throws `input.invalid` for a place that the plan has not. */
export function pickedSamples(plan: PicksPlan, size: number, classes: number): SampleMaker {
  const { indices, ...rest } = plan;
  const all = seededSamples({ ...rest, kind: 'seeds' }, size, classes);
  const wrong = indices.find((index) => !Number.isInteger(index) || index < 0 || index >= plan.count);
  if (wrong !== undefined) {
    throw new GenscopeError(
      'input.invalid',
      `There is no sample ${wrong} among ${plan.count}.`,
      'Choose places that the plan has.',
    );
  }
  const place = (i: number) => indices[i] as number;
  return {
    latent: (i) => all.latent(place(i)),
    ingredients: (i) => all.ingredients(place(i)),
    nearestSeed: (i) => all.nearestSeed(place(i)),
  };
}

/** seed → its latent as the panel shows it, float32 [size]. One generator is seeded again and again: a new one costs more. */
export function latentOfSeed(source: LatentSource, size: number): (seed: number) => Float32Array {
  const random = createRandom(source.rng, 0);
  return (seed) => {
    random.seed(seed);
    return drawComponents(random, source, size);
  };
}

/** i → row i of one draw (count, size): the whole of it at once, or chunk by chunk where that gives the same numbers. */
function streamOf(
  source: LatentSource,
  seed: number,
  count: number,
  size: number,
): (i: number) => Float32Array {
  if (drawsInChunks(source, count * size)) {
    const chunks = new StreamChunks(source, seed, size);
    return (i) => chunks.row(i);
  }
  let all: Float32Array | undefined;
  return (i) => {
    all ??= drawComponents(createRandom(source.rng, seed), source, count * size);
    return all.subarray(i * size, (i + 1) * size);
  };
}
