/** Matrices whose eigenvalues are known, and products to hold others against. */

import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';
import { multiply } from '../../../src/algorithms/linalg/plain.ts';

export function normals(seed: number, n: number): Float64Array {
  return Float64Array.from(new NumpyRandom(seed).normals(n));
}

export function product(
  a: Float64Array,
  b: Float64Array,
  sizes: { m: number; k: number; n: number; transposeA?: boolean; transposeB?: boolean },
): Float64Array {
  return multiply(a, b, sizes, new Float64Array(sizes.m * sizes.n));
}

/** Q·diag(values)·Qᵀ with Q a product of a few reflections. */
export function withEigenvalues(values: ArrayLike<number>, seed = 1): Float64Array {
  const n = values.length;
  let a: Float64Array = new Float64Array(n * n);
  for (let i = 0; i < n; i++) a[i * n + i] = values[i] as number;
  for (let round = 0; round < 3; round++) {
    const v = normals(seed + round, n);
    const square = v.reduce((sum, x) => sum + x * x, 0);
    const reflection = Float64Array.from({ length: n * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      return (i === j ? 1 : 0) - (2 * (v[i] as number) * (v[j] as number)) / square;
    });
    a = product(product(reflection, a, { m: n, k: n, n }), reflection, { m: n, k: n, n });
  }
  return a;
}

/** X·Xᵀ for X [n, rank]: positive semi-definite of that rank. */
export function ofRank(n: number, rank: number, seed = 1): Float64Array {
  const x = normals(seed, n * rank);
  return product(x, x, { m: n, k: rank, n, transposeB: true });
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.NaN;
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0);
}
