/** The top-conditional mean against its definition. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TopMeans } from '../../../src/algorithms/effects/topMeans.ts';

it('is the weighted mean of the highest 1 % of the cells that show the concept, whatever the order', () => {
  const image = (cells: number) =>
    fc.record({
      values: fc.array(fc.integer({ min: -500, max: 500 }), { minLength: cells, maxLength: cells }),
      weights: fc.array(fc.constantFrom(0, 0.25, 0.5, 1), { minLength: cells, maxLength: cells }),
    });
  fc.assert(
    fc.property(fc.array(image(60), { minLength: 1, maxLength: 12 }), (images) => {
      const means = new TopMeans(1, 60, images.length);
      // A first unit that is not asked about shows that places are counted right.
      const both = new TopMeans(2, 60, images.length);
      for (const { values, weights } of images) {
        means.add(Float32Array.from(values), 0, Float64Array.from(weights));
        both.add(Float32Array.from([7, ...new Array(60).fill(0), ...values]), 1, Float64Array.from(weights));
      }
      const cells = images.flatMap(({ values, weights }) =>
        values
          .map((value, i) => ({ value, weight: weights[i] as number }))
          .filter(({ weight }) => weight > 0),
      );
      if (cells.length === 0) {
        expect(means.result()).toBeNull();
        return;
      }
      const sorted = cells.sort((a, b) => b.value - a.value);
      const count = Math.max(1, Math.ceil(0.01 * cells.length));
      const bar = sorted[count - 1]?.value as number;
      // Cells that tie at the end may stand for each other: the result lies between their extremes.
      const sure = sorted.filter(({ value }) => value > bar);
      const found = means.result()?.[0] as number;
      const highest = sorted[0]?.value as number;
      expect(found).toBeLessThanOrEqual(highest + 1e-4);
      expect(found).toBeGreaterThanOrEqual(bar - 1e-4);
      if (sorted[count]?.value !== bar) {
        const top = sorted.slice(0, count);
        const weight = top.reduce((sum, one) => sum + one.weight, 0);
        const mean = top.reduce((sum, one) => sum + one.value * one.weight, 0) / weight;
        expect(found).toBeCloseTo(mean, 3);
      }
      if (sure.length === 0) expect(found).toBeCloseTo(bar, 3);
      expect(both.result()?.[1]).toBe(found);
    }),
  );
});
