/**
 * Mean and scatter of rows that stream by, in float64. Two parts of the rows, counted apart, merge into what the whole
 * would have given up to rounding (about 1e-15 relative). Source: Chan, Golub & LeVeque, "Updating formulae and a
 * pairwise algorithm for computing sample variances", 1979.
 */
import { addGram, mirror } from '../linalg/symmetric.ts';
import type { LinearAlgebra } from '../linalg/types.ts';

/** Rows of one product: a block of them is copied to float64. */
const BLOCK = 1024;

export interface MomentsState {
  readonly size: number;
  readonly n: number;
  /** [size] */
  readonly mean: Float64Array;
  /** Σ (x − mean)(x − mean)ᵀ, [size, size] */
  readonly scatter: Float64Array;
}

export class Moments {
  readonly size: number;
  readonly #algebra: LinearAlgebra;
  #n = 0;
  readonly #mean: Float64Array;
  /** Current on and below the diagonal; what is above is brought to it when somebody looks. */
  readonly #scatter: Float64Array;
  /** Centred rows of a block as columns, used again by the next: fresh memory costs as much as filling it. */
  #centred = new Float64Array(0);

  constructor(size: number, algebra: LinearAlgebra) {
    this.size = size;
    this.#algebra = algebra;
    this.#mean = new Float64Array(size);
    this.#scatter = new Float64Array(size * size);
  }

  get state(): MomentsState {
    mirror(this.#scatter, this.size);
    return { size: this.size, n: this.#n, mean: this.#mean, scatter: this.#scatter };
  }

  /** @param values float32 [rows, size]  @param pick rows to take, in order; all of them without it */
  async add(values: Float32Array, pick?: ArrayLike<number>): Promise<void> {
    const rows = pick?.length ?? values.length / this.size;
    for (let from = 0; from < rows; from += BLOCK) {
      await this.#block(values, from, Math.min(rows, from + BLOCK), pick);
    }
  }

  /** Another part of the rows. Which of the two comes first makes no difference beyond rounding. */
  merge(other: MomentsState): void {
    if (other.n === 0) return;
    const { size } = this;
    for (let i = 0; i < size; i++) {
      for (let j = 0, at = i * size; j <= i; j++, at++) {
        this.#scatter[at] = (this.#scatter[at] as number) + (other.scatter[at] as number);
      }
    }
    this.#shift(other.n, other.mean);
  }

  /** Scatter divided by n − 1 (NumPy's `cov`), or by n with `ddof` 0, [size, size]. */
  covariance(ddof: 0 | 1 = 1): Float64Array {
    const divisor = this.#n - ddof;
    return this.state.scatter.map((value) => value / divisor);
  }

  /** The mean of both parts, and what their distance adds to the scatter. */
  #shift(added: number, addedMean: Float64Array): void {
    const { size } = this;
    const n = this.#n + added;
    const weight = (this.#n * added) / n;
    const apart = addedMean.map((value, j) => value - (this.#mean[j] as number));
    if (weight > 0) {
      for (let i = 0; i < size; i++) {
        const factor = weight * (apart[i] as number);
        for (let j = 0, at = i * size; j <= i; j++, at++) {
          this.#scatter[at] = (this.#scatter[at] as number) + factor * (apart[j] as number);
        }
      }
    }
    for (let j = 0; j < size; j++) {
      this.#mean[j] = (this.#mean[j] as number) + ((apart[j] as number) * added) / n;
    }
    this.#n = n;
  }

  async #block(
    values: Float32Array,
    from: number,
    to: number,
    pick: ArrayLike<number> | undefined,
  ): Promise<void> {
    const { size } = this;
    const n = to - from;
    const mean = new Float64Array(size);
    for (let i = 0; i < n; i++) {
      const row = (pick === undefined ? from + i : (pick[from + i] as number)) * size;
      for (let j = 0; j < size; j++) mean[j] = (mean[j] as number) + (values[row + j] as number);
    }
    for (let j = 0; j < size; j++) mean[j] = (mean[j] as number) / n;
    if (this.#centred.length < n * size) this.#centred = new Float64Array(n * size);
    const centred = this.#centred.subarray(0, n * size);
    // Tiles of a few rows, so that the columns that are written stay in the cache.
    for (let tile = 0; tile < n; tile += 8) {
      const end = Math.min(n, tile + 8);
      for (let j = 0; j < size; j++) {
        const middle = mean[j] as number;
        for (let i = tile; i < end; i++) {
          const row = pick === undefined ? from + i : (pick[from + i] as number);
          centred[j * n + i] = (values[row * size + j] as number) - middle;
        }
      }
    }
    await addGram(this.#scatter, centred, size, n, this.#algebra);
    this.#shift(n, mean);
  }
}

/** What is left of the whole without one of its parts. */
export function without(whole: MomentsState, part: MomentsState): MomentsState {
  const { size } = whole;
  const n = whole.n - part.n;
  const mean = whole.mean.map((value, j) => (value * whole.n - (part.mean[j] as number) * part.n) / n);
  const apart = part.mean.map((value, j) => value - (mean[j] as number));
  const weight = (n * part.n) / whole.n;
  const scatter = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const factor = weight * (apart[i] as number);
    for (let j = 0; j < size; j++) {
      const at = i * size + j;
      scatter[at] =
        (whole.scatter[at] as number) - (part.scatter[at] as number) - factor * (apart[j] as number);
    }
  }
  return { size, n, mean, scatter };
}
