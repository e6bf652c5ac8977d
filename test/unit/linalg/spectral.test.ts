/** Functions of symmetric matrices without eigenvectors, against those made from the eigenvectors. */
import { describe, expect, it } from 'vitest';
import { symmetricEigen } from '../../../src/algorithms/linalg/eigenvectors.ts';
import { multiply, plainAlgebra } from '../../../src/algorithms/linalg/plain.ts';
import { Spectrum } from '../../../src/algorithms/linalg/spectral.ts';
import { gaussian } from '../scores/support.ts';

/** XᵀX/rows with variances that fall over `decades`. */
function covariance(n: number, rows: number, decades: number): Float64Array {
  const { values } = gaussian(rows, n, 3);
  const x = Float64Array.from(values, (value, i) => value * 10 ** ((-decades / 2) * ((i % n) / n)));
  const sizes = { m: n, k: rows, n, transposeA: true };
  return multiply(x, x, sizes, new Float64Array(n * n)).map((value) => value / rows);
}

const functions: readonly (readonly [string, (value: number) => number])[] = [
  ['1/√λ', (value) => 1 / Math.sqrt(value)],
  ['−ln λ + 3', (value) => 3 - Math.log(value)],
];

describe.each([
  [40, 200, 2],
  [90, 300, 5],
  [150, 400, 8],
])('of %i², %i rows, variances over %i decades', (n, rows, decades) => {
  it.each(functions)('%s', async (_, of) => {
    const matrix = covariance(n, rows, decades);
    const { values, vectors } = symmetricEigen(matrix, n);
    const spectrum = await Spectrum.of(matrix.slice(), n, plainAlgebra);
    const g = spectrum.values.map(of);
    const factor = Float64Array.from(gaussian(7, n, 5).values);
    const found = await spectrum.apply(g, factor, 7, async () => {});
    for (let a = 0; a < 7; a++) {
      for (let b = 0; b < 7; b++) {
        let exact = 0;
        let size = 0;
        for (let k = 0; k < n; k++) {
          const along = (row: number) =>
            vectors
              .subarray(k * n, (k + 1) * n)
              .reduce((sum, value, i) => sum + value * (factor[row * n + i] as number), 0);
          const value = along(a) * along(b) * of(values[k] as number);
          exact += value;
          size += Math.abs(value);
        }
        expect(Math.abs((found[a * 7 + b] as number) - exact) / size).toBeLessThan(0.02);
      }
    }
  });

  it('float32 products change a logarithm’s by 1e-6 of what it is', async () => {
    const spectrum = await Spectrum.of(covariance(n, rows, decades), n, plainAlgebra);
    const g = spectrum.values.map((value) => 3 - Math.log(value));
    const most = g.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    for (const factor of [null, Float64Array.from(gaussian(n, n, 5).values)]) {
      const double = await spectrum.apply(g, factor, n, async () => {});
      const single = await spectrum.apply(g, factor, n, async () => {}, 'float32');
      // ‖L·g(M)·Lᵀ‖ of random rows grows with n.
      const size = factor === null ? most : most * n;
      for (const [at, value] of single.entries()) {
        expect(Math.abs(value - (double[at] as number)) / size).toBeLessThan(2e-6);
      }
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < i; j++) expect(single[i * n + j]).toBe(single[j * n + i]);
      }
    }
  });

  it('the identity’s factor is the matrix itself', async () => {
    const spectrum = await Spectrum.of(covariance(n, rows, decades), n, plainAlgebra);
    const g = spectrum.values.map((value) => 1 / (value + 0.1));
    const one = await spectrum.apply(g, null, n, async () => {});
    let trace = 0;
    for (let i = 0; i < n; i++) trace += one[i * n + i] as number;
    expect(trace / g.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 2);
  });
});
