import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';
import { plainAlgebra } from '../../../src/algorithms/linalg/plain.ts';
import { Moments, type MomentsState, without } from '../../../src/algorithms/stats/moments.ts';
import { largestDifference } from '../linalg/support.ts';

const D = 6;

async function momentsOf(values: Float32Array, pick?: ArrayLike<number>): Promise<Moments> {
  const moments = new Moments(D, plainAlgebra);
  await moments.add(values, pick);
  return moments;
}

function rows(n: number, shift = 0, seed = 3): Float32Array {
  return new NumpyRandom(seed).normals(n * D).map((value, i) => value * (1 + (i % D)) + shift);
}

function expectSame(a: MomentsState, b: MomentsState, tolerance: number): void {
  expect(a.n).toBe(b.n);
  expect(largestDifference(a.mean, b.mean)).toBeLessThan(tolerance);
  expect(largestDifference(a.scatter, b.scatter) / Math.max(...b.scatter)).toBeLessThan(tolerance);
}

it('mean and covariance are those of the definition', async () => {
  const values = rows(50);
  const moments = await momentsOf(values);
  const mean = Array.from({ length: D }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < 50; i++) sum += values[i * D + j] as number;
    return sum / 50;
  });
  expect(largestDifference(moments.state.mean, mean)).toBeLessThan(1e-14);
  let covariance = 0;
  for (let i = 0; i < 50; i++) {
    covariance +=
      ((values[i * D + 1] as number) - (mean[1] as number)) *
      ((values[i * D + 4] as number) - (mean[4] as number));
  }
  expect(moments.covariance()[D + 4]).toBeCloseTo(covariance / 49, 12);
  expect(moments.covariance(0)[D + 4]).toBeCloseTo(covariance / 50, 12);
});

it('any cut into shards, merged in any order, gives the whole to 1e-12, also far from zero', async () => {
  const values = rows(240, 1000);
  const whole = (await momentsOf(values)).state;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 240 }), { maxLength: 8 }),
      fc.boolean(),
      async (cuts, back) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), 240];
        const parts: MomentsState[] = [];
        for (let i = 0; i + 1 < edges.length; i++) {
          const [from, to] = [edges[i] as number, edges[i + 1] as number];
          parts.push((await momentsOf(values.subarray(from * D, to * D))).state);
        }
        const merged = new Moments(D, plainAlgebra);
        for (const part of back ? parts.reverse() : parts) merged.merge(part);
        expectSame(merged.state, whole, 1e-12);
      },
    ),
    { numRuns: 30 },
  );
});

it('more rows than fit one product are added block by block, picked rows in their order', async () => {
  const values = rows(2500);
  const pick = Int32Array.from({ length: 2500 }, (_, i) => 2499 - i);
  expectSame((await momentsOf(values, pick)).state, (await momentsOf(values)).state, 1e-12);
});

it('a part taken out again leaves what the rest gives', async () => {
  const values = rows(300, 10);
  const whole = (await momentsOf(values)).state;
  const part = (await momentsOf(values.subarray(0, 40 * D))).state;
  expectSame(without(whole, part), (await momentsOf(values.subarray(40 * D))).state, 1e-12);
});
