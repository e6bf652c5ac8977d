/** Tr (Σ₁Σ₂)^½, the term that makes FID costly. */
import { type Factor, pivotedCholesky } from './cholesky.ts';
import { symmetricEigenvalues } from './eigenvalues.ts';
import type { LinearAlgebra } from './types.ts';

/**
 * With Σ₁ = L·Lᵀ the eigenvalues of Σ₁Σ₂ are those of the symmetric LᵀΣ₂L, so the trace is the sum of their roots: never
 * imaginary, and no root of a matrix is made. Of two singular matrices the one of lower rank is factored, so that
 * directions which one of them lacks are not there at all instead of being rounding errors whose roots (1e-8 each)
 * would add up. (scipy.linalg.sqrtm of the product, pytorch-fid's way, adds 1e-6 to the diagonal there.)
 *
 * @param a [d, d], symmetric, positive semi-definite; likewise b; neither is changed
 */
export async function traceOfSqrt(
  a: Float64Array,
  b: Float64Array,
  d: number,
  algebra: LinearAlgebra,
): Promise<number> {
  return traceWithFactors(
    { matrix: a, factor: await pivotedCholesky(a, d, algebra) },
    { matrix: b, factor: await pivotedCholesky(b, d, algebra) },
    d,
    algebra,
  );
}

/** A covariance and its factor, for who compares one reference with many others. */
export interface Factored {
  readonly matrix: Float64Array;
  readonly factor: Factor;
}

export async function traceWithFactors(
  a: Factored,
  b: Factored,
  d: number,
  algebra: LinearAlgebra,
): Promise<number> {
  const [low, other] = a.factor.rank <= b.factor.rank ? [a, b] : [b, a];
  const { values, rank } = low.factor;
  const half = await algebra.product(values, other.matrix, { m: rank, k: d, n: d, transposeA: true });
  const small = await algebra.product(half, values, { m: rank, k: d, n: rank });
  return sumOfRoots(await symmetricEigenvalues(small, rank, algebra));
}

export function sumOfRoots(eigenvalues: Float64Array): number {
  let sum = 0;
  // Ascending, so small ones are not lost; below zero is rounding.
  for (const value of eigenvalues) sum += Math.sqrt(Math.max(0, value));
  return sum;
}
