/** The Units tab's pure logic: agreement with the engine's arithmetic, order, filters, overlays. */
import { expect, test } from 'vitest';
import { Bilinear } from '../../src/algorithms/dissection/bilinear.ts';
import { agreementWith, rankUnits } from '../../src/shared/units/conceptUnion.ts';
import { DISSECT_DEFAULTS, type DissectedUnit } from '../../src/shared/units/dissection.ts';
import { conceptWords, picked } from '../../webview/model/conceptChoice.ts';
import { activation, finePercent, iou } from '../../webview/model/format.ts';
import {
  conceptColour,
  enlarged,
  heat,
  heatColour,
  labelShares,
  outline,
  segments,
} from '../../webview/model/overlays.ts';
import { readTab, readUnits, writePageState } from '../../webview/model/pageState.ts';
import { defaultSamples } from '../../webview/model/samplesModel.ts';
import {
  activeRows,
  cappedConcepts,
  conceptBars,
  DEFAULT_UNITS,
  differs,
  dissectedRows,
  firstLayer,
  shownRows,
} from '../../webview/model/unitsModel.ts';
import { isInterpretable, type Verdict } from '../../webview/model/verdict.ts';
import { activityOf, CONCEPTS, dissectionOf, layerOf, mapOf, SHARES } from './support/fakeUnits.ts';
import { demoModel } from './support/models.ts';

const model = demoModel();
const layers = model.layers ?? [];
const layer = layers[1] ?? layers[0];
if (layer === undefined) throw new Error('The demo model has layers.');
const settings = { ...DISSECT_DEFAULTS, layers: [layer.tensor] };
const verdict: Verdict = { leastIou: 0.04, level: settings.level };
const rows = dissectedRows(layerOf(layer, settings), CONCEPTS, verdict, null);

test.each([
  [8, 8, 82, 82],
  [4, 6, 31, 45],
  [16, 16, 16, 16],
  [1, 1, 7, 5],
  [64, 64, 48, 48],
])('maps are enlarged as a dissection enlarges them: %i×%i to %i×%i', (h, w, height, width) => {
  const values = mapOf(3, 5, h, w);
  const expected = new Float32Array(height * width);
  new Bilinear([h, w], [height, width]).enlarge(values, 0, expected);
  const own = enlarged({ values, width: w, height: h }, width, height);
  expect(Math.max(...own.map((value, i) => Math.abs(value - (expected[i] ?? 0))))).toBeLessThan(1e-6);
});

test('a unit stands for something as the engine decides it', () => {
  const unit = { iou: 0.05, bar: 0.03, quality: 0.005 };
  expect(isInterpretable(unit, verdict)).toBe(true);
  expect(isInterpretable(unit, { ...verdict, level: { mode: 'iqr' } })).toBe(false);
  expect(isInterpretable({ ...unit, quality: 0.02 }, { ...verdict, level: { mode: 'iqr' } })).toBe(true);
  expect(isInterpretable({ ...unit, bar: 0.05 }, verdict)).toBe(false);
  expect(isInterpretable(unit, { ...verdict, leastIou: 0.05 })).toBe(false);
  expect(isInterpretable({ ...unit, iou: Number.NaN }, verdict)).toBe(false);
});

test('order: the largest first, what is no number last, turned round on demand', () => {
  const ious = (state: Partial<typeof DEFAULT_UNITS>, of = rows) =>
    shownRows(of, { ...DEFAULT_UNITS, ...state }).map(({ found }) => found?.iou ?? 0);
  const sorted = ious({});
  expect(sorted).toEqual([...sorted].sort((a, b) => b - a));
  expect(ious({ reversed: true })).toEqual([...sorted].reverse());
  const found = layerOf(layer, settings);
  const units = found.units.map((unit) => (unit.unit === 0 ? { ...unit, iou: Number.NaN } : unit));
  const odd = dissectedRows({ ...found, units }, CONCEPTS, verdict, null);
  expect(ious({}, odd).at(-1)).toBeNaN();
  const numbers = shownRows(rows, { ...DEFAULT_UNITS, sort: 'unit' }).map(({ unit }) => unit);
  expect(numbers).toEqual(rows.map((_, i) => i));
  const names = shownRows(rows, { ...DEFAULT_UNITS, sort: 'concept' }).map(({ concept }) => concept);
  expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b)));
});

