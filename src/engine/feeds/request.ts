import type { NoiseMode } from '../../shared/protocol.ts';

/** What a run is asked for: the samples, before it is known how the graph's inputs want them. */
export interface FeedRequest {
  readonly count: number;
  /** Rows of a run where the file fixes them, `count` or more: what is missing is the last sample again. 1 without it. */
  readonly fixedRows?: number;
  /** [count, latentSize] */
  readonly latents: Float32Array;
  /** [count, classes], rows sum to 1; empty for a generator without classes. */
  readonly classWeights: Float32Array;
  /** The seed of each sample; null along interpolations. */
  readonly seeds: readonly (number | null)[];
  /** For what cannot be mixed, such as codes: the seed of the nearest key. Without it, `seeds`, and 0 for null. */
  readonly nearestSeeds?: readonly number[];
  readonly noise: NoiseMode;
  readonly truncation: number;
}
