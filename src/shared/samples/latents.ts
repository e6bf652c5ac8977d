/**
 * Latent plans: which latents a set of samples is made from, as plain data. A plan plus a generator decides
 * every pixel, so plans travel from page to engine, into file names, and into the code that *Copy Latent* gives.
 */

/** Whose random numbers: NumPy's legacy `RandomState` or `torch.manual_seed` on the CPU. */
export type Rng = 'numpy' | 'torch';

/**
 * `each`: sample i is the draw `(1, d)` of a generator seeded with seed + i (StyleGAN's convention).
 * `stream`: one generator, one draw `(N, d)` (what dissection and scores use).
 */
export type RngLayout = 'each' | 'stream';

/** N(0,1), U(-1,1) or U(0,1). */
export type Distribution = 'normal' | 'uniform' | 'uniform01';

export type Truncation =
  | { readonly mode: 'none' }
  /** Components with |z| > threshold are drawn again. */
  | { readonly mode: 'resample'; readonly threshold: number }
  /** BigGAN's truncnorm(-2, 2) · scale: another distribution than `resample`. */
  | { readonly mode: 'truncnorm'; readonly scale: number }
  /** w ← w̄ + ψ(w − w̄), where the graph has a mapping network. */
  | { readonly mode: 'psi'; readonly psi: number }
  /** The graph's own scalar truncation input. */
  | { readonly mode: 'input'; readonly value: number };

export interface LatentSource {
  readonly rng: Rng;
  readonly layout: RngLayout;
  readonly distribution: Distribution;
  readonly truncation: Truncation;
}

/** `all`: the sample with seed s gets class s mod K, so a picture stays a function of its seed. */
export type ClassChoice = 'all' | number;

/** One key point of an interpolation: the sample that the panel shows for this seed. */
export interface LatentKey {
  readonly seed: number;
  /** The class index; null for a generator without classes. */
  readonly classIndex: number | null;
}

export type Interpolation = 'slerp' | 'lerp';

export type LatentPlan =
  | {
      readonly kind: 'seeds';
      readonly source: LatentSource;
      readonly seed: number;
      readonly count: number;
      readonly classes: ClassChoice;
    }
  /** Some samples of a `seeds` plan, by their places in it, in this order. */
  | {
      readonly kind: 'picks';
      readonly source: LatentSource;
      readonly seed: number;
      readonly count: number;
      readonly classes: ClassChoice;
      readonly indices: readonly number[];
    }
  /** `steps` frames from the first key through every other; `loop` returns to the first. */
  | {
      readonly kind: 'path';
      readonly source: LatentSource;
      readonly keys: readonly LatentKey[];
      readonly steps: number;
      readonly method: Interpolation;
      readonly loop: boolean;
    }
  /** rows × columns between four corners: top-left, top-right, bottom-left, bottom-right. */
  | {
      readonly kind: 'grid';
      readonly source: LatentSource;
      readonly corners: readonly [LatentKey, LatentKey, LatentKey, LatentKey];
      readonly rows: number;
      readonly columns: number;
      readonly method: Interpolation;
    };

export const DEFAULT_SOURCE: LatentSource = {
  rng: 'numpy',
  layout: 'each',
  distribution: 'normal',
  truncation: { mode: 'none' },
};

/** How many samples a plan makes. */
export function planCount(plan: LatentPlan): number {
  if (plan.kind === 'seeds') return plan.count;
  if (plan.kind === 'picks') return plan.indices.length;
  if (plan.kind === 'path') return plan.steps;
  return plan.rows * plan.columns;
}

/** The class of the sample with this seed under a choice; null for a generator without classes. */
export function classOf(seed: number, choice: ClassChoice, classes: number): number | null {
  if (classes <= 0) return null;
  return choice === 'all' ? ((seed % classes) + classes) % classes : choice;
}