test('filters: a concept’s bar counts just the rows that it leaves', () => {
  const bars = conceptBars(rows, CONCEPTS, []);
  expect(bars.length).toBeGreaterThan(3);
  expect(bars.map(({ units }) => units)).toEqual(bars.map(({ units }) => units).sort((a, b) => b - a));
  for (const { concept, units } of bars)
    expect(shownRows(rows, { ...DEFAULT_UNITS, concept: [concept] }).length).toBe(units);
  const total = bars.reduce((sum, { units }) => sum + units, 0);
  expect(shownRows(rows, { ...DEFAULT_UNITS, onlyInterpretable: true }).length).toBe(total);
  const found = shownRows(rows, { ...DEFAULT_UNITS, search: ' TRE' });
  expect(found.length).toBeGreaterThan(0);
  expect(found.every(({ concept }) => concept === 'tree')).toBe(true);
  expect(shownRows(rows, { ...DEFAULT_UNITS, search: '12' }).map(({ unit }) => unit)).toEqual([12]);
});

test('a concept ranks by its own IoU, a union by that of the union; with every unit, all of them', () => {
  const found = layerOf(layer, settings);
  const ranked = (concept: readonly number[], everyUnit = true) => {
    const iou = agreementWith(found, concept, SHARES);
    const of = dissectedRows(found, CONCEPTS, verdict, null, { concept, iou });
    return shownRows(of, { ...DEFAULT_UNITS, concept, everyUnit });
  };
  for (const concept of [[2], [6, 7, 8]]) {
    expect(ranked(concept).map(({ unit }) => unit)).toEqual(rankUnits(found, concept, SHARES));
    const own = ranked(concept, false);
    expect(own.every(({ found: of }) => of !== null && concept.includes(of.concept))).toBe(true);
    expect(own.length).toBe(
      rows.filter((row) => row.interpretable && concept.includes(row.found?.concept ?? -1)).length,
    );
  }
  // The unit's own concept keeps what was measured of it; of others there is no interval, of unions no chance.
  const [first] = ranked([2], false);
  expect(first?.agreement).toMatchObject({ interval: first?.found?.interval, bar: first?.found?.bar });
  expect(ranked([2]).find(({ found: of }) => of?.concept !== 2)?.agreement).toMatchObject({ interval: null });
  expect(ranked([6, 7])[0]?.agreement).toMatchObject({ interval: null, bar: null });
});

test('picking: one alone, joined ones come and go, in the order chosen', () => {
  expect(picked([], 2, false)).toEqual([2]);
  expect(picked([2], 2, false)).toEqual([]);
  expect(picked([2, 6], 2, false)).toEqual([2]);
  expect(picked([6], 2, true)).toEqual([6, 2]);
  expect(picked([6, 2], 6, true)).toEqual([2]);
  expect(picked([2], 2, true)).toEqual([]);
  expect(conceptWords(CONCEPTS, [6, 2])).toBe('house + tree');
});

test('before a dissection: by peak, and a place ranks units against their peak', () => {
  const activity = activityOf(
    { kind: 'seeds', source: settings.source, seed: 0, count: 64, classes: 'all' },
    layer,
    8,
  );
  const peaks = shownRows(activeRows(activity, null), DEFAULT_UNITS).map(({ peak }) => peak);
  expect(peaks).toEqual([...peaks].sort((a, b) => b - a));
  const here = Float32Array.from(activity.peak, (peak, unit) => (unit === 7 ? peak : peak * 0.1));
  const ranked = shownRows(activeRows(activity, here), DEFAULT_UNITS);
  expect(ranked[0]?.unit).toBe(7);
  expect(ranked[0]?.here).toBeCloseTo(1);
  const never = { ...activity, peak: new Float32Array(layer.units) };
  expect(shownRows(activeRows(never, here), DEFAULT_UNITS).every(({ here: at }) => Number.isNaN(at))).toBe(
    true,
  );
});

test('after one a place ranks units between their level and their peak', () => {
  const found = layerOf(layer, settings);
  const unit = found.units[3] as DissectedUnit;
  const here = new Float32Array(layer.units).fill(-1);
  here[3] = unit.level;
  const ranked = shownRows(dissectedRows(found, CONCEPTS, verdict, here), DEFAULT_UNITS);
  expect(ranked[0]?.unit).toBe(3);
  expect(ranked[0]?.here).toBeCloseTo(0);
});

test('large concepts are capped by the share of a mask, in quantile mode alone', () => {
  const made = dissectionOf(model, settings);
  expect(cappedConcepts(made).map(({ name }) => name)).toEqual(['sky', 'ground']);
  expect(cappedConcepts({ ...made, settings: { ...settings, level: { mode: 'iqr' } } })).toEqual([]);
});

