import { describe, expect, it } from 'vitest';
import { kMeans } from '../../../src/algorithms/linalg/kmeans.ts';
import { plainAlgebra } from '../../../src/algorithms/linalg/plain.ts';
import { gaussian, matrix } from '../scores/support.ts';

const idle = async () => undefined;
const options = { k: 4, restarts: 5, rounds: 100, seed: 1 };

describe('k-means', () => {
  it('finds clusters that lie apart, whatever the order of the rows', async () => {
    const noise = gaussian(200, 2, 1, 0, 0.1);
    const values = noise.values.map((value, at) => {
      const cluster = Math.floor(at / 2) % 4;
      return value + (at % 2 === 0 ? cluster % 2 : Math.floor(cluster / 2)) * 10;
    });
    const { labels, k, inertia } = await kMeans({ ...noise, values }, options, plainAlgebra, idle);
    expect(k).toBe(4);
    for (let i = 4; i < 200; i++) expect(labels[i]).toBe(labels[i % 4]);
    expect(new Set(labels).size).toBe(4);
    expect(inertia).toBeLessThan(200 * 2 * 0.02);
  });

  it('is the same for the same seed; no restart is worse than the first', async () => {
    const rows = gaussian(150, 3, 2);
    const many = await kMeans(rows, { ...options, k: 12 }, plainAlgebra, idle);
    expect(await kMeans(rows, { ...options, k: 12 }, plainAlgebra, idle)).toEqual(many);
    const one = await kMeans(rows, { ...options, k: 12, restarts: 1 }, plainAlgebra, idle);
    expect(many.inertia).toBeLessThanOrEqual(one.inertia);
  });

  it('leaves every centre at the mean of its rows, and every row with its nearest centre', async () => {
    const rows = gaussian(120, 2, 3);
    const { labels, centres, k } = await kMeans(rows, { ...options, k: 9 }, plainAlgebra, idle);
    for (let i = 0; i < 120; i++) {
      const squares = Array.from({ length: k }, (_, c) =>
        [0, 1].reduce(
          (sum, j) => sum + ((rows.values[i * 2 + j] as number) - (centres[c * 2 + j] as number)) ** 2,
          0,
        ),
      );
      expect(squares[labels[i] as number]).toBeCloseTo(Math.min(...squares), 5);
    }
  });

  it('of rows that are all equal has one cluster; of fewer rows than k as many as there are', async () => {
    const same = matrix(Array.from({ length: 20 }, () => [1, 2]));
    expect((await kMeans(same, options, plainAlgebra, idle)).k).toBe(1);
    const few = await kMeans(matrix([[0], [5], [9]]), options, plainAlgebra, idle);
    expect(few.k).toBe(3);
    expect(few.inertia).toBe(0);
  });

  it('leaves no cluster empty', async () => {
    const rows = gaussian(40, 1, 5);
    for (let seed = 0; seed < 20; seed++) {
      const { labels, k } = await kMeans(rows, { k: 25, restarts: 1, rounds: 50, seed }, plainAlgebra, idle);
      expect(new Set(labels).size).toBe(k);
    }
  });
});
