/** What may be asked of scores, and which intervals they then give. */
import { describe, expect, it } from 'vitest';
import { withInterval } from '../../../src/algorithms/scores/bothSides.ts';
import { ctOf } from '../../../src/algorithms/scores/ct.ts';
import { coverage } from '../../../src/algorithms/scores/densityCoverage.ts';
import { fid } from '../../../src/algorithms/scores/fid.ts';
import { frontier } from '../../../src/algorithms/scores/frontier.ts';
import { kid } from '../../../src/algorithms/scores/kid.ts';
import { prd } from '../../../src/algorithms/scores/prd.ts';
import { precision } from '../../../src/algorithms/scores/precisionRecall.ts';
import { checkOptions, SCORES } from '../../../src/algorithms/scores/registry.ts';
import { vendi } from '../../../src/algorithms/scores/vendi.ts';
import { gaussian, inputs, width } from './support.ts';

const [generated, reference] = [gaussian(90, 3, 1, 0.3), gaussian(80, 3, 2)];

describe('options', () => {
  it.each(SCORES.map(({ id, options }) => ({ id, options })))(
    'of $id are known by name',
    ({ id, options }) => {
      expect(() => checkOptions({ [id]: { interval: 'none' } })).not.toThrow();
      for (const name of options) expect(() => checkOptions({ [id]: { [name]: 1 } })).not.toThrow();
      expect(() => checkOptions({ [id]: { [`${options[0] ?? 'k'}x`]: 1 } })).toThrow(/has no option/);
    },
  );

  it('of a score that there is not are refused', () => {
    expect(() => checkOptions({ fidd: { ddof: 0 } })).toThrow(/no score "fidd"/);
  });
});

describe('interval=both', () => {
  it.each([fid, kid, precision, coverage])('of $name is wider and says so', async (score) => {
    const [held] = await withInterval(score, inputs(generated, reference));
    const [both] = await withInterval(score, inputs(generated, reference, { options: { interval: 'both' } }));
    if (held === undefined || both === undefined) throw new Error('no value');
    expect(both.value).toBe(held.value);
    expect(width(both)).toBeGreaterThan(width(held));
    expect(held.intervalKind).toMatch(/the reference held as it is/);
    expect(both.intervalKind).toMatch(/with a new reference too/);
  });

  it('has nothing to draw anew without a reference, and other words are refused', async () => {
    const asked = (interval: string) => inputs(generated, reference, { options: { interval } });
    await expect(withInterval(vendi, asked('both'))).rejects.toThrow(/no reference to draw anew/);
    await expect(withInterval(fid, asked('all'))).rejects.toThrow(/interval is "all"/);
    for (const score of [fid, kid, vendi]) {
      const [value] = await withInterval(score, asked('none'));
      expect(value?.interval).toBeNull();
    }
  });
});

it('features that were float64 are said to be rounded, for the sides that a score looks at', async () => {
  const given = inputs({ ...generated, roundedFrom: 'float64' }, { ...reference, roundedFrom: 'float64' });
  const [both] = await withInterval(kid, given);
  expect(both?.warnings.join()).toMatch(/samples and the reference were given in float64.*float32/);
  const [own] = await withInterval(vendi, given);
  expect(own?.warnings.join()).toMatch(/of the samples were given in float64/);
  const [none] = await withInterval(kid, inputs(generated, reference));
  expect(none?.warnings.join()).not.toMatch(/float64/);
});

it('no interval leaves the range of its value', async () => {
  const same = inputs(gaussian(60, 2, 1), gaussian(60, 2, 2));
  for (const score of [fid, precision, coverage, frontier, prd]) {
    for (const { name, interval } of await score.compute(same)) {
      expect(interval?.[0], name).toBeGreaterThanOrEqual(0);
      if (score !== fid && !name.startsWith('Type')) expect(interval?.[1], name).toBeLessThanOrEqual(1);
    }
  }
});

it('nothing is said of how narrow an interval is that was not asked for', async () => {
  for (const score of [kid, prd]) {
    const none = await withInterval(score, inputs(generated, reference, { options: { interval: 'none' } }));
    expect(none.flatMap(({ warnings }) => warnings).join()).not.toMatch(/too narrow/);
  }
});

it('values over clusters say what their interval leaves out', async () => {
  const [integral] = await frontier.compute(inputs(generated, reference));
  expect(integral?.intervalKind).toMatch(/how the clusterings differ added/);
  const several = await prd.compute(inputs(generated, reference));
  for (const { intervalKind } of several) {
    expect(intervalKind).toMatch(/how the clusterings differ added.*leaves out.*shift.*less than 95 %/);
  }
  // Measured to hold in 85–95 % of draws; recall's in 95–100 %.
  expect(
    several.map(({ warnings }) => /Of precision the interval is too narrow.*85 %/.test(warnings.join())),
  ).toEqual([false, true]);
  // Where there is no interval there is nothing to say of it.
  const few = await prd.compute(inputs(gaussian(30, 3, 1), gaussian(30, 3, 2)));
  expect(few.map(({ interval, warnings }) => [interval, warnings.join().includes('too narrow')])).toEqual([
    [null, false],
    [null, false],
  ]);
  const [one] = await prd.compute(inputs(generated, reference, { options: { runs: 1 } }));
  expect(one?.intervalKind).toMatch(/clusters held too.*less than 95 %/);
});

it('C_T leaves out cells of 20 samples or fewer and corrects for continuity, as its reference does', async () => {
  const labels = (n: number, few: number) => Int32Array.from({ length: n }, (_, i) => (i < few ? 1 : 0));
  const parts = {
    ...{ training: gaussian(60, 2, 1), test: gaussian(60, 2, 2), generated: gaussian(60, 2, 3), k: 2 },
    cells: { training: labels(60, 30), test: labels(60, 30), generated: labels(60, 20) },
  };
  const given = inputs(parts.generated, parts.test);
  const plain = await ctOf(given, parts);
  const corrected = await ctOf(given, parts, { few: 0, continuity: 0.5 });
  const spread = (n: number, m: number) => Math.sqrt((n * m * (n + m + 1)) / 12);
  expect(corrected.value - plain.value).toBeCloseTo((0.5 / spread(30, 20) + 0.5 / spread(30, 40)) / 2, 10);
  const without = await ctOf(given, parts, { few: 20, continuity: 0 });
  const own = { ...parts.cells, generated: Int32Array.from(parts.cells.generated, (cell) => cell * 2) };
  expect(without.value).toBeCloseTo((await ctOf(given, { ...parts, cells: own })).value, 10);
});