test('settings differ in what changes the numbers, not in layers or the least IoU', () => {
  expect(differs(settings, { ...settings, layers: ['other'], leastIou: 0.1 })).toBe(false);
  expect(differs(settings, { ...settings, samples: 10_000 })).toBe(true);
  expect(differs(settings, { ...settings, level: { mode: 'quantile', quantile: 0.02 } })).toBe(true);
});

test('the first layer: what a dissection says most of, else the first of 8 cells', () => {
  expect(firstLayer(layers, null)?.resolution).toEqual([8, 8]);
  const last = layers.at(-1);
  const made = dissectionOf(model, { ...settings, layers: [last?.tensor ?? ''] });
  expect(firstLayer(layers, made)?.tensor).toBe(last?.tensor);
  expect(firstLayer([], null)).toBeNull();
});

test('overlays: heat from 0 to the peak, a closed outline, concepts at the nearest pixel', () => {
  const map = Float32Array.from([-1, 0, 0.5, 1, Number.NaN, 2]);
  const hot = heat(map, 1);
  expect([3, 7, 19].map((i) => hot[i])).toEqual([0, 0, 0]);
  expect([...hot.slice(12, 15)]).toEqual(heatColour(1).map(Math.round));
  expect([...heat(map, Number.NaN)].every((value) => value === 0)).toBe(true);
  // 3 × 3 with the middle above the level: a line there, shade around it.
  const ring = outline(Float32Array.from([0, 0, 0, 0, 1, 0, 0, 0, 0]), 3, 0.5, 100);
  expect([...ring.slice(16, 20)]).toEqual([255, 255, 255, 255]);
  expect([ring[3], ring[7]]).toEqual([100, 170]);
  const labels = Uint16Array.from([0, 65535, 2, 2]);
  const drawn = segments(labels, { width: 2, height: 2 }, 4, 4);
  expect([...drawn.slice(0, 3)]).toEqual(conceptColour(0).map(Math.round));
  expect(drawn[11]).toBe(0);
  expect(labelShares(labels)).toEqual([
    { concept: 2, share: 0.5 },
    { concept: 0, share: 0.25 },
  ]);
});

test('colours of the first twenty concepts can be told apart', () => {
  const colours = Array.from({ length: 20 }, (_, i) => conceptColour(i));
  let nearest = Number.POSITIVE_INFINITY;
  colours.forEach((a, i) => {
    for (const b of colours.slice(i + 1))
      nearest = Math.min(nearest, Math.hypot(...a.map((value, c) => value - (b[c] ?? 0))));
  });
  expect(nearest).toBeGreaterThan(20);
});

test('what was kept comes back, and what does not hold does not', () => {
  const state = {
    ...DEFAULT_UNITS,
    tensor: 'a',
    sort: 'null' as const,
    selection: [3, 1],
    leastIou: 0.1,
    concept: [6, 7],
    everyUnit: true,
  };
  const kept = JSON.parse(
    JSON.stringify(writePageState('m', 'units', defaultSamples(16, 'numpy'), { units: state })),
  );
  expect(readUnits(kept, 'm')).toEqual(state);
  expect(readTab(kept, 'm')).toBe('units');
  expect(readUnits(kept, 'other')).toEqual(DEFAULT_UNITS);
  expect(readTab({ ...kept, tab: 'nonsense' }, 'm')).toBe('samples');
  // As earlier versions kept it: one index, or null.
  expect(readUnits({ ...kept, units: { ...kept.units, concept: 4 } }, 'm').concept).toEqual([4]);
  expect(readUnits({ ...kept, units: { ...kept.units, concept: null } }, 'm').concept).toEqual([]);
  const broken = {
    ...kept,
    units: { tensor: 7, sort: 'x', selection: ['a', 2], concept: [-1, 3, 3, 'x'], leastIou: 9, overlay: 0 },
  };
  expect(readUnits(broken, 'm')).toEqual({ ...DEFAULT_UNITS, selection: [2], concept: [3] });
});

test('numbers as people read them', () => {
  expect([5.4721, 0.4, 0, -1.5, 1234.6, 0.00012].map(activation)).toEqual([
    ...['5.47', '0.400', '0', '−1.50', '1235', '1.2e−4'],
  ]);
  expect([activation(Number.NaN), iou(Number.NaN), iou(0.1824)]).toEqual(['–', '–', '0.182']);
  expect([finePercent(0.01), finePercent(0.005)]).toEqual(['1 %', '0.5 %']);
});
