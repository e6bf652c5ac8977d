/** Scales, ticks and tables of the charts, which are pure. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { extentOf, linear, nearest, stacked, ticksOf } from '../../webview/plots/scales.ts';
import { csvOf } from '../../webview/plots/table.ts';

test('a scale goes from the domain to pixels, widened to round numbers, and holds what lies outside', () => {
  const scale = linear([0, 0.94], [0, 200]);
  expect(scale.domain()).toEqual([0, 1]);
  expect(scale(0.5)).toBe(100);
  expect(scale(7)).toBe(200);
  expect(linear([0, 0.94], [0, 200], false).domain()).toEqual([0, 0.94]);
  expect(linear([3, 3], [0, 10]).domain()).toEqual([0, 1]);
  expect(linear([Number.NaN, 2], [0, 10]).domain()).toEqual([0, 1]);
});

test('ticks are round numbers inside the domain, with their words', () => {
  const ticks = ticksOf(linear([0, 1], [0, 100]), 5, (value) => `${Math.round(value * 100)} %`);
  expect(ticks.map(({ text }) => text)).toEqual(['0 %', '20 %', '40 %', '60 %', '80 %', '100 %']);
  expect(ticks.map(({ at }) => at)).toEqual([0, 20, 40, 60, 80, 100].map((at) => expect.closeTo(at, 9)));
});

test('the extent passes over what is no number', () => {
  expect(extentOf([3, Number.NaN, -1], 0)).toEqual([-1, 3]);
  expect(extentOf([Number.POSITIVE_INFINITY])).toEqual([0, 1]);
  expect(extentOf([], 2, 5)).toEqual([2, 5]);
});

test('the nearest of sorted places is no farther than any other', () => {
  expect(nearest([], 3)).toBe(-1);
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.integer(), (places, value) => {
      const sorted = [...places].sort((a, b) => a - b);
      const distance = Math.abs((sorted[nearest(sorted, value)] as number) - value);
      return sorted.every((at) => Math.abs(at - value) >= distance);
    }),
  );
});

test('stacked dots of one row keep apart, and a lone dot lies in the lowest row', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 40 }), (places) => {
      const rows = stacked(places, 8);
      return places.every((at, i) =>
        places.every((other, k) => k === i || rows[k] !== rows[i] || Math.abs(other - at) >= 8),
      );
    }),
  );
  expect(stacked([0, 4, 100], 8)).toEqual([0, 1, 0]);
});

test('CSV has the numbers as computed, quotes what needs it, and leaves out what is none', () => {
  const columns = ['Concept', 'Area, mean'];
  const rows = [
    ['tree "tall", old', { value: 0.123456789, text: '12.3 %' }],
    ['sky', { value: Number.NaN, text: '–' }],
  ];
  expect(csvOf({ columns, rows })).toBe(
    'Concept,"Area, mean"\r\n"tree ""tall"", old",0.123456789\r\nsky,\r\n',
  );
});
