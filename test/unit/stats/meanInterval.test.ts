import { expect, it } from 'vitest';
import { meanInterval } from '../../../src/algorithms/stats/meanInterval.ts';

it('is mean ± 1.96 s/√n with the sample deviation', () => {
  // s of 1, 2, 3, 4, 5 is √2.5.
  const half = 1.96 * Math.sqrt(2.5 / 5);
  const found = meanInterval([5, 1, 4, 2, 3]);
  expect(found?.n).toBe(5);
  expect(found?.mean).toBe(3);
  expect(found?.interval[0]).toBeCloseTo(3 - half, 12);
  expect(found?.interval[1]).toBeCloseTo(3 + half, 12);
});

it('knows nothing of no values, and no spread of one', () => {
  expect(meanInterval([])).toBeNull();
  expect(meanInterval([0.25])).toEqual({ mean: 0.25, interval: [0.25, 0.25], n: 1 });
});
