import { describe, expect, it } from 'vitest';
import { pivotedCholesky } from '../../../src/algorithms/linalg/cholesky.ts';
import { plainAlgebra } from '../../../src/algorithms/linalg/plain.ts';
import { traceOfSqrt } from '../../../src/algorithms/linalg/traceSqrt.ts';
import { largestDifference, normals, ofRank, product, withEigenvalues } from './support.ts';

describe('the pivoted Cholesky factor', () => {
  it.each([
    [1, 1],
    [7, 7],
    [48, 48],
    [49, 49],
    [130, 130],
    [130, 97],
    [130, 48],
    [90, 2],
  ])('of a %i² matrix of rank %i has that rank and gives the matrix back', async (n, rank) => {
    const a = ofRank(n, rank);
    const factor = await pivotedCholesky(a, n, plainAlgebra);
    expect(factor.rank).toBe(rank);
    const back = product(factor.values, factor.values, { m: n, k: rank, n, transposeB: true });
    expect(largestDifference(back, a)).toBeLessThan(1e-12 * n);
  });

  it('of zeros has no columns', async () => {
    const factor = await pivotedCholesky(new Float64Array(36), 6, plainAlgebra);
    expect(factor).toEqual({ values: new Float64Array(0), rank: 0 });
  });

  it('leaves the matrix as it was', async () => {
    const a = ofRank(60, 20);
    const before = a.slice();
    await pivotedCholesky(a, 60, plainAlgebra);
    expect(a).toEqual(before);
  });
});

describe('Tr (Σ₁Σ₂)^½', () => {
  it('of a matrix with itself is its trace, singular or not', async () => {
    for (const rank of [5, 40, 80]) {
      const a = ofRank(80, rank);
      let trace = 0;
      for (let i = 0; i < 80; i++) trace += a[i * 81] as number;
      expect((await traceOfSqrt(a, a, 80, plainAlgebra)) / trace).toBeCloseTo(1, 8);
    }
  });

  it('of matrices with the same vectors is the sum of the roots of the products of their values', async () => {
    const one = Float64Array.from({ length: 50 }, (_, i) => 10 ** (-i / 10));
    const two = Float64Array.from({ length: 50 }, (_, i) => (i % 3 === 0 ? 0 : 1 + i));
    const expected = one.reduce((sum, value, i) => sum + Math.sqrt(value * (two[i] as number)), 0);
    const found = await traceOfSqrt(withEigenvalues(one), withEigenvalues(two), 50, plainAlgebra);
    expect(found / expected).toBeCloseTo(1, 10);
  });

  it('is the same either way round', async () => {
    const [a, b] = [ofRank(64, 64, 3), ofRank(64, 30, 4)];
    const there = await traceOfSqrt(a, b, 64, plainAlgebra);
    expect((await traceOfSqrt(b, a, 64, plainAlgebra)) / there).toBeCloseTo(1, 12);
  });

  it('of matrices that share no direction is zero', async () => {
    const n = 40;
    const a = new Float64Array(n * n);
    const b = new Float64Array(n * n);
    const values = normals(1, n);
    for (let i = 0; i < n; i++) (i < 20 ? a : b)[i * n + i] = (values[i] as number) ** 2;
    expect(await traceOfSqrt(a, b, n, plainAlgebra)).toBe(0);
  });
});
