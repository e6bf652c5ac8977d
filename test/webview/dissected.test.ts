/** The Units tab while and after a dissection: progress, names, concepts, layers side by side. */
import { afterAll, afterEach, expect, test } from 'vitest';
import type { ErrorData } from '../../src/shared/kernel/errors.ts';
import { agreementWith, rankUnits } from '../../src/shared/units/conceptUnion.ts';
import { DISSECT_DEFAULTS } from '../../src/shared/units/dissection.ts';
import { CONCEPTS } from './support/fakeUnits.ts';
import { closeBrowser, eventually } from './support/inspector.ts';
import { unitsSettled } from './support/units.ts';
import {
  DISSECTED,
  dissection,
  first,
  inspector,
  LAYERS,
  open,
  press,
  requests,
  text,
  unitsInSight,
} from './support/unitsPage.ts';

afterEach(async () => {
  expect(inspector.complaints).toEqual([]);
  await inspector.close();
});
afterAll(closeBrowser);

test('a dissection: its settings, its progress in words, partial results, pause, resume, and what it found', async () => {
  await open({ host: { dissectStep: 150 } });
  await inspector.id('dissect-samples').click();
  await inspector.id('dissect-samples').locator('vscode-option').nth(2).click();
  await inspector.id('dissect-samples-other').locator('input').fill('500');
  await press('Enter');
  await inspector.id('dissect-quantile').locator('input').fill('0.5');
  await press('Enter');
  const jobs = await inspector.most('[data-testid=job]');
  await inspector.id('dissect-go').click();
  await eventually(() => text('dissect-progress')).toMatch(
    /Choosing levels step 1 of 2 · \d+ of 500 samples · 40 s left/,
  );
  expect(await requests('startDissection').atLeast(1)).toEqual([
    {
      settings: {
        ...DISSECT_DEFAULTS,
        ...{ samples: 500, level: { mode: 'quantile', quantile: 0.005 }, layers: ['block1.conv1'] },
      },
    },
  ]);
  await eventually(() => text('dissect-progress')).toContain('Measuring agreement step 2 of 2');
  await eventually(() => text('dissect-so-far')).toMatch(/^So far: \d+ of 128 units stand for 9 concepts/);
  await eventually(() => inspector.page.locator('.unit-concept-name').count()).toBeGreaterThan(3);
  await inspector.id('dissect-pause').click();
  await inspector.id('dissect-paused').waitFor();
  await eventually(() => text('dissect-paused')).toContain('Paused: 1 layer, 500 samples.');
  await eventually(() => text('dissect-paused')).toContain('So far: ');
  await inspector.id('dissect-resume').click();
  await inspector.id('dissect-note').waitFor();
  const [begun, resumed, ...others] = await requests<{ settings: unknown }>('startDissection').once();
  expect(resumed).toEqual(begun);
  expect(others).toEqual([]);
  // Its own words are larger than the list of jobs.
  expect(await jobs.once()).toBe(0);
  await eventually(() => text('dissect-note')).toContain(
    'N = 500 · held out · seed 1 · top 0.5 % · Demo segmenter · 22 Nov 2026',
  );
  // Another choice than what is on show says so.
  await inspector.id('dissect-open').click();
  expect(await inspector.once(() => inspector.id('dissect-differs').count())).toBe(0);
  await inspector.id('dissect-samples-other').locator('input').fill('700');
  await press('Enter');
  await inspector.id('dissect-differs').waitFor();
  await inspector.id('export-report').click();
  await eventually(() => text('notice')).toBe('Saved /tmp/report');
});

test('after a crash or a reload: Resume with what is there', async () => {
  const settings = { ...DISSECT_DEFAULTS, layers: LAYERS, samples: 10_000 };
  await open({ host: { dissected: { dissection: null, job: null, resumable: settings } } });
  await eventually(() => text('dissect-paused')).toContain('Paused: 8 layers, 10,000 samples.');
  await inspector.id('dissect-resume').click();
  await inspector.id('dissect-progress').waitFor();
  expect(await requests('startDissection').once()).toEqual([{ settings }]);
});

test('one that fails says why, with a way on; what was there stays', async () => {
  const dissectFailure: ErrorData = {
    code: 'model.nonFinite',
    message: 'The pictures hold NaN.',
    advice: 'Check the weights.',
    next: ['showLog'],
  };
  await open({ host: { dissected: DISSECTED, dissectFailure, dissectStep: 5 } });
  await inspector.id('dissect-open').click();
  await inspector.id('dissect-go').click();
  await inspector.id('units-error').waitFor();
  await eventually(() => text('units-error')).toContain('The pictures hold NaN. Check the weights.');
  expect(await inspector.once(() => inspector.page.locator('.unit-concept-name').count())).toBeGreaterThan(3);
  await inspector.id('units-error').getByText('Show Log').click();
  await requests('nextStep')
    .eventually()
    .toEqual([{ step: 'showLog' }]);
});

