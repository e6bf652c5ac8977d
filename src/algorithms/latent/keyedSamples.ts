/**
 * Samples between keys: a path or a grid. A key is the sample that the panel shows for its seed, so its latent
 * is drawn `each`, whatever the plan's layout says; classes mix linearly (bilinearly across a grid).
 */
import type { LatentKey, LatentPlan } from '../../shared/samples/latents.ts';
import { checkClass } from './classes.ts';
import { acrossGrid, between, type Corners, gridPosition, pathPosition } from './interpolation.ts';
import type { Ingredient, SampleMaker } from './sampleMaker.ts';
import { latentOfSeed } from './seededSamples.ts';
import { checkSeed } from './seeds.ts';

type PathPlan = Extract<LatentPlan, { kind: 'path' }>;
type GridPlan = Extract<LatentPlan, { kind: 'grid' }>;

/** Throws `input.invalid` for seeds or classes that do not exist. */
export function pathSamples(plan: PathPlan, size: number, classes: number): SampleMaker {
  const { keys, steps, method, loop } = plan;
  const latent = keyLatents(plan, keys, size, classes);
  const shares = (i: number): Share[] => {
    const { from, to, t } = pathPosition(i, steps, keys.length, loop);
    return [
      [from, 1 - t],
      [to, t],
    ];
  };
  return {
    latent: (i) => {
      const { from, to, t } = pathPosition(i, steps, keys.length, loop);
      return between(method, latent(from), latent(to), t);
    },
    ingredients: (i) => mixture(keys, classes, shares(i)),
    nearestSeed: (i) => nearest(keys, shares(i)),
  };
}

/** Throws `input.invalid` for seeds or classes that do not exist. */
export function gridSamples(plan: GridPlan, size: number, classes: number): SampleMaker {
  const { corners, rows, columns, method } = plan;
  const latent = keyLatents(plan, corners, size, classes);
  const shares = (i: number): Share[] => {
    const { u, v } = gridPosition(i, rows, columns);
    return [...[(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v].entries()];
  };
  return {
    latent: (i) => {
      const { u, v } = gridPosition(i, rows, columns);
      const latents: Corners<Float32Array> = [latent(0), latent(1), latent(2), latent(3)];
      return acrossGrid(method, latents, u, v);
    },
    ingredients: (i) => mixture(corners, classes, shares(i)),
    nearestSeed: (i) => nearest(corners, shares(i)),
  };
}

/** key number → its latent, float32 [size], drawn when first asked for and kept. */
function keyLatents(
  plan: PathPlan | GridPlan,
  keys: readonly LatentKey[],
  size: number,
  classes: number,
): (index: number) => Float32Array {
  for (const { seed, classIndex } of keys) {
    checkSeed(seed);
    checkClass(classIndex, classes);
  }
  const draw = latentOfSeed(plan.source, size);
  const drawn = new Map<number, Float32Array>();
  return (index) => {
    const seed = (keys[index] as LatentKey).seed;
    const latent = drawn.get(seed) ?? draw(seed);
    drawn.set(seed, latent);
    return latent;
  };
}

/** A key's number and its share, in [0, 1]. */
type Share = readonly [index: number, weight: number];

function mixture(keys: readonly LatentKey[], classes: number, shares: readonly Share[]): Ingredient[] {
  return shares
    .filter(([, weight]) => weight > 0)
    .map(([index, weight]) => {
      const { seed, classIndex } = keys[index] as LatentKey;
      return { seed, classIndex: classes > 0 ? classIndex : null, weight };
    });
}

/** The seed of the key with the largest share; of several, the first. */
function nearest(keys: readonly LatentKey[], shares: readonly Share[]): number {
  const [index] = shares.reduce((best, share) => (share[1] > best[1] ? share : best));
  return (keys[index] as LatentKey).seed;
}
