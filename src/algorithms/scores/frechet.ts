/**
 * The Fréchet distance of two Gaussians, ‖μ₁ − μ₂‖² + Tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½), and the distances of many subsets of the
 * same rows to one reference, which the jackknife and the extrapolation to N = ∞ need.
 * Source: Dowson & Landau 1982; Heusel et al. 2017 (arXiv 1706.08500); mseitzer/pytorch-fid (Σ divided by n − 1).
 */

import type { Factor } from '../linalg/cholesky.ts';
import { symmetricEigenvalues } from '../linalg/eigenvalues.ts';
import { choleskyFactor } from '../linalg/plainCholesky.ts';
import { Spectrum } from '../linalg/spectral.ts';
import { addGram, congruence, mirror } from '../linalg/symmetric.ts';
import { sumOfRoots, traceWithFactors } from '../linalg/traceSqrt.ts';
import type { LinearAlgebra } from '../linalg/types.ts';
import { Moments, type MomentsState } from '../stats/moments.ts';
import type { Matrix, Statistics } from './types.ts';

/** The terms of a distance, so that another divisor of Σ costs nothing. */
export interface FrechetParts {
  /** ‖μ₁ − μ₂‖² */
  readonly means: number;
  readonly traceGenerated: number;
  readonly traceReference: number;
  /** Tr (Σ₁Σ₂)^½ */
  readonly root: number;
  readonly n: number;
  /** Null where the reference's statistics do not say. */
  readonly nReference: number | null;
}

/** Covariances divided by n − ddof (those of a reference of unknown n stay as they are). */
export function frechet(parts: FrechetParts, ddof: 0 | 1): number {
  const generated = ddof === 1 ? 1 : (parts.n - 1) / parts.n;
  const reference = ddof === 1 || parts.nReference === null ? 1 : (parts.nReference - 1) / parts.nReference;
  return (
    parts.means +
    generated * parts.traceGenerated +
    reference * parts.traceReference -
    2 * Math.sqrt(generated * reference) * parts.root
  );
}

export interface FrechetReference {
  readonly statistics: Statistics;
  readonly trace: number;
  /** Σ₂ = L·Lᵀ, L [d, rank] */
  readonly factor: Factor;
}

export async function frechetReference(
  statistics: Statistics,
  algebra: LinearAlgebra,
): Promise<FrechetReference> {
  const { size, covariance } = statistics;
  return {
    statistics,
    trace: trace(covariance, size),
    factor: await choleskyFactor(covariance, size, algebra),
  };
}

/** The distance itself: exact for singular covariances on either side. */
export async function frechetParts(
  generated: Statistics,
  reference: FrechetReference,
  algebra: LinearAlgebra,
): Promise<FrechetParts> {
  return (await frechetSpectrum(generated, reference, algebra)).parts;
}

/**
 * The distance, and the spectrum of LᵀΣ₁L that it came from; null where there are too few rows for the reference's rank.
 * Where Σ₁ lacks directions that the reference has, roots of what rounding leaves there would add up, and the lower of
 * the two ranks is taken instead (traceSqrt.ts).
 */
export async function frechetSpectrum(
  generated: Statistics,
  reference: FrechetReference,
  algebra: LinearAlgebra,
): Promise<{ readonly parts: FrechetParts; readonly spectrum: Spectrum | null }> {
  const { factor } = reference;
  const { size, covariance } = generated;
  let spectrum: Spectrum | null = null;
  if (factor.rank > 0 && (generated.n === null || generated.n - 1 >= factor.rank)) {
    spectrum = await Spectrum.of(await congruence(factor, covariance, size, algebra), factor.rank, algebra);
    const [least, largest] = [spectrum.values[0] as number, spectrum.values[factor.rank - 1] as number];
    if (least > factor.rank * Number.EPSILON * largest)
      return { parts: partsOf(generated, reference, sumOfRoots(spectrum.values)), spectrum };
  }
  const root = await traceWithFactors(
    { matrix: covariance, factor: await choleskyFactor(covariance, size, algebra) },
    { matrix: reference.statistics.covariance, factor },
    size,
    algebra,
  );
  return { parts: partsOf(generated, reference, root), spectrum };
}

/**
 * The same of few rows: with X centred and Y = X·L the eigenvalues of Σ₁Σ₂ are those of YYᵀ/(n − 1), [n, n]. The mean takes
 * one direction; where rounding finds others without any spread, the root is that of the lower rank all the same.
 */
export async function frechetOfRows(
  features: Matrix,
  generated: Statistics,
  reference: FrechetReference,
  subsets: FrechetSubsets,
  algebra: LinearAlgebra,
): Promise<{ readonly parts: FrechetParts; readonly spectrum: Spectrum }> {
  const n = features.rows;
  const spectrum = await Spectrum.of(await subsets.wholeGram(), n, algebra);
  const { values } = spectrum;
  const nothing = n * Number.EPSILON * (values[n - 1] as number);
  if ((values[1] as number) > nothing) {
    return { parts: partsOf(generated, reference, sumOfRoots(values.subarray(1))), spectrum };
  }
  return { parts: await frechetParts(generated, reference, algebra), spectrum };
}

function partsOf(generated: Statistics, reference: FrechetReference, root: number): FrechetParts {
  return {
    means: squaredDistance(generated.mean, reference.statistics.mean),
    traceGenerated: trace(generated.covariance, generated.size),
    traceReference: reference.trace,
    root,
    n: generated.n ?? 0,
    nReference: reference.statistics.n,
  };
}

/** Rows for each direction up to which the Gram matrix of all is made for subsets of fewer. */
const MOST_ROWS = 1.5;