test('names: bars and the table filter each other; the least IoU is decided in the page', async () => {
  await open({ host: { dissected: DISSECTED } });
  const count = (least: number, concept?: number) =>
    first.units.filter(
      (u) => u.iou > least && u.iou > u.bar && (concept === undefined || u.concept === concept),
    ).length;
  await eventually(() => text('dissect-summary')).toContain(`${count(0.04)} of 128 units`);
  const bar = inspector.page.locator('[data-testid=concept-bars] [role=option]').first();
  const concept = Number(await bar.getAttribute('data-bar'));
  await bar.click();
  await eventually(() => text('units-count')).toBe(`${count(0.04, concept)} of 128`);
  await eventually(() => text('concept-chip')).toBe(`Concept: ${CONCEPTS[concept]}`);
  await inspector.id('concept-chip').locator('button').click();
  await bar.focus();
  await press('ArrowDown');
  await press('Enter');
  const second = inspector.page.locator('[data-testid=concept-bars] [role=option]').nth(1);
  await eventually(() => second.getAttribute('aria-selected')).toBe('true');
  await press('Enter');
  await inspector.id('least-iou').locator('input').fill('0.2');
  await press('Enter');
  await eventually(() => text('dissect-summary')).toContain(`${count(0.2)} of 128 units`);
  await inspector.id('only-interpretable').click();
  await eventually(() => text('units-count')).toBe(`${count(0.2)} of 128`);
  await inspector.id('units-search').locator('input').fill('nothing such');
  await inspector.id('units-no-match').waitFor();
  await inspector.id('units-reset').click();
  await eventually(() => text('units-count')).toBe('128 of 128');
  await inspector.id('concept-table').locator('summary').click();
  await eventually(() => inspector.id('concept-table').locator('tbody tr').count()).toBeGreaterThan(2);
});

test('a concept of several parts: joined by mouse, keyboard and menu, ranked by the union', async () => {
  await open({ host: { dissected: DISSECTED } });
  const bars = inspector.page.locator('[data-testid=concept-bars] [role=option]');
  const indexOf = async (i: number) => Number(await bars.nth(i).getAttribute('data-bar'));
  const [a, b] = [await indexOf(0), await indexOf(1)];
  const name = (...concept: number[]) => concept.map((c) => CONCEPTS[c]).join(' + ');
  const order = (concept: number[]) => rankUnits(first, concept, dissection.conceptShare);
  await bars.nth(0).click();
  await bars.nth(1).click({ modifiers: ['Shift'] });
  await eventually(() => text('concept-chip')).toBe(`Concept: ${name(a, b)}`);
  await eventually(() => text('sort-iou')).toContain(`IoU: ${name(a, b)}`);
  const named = first.units.filter((u) => u.iou > 0.04 && u.iou > u.bar && [a, b].includes(u.concept));
  await eventually(() => text('units-count')).toBe(`${named.length} of 128`);
  const numbers = named.map(({ unit }) => unit);
  const within = order([a, b]).filter((unit) => numbers.includes(unit));
  await eventually(async () => (await unitsInSight()).slice(0, 5)).toEqual(within.slice(0, 5));
  await inspector.id('every-unit').click();
  await eventually(() => text('units-count')).toBe('128 of 128');
  await eventually(async () => (await unitsInSight()).slice(0, 6)).toEqual(order([a, b]).slice(0, 6));
  const shown = agreementWith(first, [a, b], dissection.conceptShare)[order([a, b])[0] ?? 0] ?? 0;
  await eventually(() => inspector.page.locator('.unit-iou').first().textContent()).toContain(
    shown.toFixed(3),
  );
  // It goes as it came; a plain pick is of that one alone, and every unit is ranked by it.
  await bars.nth(0).focus();
  await press('Shift+Enter');
  await eventually(() => text('concept-chip')).toBe(`Concept: ${name(b)}`);
  await eventually(async () => (await unitsInSight()).slice(0, 6)).toEqual(order([b]).slice(0, 6));
  await press('Shift+Space');
  await press('Enter');
  await eventually(() => text('concept-chip')).toBe(`Concept: ${name(a)}`);
  // Snow is in no picture and has no bar.
  await inspector.id('concept-menu').click();
  await eventually(() => inspector.id(`concept-menu-${a}`).getAttribute('aria-disabled')).toBe('true');
  await inspector.id('concept-menu-9').click();
  await eventually(() => text('concept-chip')).toBe(`Concept: ${name(a, 9)}`);
  await eventually(() =>
    inspector.page.evaluate(() => JSON.parse(sessionStorage.getItem('state') ?? 'null')),
  ).toMatchObject({ units: { concept: [a, 9], everyUnit: true } });
  await inspector.id('concept-chip').locator('button').click();
  expect(await inspector.once(() => inspector.id('every-unit').count())).toBe(0);
});

