import { expect, it } from 'vitest';
import { fitLine, subsetSizes, subsets } from '../../../src/algorithms/stats/extrapolation.ts';

it('sizes are those of np.linspace(min(5000, max(n // 10, 2)), n, 15).astype(int)', () => {
  expect(subsetSizes(2000, 15)).toEqual([
    200, 328, 457, 585, 714, 842, 971, 1100, 1228, 1357, 1485, 1614, 1742, 1871, 2000,
  ]);
  expect(subsetSizes(100_000, 3)).toEqual([5000, 52_500, 100_000]);
  expect(subsetSizes(5, 2)).toEqual([2, 5]);
});

it('subsets hold different rows, and are the same for the same seed', () => {
  const found = subsets(50, [10, 50], 3);
  expect(found.map((rows) => new Set(rows).size)).toEqual([10, 50]);
  expect(subsets(50, [10, 50], 3)).toEqual(found);
  expect(subsets(50, [10, 50], 4)).not.toEqual(found);
});

it('a line through points on it is that line', () => {
  const line = fitLine([0.1, 0.2, 0.5], [2.3, 2.6, 3.5]);
  expect(line.intercept).toBeCloseTo(2, 12);
  expect(line.slope).toBeCloseTo(3, 12);
});