/**
 * Distances of subsets of some rows. No subset is factored: with Σ₂ = L·Lᵀ the roots are those of the eigenvalues of
 * LᵀΣ₁L, a product away from a subset's moments; and where rows are no more than L has columns, of the doubly centred
 * Gram matrix of the rows (x − μ)·L, of which a subset's is a part of the whole's. So a subset costs eigenvalues alone,
 * and it is exact.
 */
export class FrechetSubsets {
  readonly #features: Matrix;
  readonly #reference: FrechetReference;
  readonly #algebra: LinearAlgebra;
  #gram: Promise<Gram> | undefined;

  constructor(features: Matrix, reference: FrechetReference, algebra: LinearAlgebra) {
    this.#features = features;
    this.#reference = reference;
    this.#algebra = algebra;
  }

  /** Few rows for the length of the features: no moments of subsets are wanted. */
  get fewRows(): boolean {
    return this.#features.rows <= this.#reference.factor.rank;
  }

  /** The doubly centred Gram matrix of all rows, divided by n − 1, [n, n], in new memory. */
  async wholeGram(): Promise<Float64Array> {
    this.#gram ??= gramOf(this.#features, this.#reference, this.#algebra);
    return centredPart(
      await this.#gram,
      Int32Array.from({ length: this.#features.rows }, (_, i) => i),
    );
  }

  async ofRows(rows: Int32Array): Promise<FrechetParts> {
    const { rank } = this.#reference.factor;
    // Of twice as many rows the Gram matrix is four times as large, and few subsets are smaller than the rank.
    if (rows.length > rank || this.#features.rows > MOST_ROWS * rank) {
      const moments = new Moments(this.#features.columns, this.#algebra);
      await moments.add(this.#features.values, rows);
      return this.ofMoments(moments.state);
    }
    this.#gram ??= gramOf(this.#features, this.#reference, this.#algebra);
    const gram = await this.#gram;
    const n = rows.length;
    const { columns } = this.#features;
    const small = centredPart(gram, rows);
    const mean = meanOf(this.#features, rows);
    const spread = rows.reduce((sum, row) => sum + (gram.squares[row] as number), 0);
    return {
      means: squaredDistance(mean, this.#reference.statistics.mean),
      traceGenerated: (spread - n * squaredDistance(mean, gram.centre.subarray(0, columns))) / (n - 1),
      traceReference: this.#reference.trace,
      root: sumOfRoots(await symmetricEigenvalues(small, n, this.#algebra)),
      n,
      nReference: this.#reference.statistics.n,
    };
  }

  async ofMoments({ size, n, mean, scatter }: MomentsState): Promise<FrechetParts> {
    const { factor, statistics } = this.#reference;
    const { rank } = factor;
    const small = await congruence(factor, scatter, size, this.#algebra);
    for (let i = 0; i < small.length; i++) small[i] = (small[i] as number) / (n - 1);
    return {
      means: squaredDistance(mean, statistics.mean),
      traceGenerated: trace(scatter, size) / (n - 1),
      traceReference: this.#reference.trace,
      root: sumOfRoots(await symmetricEigenvalues(small, rank, this.#algebra)),
      n,
      nReference: statistics.n,
    };
  }
}

interface Gram {
  /** (x − centre)·L·Lᵀ·(y − centre)ᵀ, [N, N] */
  readonly values: Float64Array;
  /** Mean of all rows, [d] */
  readonly centre: Float64Array;
  /** ‖x − centre‖², [N] */
  readonly squares: Float64Array;
  readonly rows: number;
}

async function gramOf(
  { rows, columns, values }: Matrix,
  { factor }: FrechetReference,
  algebra: LinearAlgebra,
): Promise<Gram> {
  const centre = meanOf(
    { rows, columns, values },
    Int32Array.from({ length: rows }, (_, i) => i),
  );
  const squares = new Float64Array(rows);
  const centred = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const value = (values[i * columns + j] as number) - (centre[j] as number);
      centred[i * columns + j] = value;
      squares[i] = (squares[i] as number) + value * value;
    }
  }
  const projected = await algebra.product(centred, factor.values, { m: rows, k: columns, n: factor.rank });
  const gram = new Float64Array(rows * rows);
  await addGram(gram, projected, rows, factor.rank, algebra);
  mirror(gram, rows);
  return { values: gram, centre, squares, rows };
}

/** The rows' part of the Gram matrix, centred on their own mean and divided by n − 1, [n, n]. */
function centredPart({ values, rows: all }: Gram, rows: Int32Array): Float64Array {
  const n = rows.length;
  const part = new Float64Array(n * n);
  const means = new Float64Array(n);
  let mean = 0;
  for (let i = 0; i < n; i++) {
    const row = (rows[i] as number) * all;
    let sum = 0;
    for (let j = 0; j < n; j++) {
      const value = values[row + (rows[j] as number)] as number;
      part[i * n + j] = value;
      sum += value;
    }
    means[i] = sum / n;
    mean += sum / n / n;
  }
  for (let i = 0; i < n; i++) {
    const shift = mean - (means[i] as number);
    for (let j = 0; j < n; j++) {
      part[i * n + j] = ((part[i * n + j] as number) + shift - (means[j] as number)) / (n - 1);
    }
  }
  return part;
}

function meanOf({ columns, values }: Matrix, rows: Int32Array): Float64Array {
  const mean = new Float64Array(columns);
  for (const row of rows) {
    for (let j = 0; j < columns; j++) {
      mean[j] = (mean[j] as number) + (values[row * columns + j] as number);
    }
  }
  return mean.map((value) => value / rows.length);
}

export function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += ((a[j] as number) - (b[j] as number)) ** 2;
  return sum;
}

export function trace(matrix: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += matrix[i * size + i] as number;
  return sum;
}