test('concepts of different kinds overlap and are not joined', async () => {
  const categories = CONCEPTS.map((_, c) => (c < 6 ? 'object' : 'part'));
  const mixed = { ...dissection, segmenter: { ...dissection.segmenter, categories } };
  await open({ host: { dissected: { ...DISSECTED, dissection: mixed } } });
  await inspector.id('concept-menu').click();
  await inspector.id('concept-menu-2').click();
  await inspector.id('concept-menu').click();
  await inspector.id('concept-menu-7').click();
  await eventually(() => text('notice')).toContain('door is of another kind');
  await eventually(() => text('concept-chip')).toBe('Concept: tree');
});

test('every column sorts, and again the other way round', async () => {
  await open({ width: 1500, host: { dissected: DISSECTED } });
  const value = {
    iou: (unit: number) => first.units[unit]?.iou ?? 0,
    null: (unit: number) => first.units[unit]?.bar ?? 0,
    level: (unit: number) => first.units[unit]?.level ?? 0,
    peak: (unit: number) => first.units[unit]?.peak ?? 0,
    unit: (unit: number) => -unit,
  };
  for (const [column, of] of Object.entries(value)) {
    if (column !== 'iou') await inspector.id(`sort-${column}`).click();
    const firstSix = async () => (await unitsInSight()).slice(0, 6).map(of);
    const sorted = async (sign: 1 | -1) =>
      (await firstSix()).every((value, i, all) => i === 0 || sign * ((all[i - 1] ?? 0) - value) >= 0);
    await eventually(() => sorted(1)).toBe(true);
    await inspector.id(`sort-${column}`).click();
    await inspector.id('units-scroll').evaluate((element) => element.scrollTo(0, 0));
    await eventually(() => sorted(-1)).toBe(true);
  }
});

test('layers side by side; a bar shows its layer; large concepts come with the other way of levels', async () => {
  await open({ height: 1200, host: { dissected: DISSECTED } });
  const bars = inspector.page.locator('[data-testid=layer-chart] [role=option]');
  await eventually(() => bars.count()).toBe(3);
  const words = () => bars.nth(2).textContent();
  await eventually(words).toContain(`block2.conv1, 16²: ${dissection.layers[2]?.interpretable} of 96 units`);
  await bars.nth(2).click();
  await eventually(() => text('status')).toContain('96 units of block2.conv1');
  await eventually(() => bars.nth(2).getAttribute('aria-selected')).toBe('true');
  await eventually(() => text('dissect-capped')).toContain(
    'sky, ground. A mask of the top 1 % can agree with sky by 0.024 at most.',
  );
  await inspector.id('use-iqr').click();
  await inspector.id('dissect-progress').waitFor();
  expect(await requests('startDissection').once()).toMatchObject([
    { settings: { level: { mode: 'iqr' }, layers: LAYERS.slice(1, 4), samples: 1000 } },
  ]);
});

test('a layer that the dissection did not take says so', async () => {
  await open({ host: { dissected: DISSECTED } });
  await inspector.page.locator('[data-layer="7"]').click();
  await unitsSettled(inspector);
  await eventually(() => text('dissect-empty')).toBe('This layer is not dissected yet.');
  expect(await inspector.once(() => inspector.page.locator('.unit-concept').count())).toBe(0);
});

test('a segmenter by folder or hub; without one the button says what is missing', async () => {
  const dissecting = {
    segmenter: null,
    warnings: ['The kept segmenter is gone.'],
    settings: { ...DISSECT_DEFAULTS, layers: [] },
  };
  await open({ host: { dissecting } });
  await eventually(() => text('units-warning')).toContain('The kept segmenter is gone.');
  await inspector.id('dissect-go').click();
  expect(await requests('startDissection').once()).toEqual([]);
  await eventually(() => inspector.id('dissect-go').getAttribute('title')).toBe('Choose a segmenter first.');
  await inspector.id('segmenter').click();
  await inspector.id('segmenter-hub').click();
  await eventually(() => text('segmenter')).toBe('nvidia/segformer-b0 · 10 concepts');
  expect(await requests('chooseSegmenter').once()).toEqual([{ what: 'hub' }]);
  // What was begun with the one before cannot be gone on with.
  await requests('dissection')
    .eventually((all) => all.length)
    .toBe(2);
});

test('numbers that are none draw nothing and break nothing', async () => {
  const units = first.units.map((unit) =>
    unit.unit % 2
      ? unit
      : { ...unit, iou: Number.NaN, bar: Number.NaN, level: Number.NaN, peak: Number.NaN, mean: Number.NaN },
  );
  const broken = { ...dissection, layers: [{ ...first, units }] };
  await open({ host: { dissected: { ...DISSECTED, dissection: broken } } }, false);
  await inspector.page.locator('.unit-row').first().waitFor();
  await inspector.page.locator('.unit-row').first().focus();
  await press('End');
  await eventually(() => inspector.page.locator('.unit-row:focus').textContent()).toContain('–');
  expect(await inspector.once(() => inspector.page.locator('.unit-row:focus').textContent())).not.toContain(
    'NaN',
  );
});
