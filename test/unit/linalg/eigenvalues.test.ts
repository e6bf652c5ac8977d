import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { symmetricEigenvalues } from '../../../src/algorithms/linalg/eigenvalues.ts';
import { plainAlgebra } from '../../../src/algorithms/linalg/plain.ts';
import { tridiagonalEigenvalues } from '../../../src/algorithms/linalg/tridiagonal.ts';
import { largestDifference, normals, ofRank, withEigenvalues } from './support.ts';

describe('eigenvalues of a symmetric matrix', () => {
  it('are found for any size and any width of the band between', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 48 }),
        fc.integer({ min: 1, max: 20 }),
        async (values, width) => {
          const matrix = withEigenvalues(values);
          const found = await symmetricEigenvalues(matrix, values.length, plainAlgebra, width);
          expect(largestDifference(found, Float64Array.from(values).sort())).toBeLessThan(1e-12);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are found where they span twelve decades, to the accuracy of the largest', async () => {
    const values = Float64Array.from({ length: 90 }, (_, i) => 10 ** (-i / 7.5));
    const found = await symmetricEigenvalues(withEigenvalues(values), 90, plainAlgebra);
    expect(largestDifference(found, values.sort())).toBeLessThan(1e-14);
  });

  it('of a singular matrix are zero as often as its rank lacks', async () => {
    const found = await symmetricEigenvalues(ofRank(70, 9), 70, plainAlgebra);
    expect(found.filter((value) => value > 1e-9)).toHaveLength(9);
    expect(Math.max(...found.slice(0, 61).map(Math.abs))).toBeLessThan(1e-12);
  });

  it('of nothing are none; of zeros zeros; of one number that number', async () => {
    expect(await symmetricEigenvalues(new Float64Array(0), 0, plainAlgebra)).toHaveLength(0);
    expect([...(await symmetricEigenvalues(new Float64Array(25), 5, plainAlgebra))]).toEqual([0, 0, 0, 0, 0]);
    expect([...(await symmetricEigenvalues(Float64Array.of(-3), 1, plainAlgebra))]).toEqual([-3]);
  });

  it('cannot be found of numbers that are none, and says so', async () => {
    const matrix = withEigenvalues([1, 2, 3, 4, 5, 6]).fill(Number.NaN, 7, 8);
    await expect(symmetricEigenvalues(matrix, 6, plainAlgebra)).rejects.toMatchObject({ code: 'internal' });
  });
});

it('eigenvalues of the second difference are 2 − 2cos(kπ/(n + 1))', () => {
  const n = 300;
  const found = tridiagonalEigenvalues(new Float64Array(n).fill(2), new Float64Array(n - 1).fill(-1));
  const known = Float64Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)));
  expect(largestDifference(found, known)).toBeLessThan(1e-13);
});

it('eigenvalues add up to the trace and their squares to the squared norm', async () => {
  const n = 130;
  const x = normals(5, n * n);
  const a = x.map((value, at) => value + (x[(at % n) * n + Math.floor(at / n)] as number));
  const squares = a.reduce((sum, value) => sum + value * value, 0);
  let trace = 0;
  for (let i = 0; i < n; i++) trace += a[i * n + i] as number;
  const found = await symmetricEigenvalues(a, n, plainAlgebra);
  expect(found.reduce((sum, value) => sum + value, 0)).toBeCloseTo(trace, 9);
  expect(found.reduce((sum, value) => sum + value * value, 0) / squares).toBeCloseTo(1, 12);
});
