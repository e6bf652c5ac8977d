import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgreementCounts, totals } from '../../../src/algorithms/dissection/agreement.ts';
import { type LabelMap, labelMap } from '../../../src/algorithms/dissection/labelMap.ts';
import {
  NullCounts,
  nullBars,
  nullOfUnits,
  nullShifts,
  percentile,
  ShiftedLabels,
} from '../../../src/algorithms/dissection/nullBaseline.ts';
import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';
import { anySeed, asSpans, countOf, randomLabels, randomMasks } from './support.ts';

describe('the null baseline', () => {
  it('is the best agreement with the segmentations of partners', () => {
    fc.assert(
      fc.property(anySeed, fc.integer({ min: 2, max: 24 }), (seed, images) => {
        const shifts = nullShifts(0, images);
        const labels = randomLabels(seed, images, { planes: 2 });
        const masks = randomMasks(seed + 1, images, 3, 20);
        const counts = new AgreementCounts({ units: 3, concepts: 4, blocks: 1 });
        const chance = new NullCounts(shifts, 3, 4);
        const shifted = new ShiftedLabels(shifts);
        for (const map of labels.slice(-shifted.length)) shifted.push(map);
        const partners: LabelMap[][] = [];
        labels.forEach((map, image) => {
          counts.addLabels(0, map);
          partners.push(shifts.map((shift) => shifted.partner(shift)));
          masks[image]?.forEach((mask, unit) => {
            counts.addMask(0, unit, ...asSpans(mask), map);
            chance.addMask(unit, ...asSpans(mask), shifted);
          });
          shifted.push(map);
        });
        const sum = totals(counts);
        const draws = chance.statistics(sum);
        shifts.forEach((_, k) => {
          for (let unit = 0; unit < 3; unit++) {
            const ious = [0, 1, 2, 3].map((c) => {
              const both = partners.reduce(
                (n, row, image) => n + countOf(row[k] as LabelMap, c, masks[image]?.[unit] ?? []),
                0,
              );
              const union = (sum.mask[unit] as number) + (sum.concept[c] as number) - both;
              return union > 0 ? both / union : 0;
            });
            expect(draws[k * 3 + unit]).toBeCloseTo(Math.max(...ious), 14);
          }
        });
        const ofUnits = nullOfUnits(draws, 3);
        for (let unit = 0; unit < 3; unit++)
          expect(ofUnits[unit]).toBe(Math.max(...shifts.map((_, k) => draws[k * 3 + unit] as number)));
      }),
      { numRuns: 30 },
    );
  });

  it('pairs no image with itself, nor with one partner twice, and each lag as often as any', () => {
    const images = 7000;
    const shifts = nullShifts(7, images);
    const labels = Array.from({ length: images }, (_, i) => labelMap(1, 1, [Uint16Array.from([i])]));
    const shifted = new ShiftedLabels(shifts);
    const lags = new Float64Array(shifted.length + 1);
    for (const map of labels.slice(-shifted.length)) shifted.push(map);
    for (const [image, map] of labels.entries()) {
      const met = shifts.map((shift) => {
        const partner = shifted.partner(shift).planes[0]?.[0] as number;
        return (image - partner + images) % images;
      });
      expect(new Set(met).size).toBe(shifts.length);
      for (const lag of met) lags[lag] = (lags[lag] as number) + 1;
      shifted.push(map);
    }
    expect(shifted.length).toBe(21);
    expect(lags[0]).toBe(0);
    for (const times of lags.subarray(1))
      expect(Math.abs(times / ((images * 5) / 21) - 1)).toBeLessThan(0.15);
  });

  it('draws the same partners when it is begun in the middle', () => {
    const labels = randomLabels(1, 60);
    const shifts = nullShifts(0, 60);
    const partnersFrom = (first: number) => {
      const shifted = new ShiftedLabels(shifts, first);
      for (let back = shifted.length; back > 0; back--)
        shifted.push(labels[(first - back + 60) % 60] as LabelMap);
      return labels.slice(first).map((map) => {
        const found = shifts.map((shift) => shifted.partner(shift));
        shifted.push(map);
        return found;
      });
    };
    expect(partnersFrom(37)).toEqual(partnersFrom(0).slice(37));
  });

  it('makes up to five draws, from a whole number of turns of the classes, fewer than there are samples', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1200 }),
        fc.integer({ min: 1, max: 3000 }),
        (classes, samples) => {
          const shifts = nullShifts(classes, samples);
          expect(shifts.length).toBe(Math.min(5, samples - 1));
          expect(new Set(shifts).size).toBe(shifts.length);
          for (const shift of shifts) expect(shift).toBeGreaterThanOrEqual(0);
          const partners = Math.max(...shifts, -1) + 1;
          expect(partners).toBeLessThan(samples);
          expect(partners).toBeLessThanOrEqual(32);
          if (samples > 32 && classes >= 2 && classes <= 32) expect(partners % classes).toBe(0);
          if (samples > 32) expect(partners).toBeGreaterThanOrEqual(16);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('says so when it was not primed', () => {
    const shifted = new ShiftedLabels([0, 3]);
    expect(() => shifted.partner(0)).toThrow(RangeError);
  });

  it('goes on from its counts', () => {
    const [map] = randomLabels(3, 1);
    const shifted = new ShiftedLabels([0]);
    shifted.push(map as never);
    const mask = asSpans([0, 3, 4, 8]);
    const twice = new NullCounts([0], 1, 4);
    twice.addMask(0, ...mask, shifted);
    const again = new NullCounts([0], 1, 4, twice.both.slice());
    twice.addMask(0, ...mask, shifted);
    again.addMask(0, ...mask, shifted);
    expect(again.both).toEqual(twice.both);
    expect(Math.max(...again.both)).toBeGreaterThan(0);
  });
});

