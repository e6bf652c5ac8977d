import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TopSamples } from '../../../src/algorithms/dissection/topSamples.ts';

// Few different values, so that there are ties.
const anyValues = fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 30 });

it('keeps what sorting would put first, the earlier of equals, whatever the order of arrival', () => {
  fc.assert(
    fc.property(anyValues, fc.integer({ min: 1, max: 6 }), fc.infiniteStream(fc.nat()), (values, k, keys) => {
      const arrivals = values.map((value, index) => ({ index, value, key: keys.next().value as number }));
      const top = new TopSamples(2, k);
      for (const { index, value } of arrivals.toSorted((a, b) => a.key - b.key)) top.add(1, index, value);
      const sorted = arrivals.toSorted((a, b) => b.value - a.value || a.index - b.index).slice(0, k);
      expect(top.of(1)).toEqual(sorted.map(({ index, value }) => ({ index, value })));
      expect(top.of(0)).toEqual([]);
    }),
  );
});

it('is the same made again from its arrays halfway', () => {
  fc.assert(
    fc.property(anyValues, (values) => {
      const whole = new TopSamples(1, 3);
      values.forEach((value, i) => {
        whole.add(0, i, value);
      });
      const half = Math.floor(values.length / 2);
      const first = new TopSamples(1, 3);
      values.slice(0, half).forEach((value, i) => {
        first.add(0, i, value);
      });
      const state = { indices: first.indices.slice(), values: first.values.slice() };
      const second = new TopSamples(1, 3, state);
      values.slice(half).forEach((value, i) => {
        second.add(0, half + i, value);
      });
      expect(second.of(0)).toEqual(whole.of(0));
    }),
  );
});

it('passes over what is no number', () => {
  const top = new TopSamples(1, 2);
  top.add(0, 0, Number.NaN);
  top.add(0, 1, -4);
  expect(top.of(0)).toEqual([{ index: 1, value: -4 }]);
});
