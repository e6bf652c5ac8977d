/** What a score is: a pure function of features, with words about what it is good for. */
import type { ScoreDescription, ScoreValue } from '../../shared/scores/scores.ts';
import type { LinearAlgebra } from '../linalg/types.ts';

export type { LinearAlgebra };

/** float32 [rows, columns], row by row. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
  /** Such as `float64`: set by who read them where some of them are no float32 numbers; scores then say so. */
  readonly roundedFrom?: string | undefined;
}

/** Mean [d] and covariance [d, d] of features. */
export interface Statistics {
  readonly size: number;
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
  /** Rows they were computed from; null where a file does not say. */
  readonly n: number | null;
}

/** One side of a comparison. A reference may be statistics alone. */
export interface Side {
  readonly features: Matrix | null;
  readonly statistics: Statistics | null;
  /** Logits [rows, classes], where the extractor has them. */
  readonly logits: Matrix | null;
  /** Class asked of the generator, or given with the reference, per row; null where there are none. */
  readonly labels: Int32Array | null;
}

export interface ScoreInputs {
  readonly generated: Side;
  /** Null for scores that need no reference. */
  readonly reference: Side | null;
  readonly seed: number;
  readonly options: Readonly<Record<string, number | string>>;
  readonly algebra: LinearAlgebra;
  /** Kept between scores of one pair of sides: statistics, neighbours, cluster labels. A new pair needs a new map. */
  readonly shared: Map<string, unknown>;
  /** Kept as long as the reference: its factor, its radii. The same map again spares them for another generated side. */
  readonly sharedReference: Map<string, unknown>;
  readonly signal: AbortSignal;
  /** 0…1. */
  readonly report: (share: number) => void;
}

/** What it measures, what it is known to be good and bad at (Borji 2019, 2022), and how it is computed. */
export interface ScoreDefinition extends ScoreDescription {
  /** Names of what may be set beside `interval`, which all of them have; any other is refused before work begins. */
  readonly options: readonly string[];
  /**
   * Groups of the interval depend on the number of rows alone, so that two runs of the same latents can be compared
   * group by group (difference.ts).
   *
   * @throws GenscopeError `input.invalid` where the inputs cannot give it (too few rows, NaN)
   */
  compute(inputs: ScoreInputs): Promise<readonly ScoreValue[]>;
}