describe('nullBars', () => {
  it('lets one more draw of chance pass about once in a hundred times', () => {
    const random = new NumpyRandom(1);
    const units = 20_000;
    const drawn = random.normals(units * 6).map((x) => 0.1 + 0.01 * x);
    const bars = nullBars(Float64Array.from(drawn.subarray(0, units * 5)), units);
    const passed = bars.reduce((n, bar, unit) => n + Number((drawn[units * 5 + unit] as number) > bar), 0);
    expect(passed / units).toBeGreaterThan(0.008);
    expect(passed / units).toBeLessThan(0.012);
  });

  it('is each unit by itself, never below its highest draw, and that where there are no two', () => {
    const statistics = Float64Array.from([0.5, 0.01, 0.52, 0.03, 0.48, 0.02]);
    const [large, small] = nullBars(statistics, 2);
    // 0.5 + 6.965 · 0.02 · √(4/3), and 0.02 + 6.965 · 0.01 · √(4/3).
    expect(large).toBeCloseTo(0.6608, 4);
    expect(small).toBeCloseTo(0.1004, 4);
    expect([...nullBars(Float64Array.from([0.3, 0.1]), 2)]).toEqual([0.3, 0.1]);
    expect([...nullBars(new Float64Array(0), 2)]).toEqual([0, 0]);
  });
});

describe('percentile', () => {
  it('is that of numpy.percentile', () => {
    // numpy.percentile([3, 1, 4, 1, 5, 9, 2, 6], [0, 10, 50, 99, 100])
    const values = [3, 1, 4, 1, 5, 9, 2, 6];
    const expected = [1, 1, 3.5, 8.79, 9];
    [0, 0.1, 0.5, 0.99, 1].forEach((level, i) => {
      expect(percentile(values, level)).toBeCloseTo(expected[i] as number, 12);
    });
  });

  it('of nothing is 0: without draws there is no bar', () => {
    expect(percentile([], 0.99)).toBe(0);
  });
});
