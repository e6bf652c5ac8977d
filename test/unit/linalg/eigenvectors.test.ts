import { describe, expect, it } from 'vitest';
import { leadingEigen, symmetricEigen } from '../../../src/algorithms/linalg/eigenvectors.ts';
import { plainAlgebra } from '../../../src/algorithms/linalg/plain.ts';
import { largestDifference, product, withEigenvalues } from './support.ts';

const idle = async () => undefined;

describe('eigenvectors', () => {
  it.each([1, 2, 3, 10, 40])('of a %i² matrix are orthonormal and make it again', (n) => {
    const a = withEigenvalues(Float64Array.from({ length: n }, (_, i) => Math.cos(3 * i) + (i % 4)));
    const { values, vectors } = symmetricEigen(a, n);
    const gram = product(vectors, vectors, { m: n, k: n, n, transposeB: true });
    const identity = Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));
    expect(largestDifference(gram, identity)).toBeLessThan(1e-12);
    const scaled = vectors.map((value, at) => value * (values[Math.floor(at / n)] as number));
    expect(largestDifference(product(scaled, vectors, { m: n, k: n, n, transposeA: true }), a)).toBeLessThan(
      1e-12,
    );
    expect([...values]).toEqual([...values].sort((x, y) => y - x));
  });

  it('leading ones hold the share that is asked for, and no more of them than needed', async () => {
    const values = Float64Array.from({ length: 60 }, (_, i) => 2 ** -i);
    const found = await leadingEigen(withEigenvalues(values), 60, 0.9, plainAlgebra, idle);
    // 1/2 + 1/4 + 1/8 = 0.875 of the whole, and one more.
    expect(found.values).toHaveLength(4);
    expect(largestDifference(found.values, values.slice(0, 4))).toBeLessThan(1e-12);
  });

  it('of a large matrix come from a subspace, and reduce what is left as the true ones do', async () => {
    const n = 300;
    const values = Float64Array.from({ length: n }, (_, i) => (i + 1) ** -1.3);
    const total = values.reduce((a, b) => a + b, 0);
    const a = withEigenvalues(values);
    const found = await leadingEigen(a, n, 0.8, plainAlgebra, idle);
    let count = 0;
    for (let sum = 0; sum < 0.8 * total; count++) sum += values[count] as number;
    expect(Math.abs(found.values.length - count)).toBeLessThanOrEqual(1);
    const held = found.values.reduce((sum, value) => sum + value, 0);
    expect(held / total).toBeGreaterThan(0.8);
    expect(found.values[0]).toBeCloseTo(1, 6);
    const gram = product(found.vectors, found.vectors, {
      m: found.values.length,
      k: n,
      n: found.values.length,
      transposeB: true,
    });
    for (let i = 0; i < found.values.length; i++)
      expect(gram[i * (found.values.length + 1)]).toBeCloseTo(1, 10);
  });

  it('of nothing: one vector, as a projection needs one', async () => {
    expect((await leadingEigen(new Float64Array(9), 3, 0.9, plainAlgebra, idle)).values).toHaveLength(1);
  });
});
