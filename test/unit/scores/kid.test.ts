import { describe, expect, it } from 'vitest';
import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';
import { kid } from '../../../src/algorithms/scores/kid.ts';
import { jackknifeGroups } from '../../../src/algorithms/stats/jackknife.ts';
import { first, gaussian, matrix, pick } from './support.ts';

describe('KID', () => {
  it('of two small sets is the unbiased estimate, written out', async () => {
    const x = [
      [1, 2],
      [0, 1],
      [3, -1],
    ];
    const y = [
      [2, 2],
      [1, 1],
      [0, -2],
    ];
    const kernel = (a: readonly number[], b: readonly number[]) =>
      (((a[0] as number) * (b[0] as number) + (a[1] as number) * (b[1] as number)) / 2 + 1) ** 3;
    const mean = (a: number[][], b: number[][], pairs: (i: number, j: number) => boolean) => {
      const all = a.flatMap((one, i) => b.flatMap((two, j) => (pairs(i, j) ? [kernel(one, two)] : [])));
      return all.reduce((sum, value) => sum + value, 0) / all.length;
    };
    const different = (i: number, j: number) => i !== j;
    const expected = mean(x, x, different) + mean(y, y, different) - 2 * mean(x, y, () => true);
    const value = await first(kid, matrix(x), matrix(y));
    expect(value.value).toBeCloseTo(expected, 12);
    expect(value.interval).toBeNull();
    expect(value.warnings[0]).toMatch(/3 instead of 1000/);
  });

  it('is unbiased: over many draws of one distribution it averages to nothing', async () => {
    const values: number[] = [];
    for (let seed = 0; seed < 60; seed++) {
      values.push((await first(kid, gaussian(40, 4, 2 * seed), gaussian(40, 4, 2 * seed + 1))).value);
    }
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const error = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0)) / values.length;
    expect(Math.abs(mean)).toBeLessThan(3 * error);
    expect(Math.min(...values)).toBeLessThan(0);
  });

  it('leaves groups out of the very subsets it drew', async () => {
    const [generated, reference] = [gaussian(50, 3, 1, 0.3), gaussian(50, 3, 2)];
    const value = await first(kid, generated, reference);
    const groups = jackknifeGroups(50) as Uint8Array;
    const rows = [...groups.keys()].filter((row) => groups[row] !== 4);
    // The reference is whole here, so its subset is too: sizes differ, which the definition allows for.
    const expected = unbiased(pick(generated, rows).values, reference.values, 3);
    expect(value.replicates?.[4]).toBeCloseTo(expected, 10);
  });

  it.each([1e-3, 1e-6, 1e-9])(
    'of features %d times as large keeps its digits: at last 3·‖Δmean‖²/d',
    async (scale) => {
      const times = (of: ReturnType<typeof gaussian>) => ({ ...of, values: of.values.map((v) => v * scale) });
      const [x, y] = [gaussian(60, 4, 1, 0.5), gaussian(60, 4, 2)];
      const linear = unbiased(times(x).values, times(y).values, 4, (p) => 3 * p);
      const value = await first(kid, times(x), times(y));
      expect(Math.abs(value.value / linear - 1)).toBeLessThan(10 * scale);
    },
  );

  it.each([1e12, 1, 1e-6, 1e-25])(
    'of long features %d times as large is as exact from float32 products',
    async (scale) => {
      const times = (of: ReturnType<typeof gaussian>) => ({ ...of, values: of.values.map((v) => v * scale) });
      // Far from 0 beside what differs: products that keep the mean would lose it.
      const [x, y] = [times(gaussian(50, 600, 1, 8.1)), times(gaussian(50, 600, 2, 8))];
      const exact = unbiased(x.values, y.values, 600, (p) => p * (3 + p * (3 + p)));
      expect((await first(kid, x, y)).value / exact).toBeCloseTo(1, 6);
    },
  );

  it('takes as many subsets of the size asked for', async () => {
    const value = await first(kid, gaussian(80, 3, 1), gaussian(90, 3, 2), {
      options: { subsets: 7, subsetSize: 30 },
    });
    expect(value.details).toMatchObject({ subsets: 7, 'subset size': 30 });
    expect(value.spread?.value).toBeGreaterThan(0);
    expect(value.warnings).toEqual([]);
  });

  it.each([
    { subsets: 3, subsetSize: 40, how: 'each multiplied by itself' },
    { subsets: 7, subsetSize: 40, how: 'sums over the products of all rows' },
    { subsets: 1003, subsetSize: 60, how: 'more than are drawn at a time' },
  ])('of $subsets subsets ($how) is the mean of their estimates', async ({ subsets, subsetSize }) => {
    const [generated, reference] = [gaussian(80, 3, 1, 0.3), gaussian(90, 3, 2)];
    const value = await first(kid, generated, reference, { options: { subsets, subsetSize } });
    const groups = jackknifeGroups(80) as Uint8Array;
    const random = new NumpyRandom(2020);
    let [whole, without] = [0, 0];
    for (let i = 0; i < subsets; i++) {
      const own = random.permutation(80).subarray(0, subsetSize);
      const others = pick(reference, random.permutation(90).subarray(0, subsetSize)).values;
      const kept = [...own].filter((row) => groups[row] !== 4);
      whole += unbiased(pick(generated, own).values, others, 3) / subsets;
      without += unbiased(pick(generated, kept).values, others, 3) / subsets;
    }
    expect(value.value).toBeCloseTo(whole, 12);
    expect(value.replicates?.[4]).toBeCloseTo(without, 12);
  });

  it.each([[{ subsetSize: 1 }], [{ subsets: 2.5 }], [{ subsets: 'many' }]])('refuses %o', async (options) => {
    await expect(first(kid, gaussian(9, 2, 1), gaussian(9, 2, 2), { options })).rejects.toMatchObject({
      code: 'input.invalid',
    });
  });
});

function unbiased(
  x: Float32Array,
  y: Float32Array,
  d: number,
  of = (product: number) => (product + 1) ** 3,
): number {
  const [n, m] = [x.length / d, y.length / d];
  const kernel = (a: Float32Array, i: number, b: Float32Array, j: number) => {
    let dot = 0;
    for (let l = 0; l < d; l++) dot += (a[i * d + l] as number) * (b[j * d + l] as number);
    return of(dot / d);
  };
  let [own, others, mixed] = [0, 0, 0];
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) if (i !== j) own += kernel(x, i, x, j);
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) if (i !== j) others += kernel(y, i, y, j);
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) mixed += kernel(x, i, y, j);
  return own / (n * (n - 1)) + others / (m * (m - 1)) - (2 * mixed) / (n * m);
}
