/** One kind of plan, sample by sample; `plan.ts` turns it into batches. */

/** A key that a sample is made from, with its share. */
export interface Ingredient {
  /** The seed whose latent this is in the panel; null when no single seed makes it. */
  readonly seed: number | null;
  /** The class index; null for a generator without classes. */
  readonly classIndex: number | null;
  /** Share in the sample's class, in [0, 1]; the shares of one sample sum to 1. */
  readonly weight: number;
}

export interface SampleMaker {
  /** The latent of sample i, float32 [size]; not to be written to. */
  latent(i: number): Float32Array;
  ingredients(i: number): readonly Ingredient[];
  /** The seed of what is drawn beside the latent and cannot be mixed: its own, or that of the nearest key. */
  nearestSeed(i: number): number;
}
