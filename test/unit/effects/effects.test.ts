/** Figures of causal effects against their definitions. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LabelMap, labelMap } from '../../../src/algorithms/dissection/labelMap.ts';
import { areaSeries, areasOf } from '../../../src/algorithms/effects/areas.ts';
import { ConditionalMeans, presence } from '../../../src/algorithms/effects/conditionalMean.ts';
import {
  effectOf,
  meanWithInterval,
  removedShare,
  student95,
} from '../../../src/algorithms/effects/effect.ts';
import { lazyGreedy } from '../../../src/algorithms/effects/greedy.ts';
import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';

function map(height: number, width: number, labels: readonly number[]): LabelMap {
  return labelMap(height, width, [Uint16Array.from(labels)]);
}

describe('areas', () => {
  it('are shares of the picture, and those of several concepts add up', () => {
    const areas = new Float64Array(6);
    areasOf(map(2, 2, [0, 1, 1, 2]), 3, areas, 0);
    areasOf(map(2, 2, [2, 2, 2, 0xffff]), 3, areas, 3);
    expect([...areas]).toEqual([0.25, 0.5, 0.25, 0, 0, 0.75]);
    expect([...areaSeries(areas, 3, [1])]).toEqual([0.5, 0]);
    expect([...areaSeries(areas, 3, [1, 2])]).toEqual([0.75, 0.75]);
  });
});

describe('what a unit does where a concept is', () => {
  it('weighs each cell by the share of its pixels that show the concept', () => {
    const labels = map(2, 4, [7, 7, 0, 0, 7, 0, 0, 0]);
    expect([...presence(labels, [1, 2], new Set([7]))]).toEqual([0.75, 0]);
    const means = new ConditionalMeans(2, 2);
    means.add(Float32Array.of(9, 9, /* unit 0 */ 2, 4, /* unit 1 */ -1, 5), 2, Float64Array.of(0.75, 0));
    means.add(Float32Array.of(6, 8, 3, 1), 0, Float64Array.of(0, 0.25));
    expect([...means.inside()]).toEqual([(2 * 0.75 + 8 * 0.25) / 1, (-1 * 0.75 + 1 * 0.25) / 1]);
    expect([...means.everywhere()]).toEqual([5, 2]);
    expect([...means.lowest()]).toEqual([2, -1]);
  });

  it('is the mean everywhere for a concept that never occurs', () => {
    const means = new ConditionalMeans(1, 2);
    means.add(Float32Array.of(1, 3), 0, Float64Array.of(0, 0));
    expect([...means.inside()]).toEqual([2]);
  });
});

describe('intervals', () => {
  it.each([
    [1, 12.706],
    [2, 4.303],
    [5, 2.571],
    [19, 2.093],
    [199, 1.972],
  ])('Student’s t with %d degrees of freedom', (freedom, t) => {
    expect(student95(freedom)).toBeCloseTo(t, 2);
  });

  it('cover the true mean, and the true ratio, in about 95 of 100 draws', () => {
    let means = 0;
    let ratios = 0;
    for (let seed = 0; seed < 400; seed++) {
      const random = new NumpyRandom(seed);
      const before = Float64Array.from(random.uniforms(40), (u) => 0.2 + u);
      const noise = random.normals(40);
      const after = before.map((area, i) => 0.3 * area * (1 + 0.5 * (noise[i] as number)));
      const contains = ([low, high]: readonly [number, number], truth: number) =>
        low <= truth && truth <= high;
      if (contains(meanWithInterval(before).interval, 0.7)) means++;
      if (contains(removedShare(before, after).interval, 0.7)) ratios++;
    }
    expect(means).toBeGreaterThan(400 * 0.92);
    expect(ratios).toBeGreaterThan(400 * 0.92);
  });

  it('are honest about nothing', () => {
    expect(removedShare(Float64Array.of(0, 0), Float64Array.of(0, 0))).toEqual({ mean: 0, interval: [0, 0] });
    expect(meanWithInterval(Float64Array.of(3))).toEqual({ mean: 3, interval: [3, 3] });
  });
});

describe('effectOf', () => {
  it('takes pairs: what samples have in common does not widen the interval of the effect', () => {
    const base = Float64Array.from(new NumpyRandom(3).uniforms(50));
    const { ace, before, removed } = effectOf(
      base,
      base.map((area) => area / 2),
      base.map((area) => area + 0.1),
    );
    expect(ace.mean).toBeCloseTo(0.1 + before.mean / 2, 12);
    expect(removed.mean).toBeCloseTo(0.5, 12);
    expect(removed.interval[1] - removed.interval[0]).toBeLessThan(1e-9);
  });
});

describe('lazyGreedy', () => {
  it('is the plain greedy choice for coverage, which is submodular, with fewer measurements', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uniqueArray(fc.nat(11), { maxLength: 5 }), { minLength: 3, maxLength: 9 }),
        fc.integer({ min: 1, max: 4 }),
        async (covers, size) => {
          const value = (units: readonly number[]) =>
            new Set(units.flatMap((unit) => covers[unit] ?? [])).size;
          const candidates = covers.map((_, unit) => unit);
          let measured = 0;
          const lazy = await lazyGreedy(
            candidates,
            candidates.map((unit) => value([unit])),
            size,
            async (units) => {
              measured++;
              return value(units);
            },
          );
          const plain: number[] = [];
          for (let k = 0; k < Math.min(size, covers.length); k++) {
            const left = candidates.filter((unit) => !plain.includes(unit));
            const best = Math.max(...left.map((unit) => value([...plain, unit])));
            plain.push(left.find((unit) => value([...plain, unit]) === best) as number);
          }
          expect(value(lazy.units)).toBe(value(plain));
          expect(lazy.values.at(-1)).toBe(value(lazy.units));
          expect(measured).toBeLessThanOrEqual(candidates.length * size);
        },
      ),
      { numRuns: 100 },
    );
  });
});
