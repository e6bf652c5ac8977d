/** The Units tab in use: before, while and after a dissection. */
import { afterAll, afterEach, expect, test } from 'vitest';
import { agreementWith, rankUnits } from '../../src/shared/conceptUnion.ts';
import { DISSECT_DEFAULTS } from '../../src/shared/dissection.ts';
import type { ErrorData } from '../../src/shared/errors.ts';
import { CONCEPTS, dissectionOf, mapOf, peakOf } from './support/fakeUnits.ts';
import { closeBrowser, type Inspector, type Options, openInspector } from './support/inspector.ts';
import { demoModel, translatorModel } from './support/models.ts';
import { unitsSettled } from './support/units.ts';

let inspector: Inspector;
const model = demoModel();
const LAYERS = (model.layers ?? []).map(({ tensor }) => tensor);
const dissection = dissectionOf(model, { ...DISSECT_DEFAULTS, layers: LAYERS.slice(1, 4) });
const DISSECTED = { dissection, job: null, resumable: null };
/** The layer with most to say, which is the one that the tab begins with. */
const first = [...dissection.layers].sort((a, b) => b.interpretable - a.interpretable)[0];
if (first === undefined) throw new Error('The dissection has layers.');

async function open(options: Options = {}, settled = true): Promise<void> {
  inspector = await openInspector({ width: 980, height: 860, ...options });
  await inspector.settled();
  await inspector.page.getByRole('tab', { name: 'Units' }).click();
  if (settled) await unitsSettled(inspector);
}
const requests = <T = Record<string, unknown>>(method: string) =>
  inspector.page.evaluate(
    (name) => window.fakeHost.log.filter((entry) => entry.method === name).map(({ params }) => params),
    method,
  ) as Promise<T[]>;
/** Units in the document, from the top. */
const unitsInSight = () =>
  inspector.page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('.unit-row')]
      .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
      .map((row) => Number(row.dataset.unit)),
  );
const focusedRow = () =>
  inspector.page.evaluate(() => Number((document.activeElement as HTMLElement)?.dataset.unit));
const press = (key: string) => inspector.page.keyboard.press(key);
const text = (id: string) => inspector.id(id).textContent();

afterEach(async () => {
  expect(inspector.complaints).toEqual([]);
  await inspector.close();
});
afterAll(closeBrowser);

test('before a dissection: units by peak, with what drives them, and the unit on the samples', async () => {
  await open();
  const byPeak = Array.from({ length: 128 }, (_, unit) => unit).sort((a, b) => peakOf(b) - peakOf(a));
  expect((await unitsInSight()).slice(0, 8)).toEqual(byPeak.slice(0, 8));
  expect(await requests('activity')).toMatchObject([
    {
      ...{ tensor: 'block1.conv1', k: 8, stamp: 'first' },
      plan: { kind: 'seeds', seed: 0, count: 256, classes: 'all', source: { rng: 'numpy', layout: 'each' } },
    },
  ]);
  expect(await text('focused-unit')).toBe(`Unit ${byPeak[0]}`);
  const pictures = await requests<{ maxSide: number; units: number[]; plan: { kind: string } }>(
    'unitPictures',
  );
  const [maps, ...thumbs] = [...pictures].sort((a, b) => a.maxSide - b.maxSide);
  expect(maps).toMatchObject({ maxSide: 0, units: Array(16).fill(byPeak[0]), plan: { kind: 'seeds' } });
  expect(thumbs.length).toBeGreaterThan(0);
  for (const { units, plan } of thumbs) {
    expect(plan.kind).toBe('picks');
    expect(units.length).toBeLessThanOrEqual(48);
  }
  await inspector.id('sort-mean').click();
  expect(await inspector.page.locator('[aria-sort]').textContent()).toBe('Mean');
  expect((await requests('activity')).length).toBe(1);
  expect(await text('dissect-empty')).toContain('What does each unit stand for?');
});

test('the overlay is the unit’s map, enlarged over each sample', async () => {
  await open();
  const unit = Number((await text('focused-unit'))?.replace('Unit ', ''));
  const alphas = await inspector.page.evaluate(() =>
    [...document.querySelectorAll<HTMLCanvasElement>('.tile-overlay')].map((canvas) => {
      const { width, height } = canvas;
      const data = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
      let at = 0;
      for (let i = 0; i < width * height; i++) if ((data[i * 4 + 3] ?? 0) > (data[at * 4 + 3] ?? 0)) at = i;
      return { x: (at % width) / width, y: Math.floor(at / width) / height };
    }),
  );
  expect(alphas.length).toBe(16);
  alphas.forEach(({ x, y }, seed) => {
    const map = mapOf(seed, unit, 8, 8);
    const cell = map.indexOf(Math.max(...map));
    expect(Math.abs(x * 8 - 0.5 - (cell % 8))).toBeLessThan(1);
    expect(Math.abs(y * 8 - 0.5 - Math.floor(cell / 8))).toBeLessThan(1);
  });
  await inspector.page.locator('[data-testid=overlay] input[value=segmentation]').check({ force: true });
  await unitsSettled(inspector);
  expect(await text('legend')).toMatch(/^sky \d+ %ground \d+ %tree \d+ %$/);
  await inspector.page.locator('[data-testid=overlay] input[value=none]').check({ force: true });
  await expect
    .poll(() => inspector.page.locator('.tile-overlay').first().getAttribute('data-overlay'))
    .toBe('');
});

test('another layer by the arrow keys; the layers are described once', async () => {
  await open();
  await inspector.page.locator('[data-layer="1"]').focus();
  await press('ArrowRight');
  await press('ArrowRight');
  await expect.poll(() => text('status')).toContain('96 units of block2.conv1');
  await unitsSettled(inspector);
  const full = (await requests<{ depth: string }>('describe')).filter(({ depth }) => depth === 'full');
  expect(full.length).toBe(1);
  const tensors = (await requests<{ tensor: string }>('activity')).map(({ tensor }) => tensor);
  expect(tensors.at(-1)).toBe('block2.conv1');
  await press('ArrowLeft');
  await press('ArrowLeft');
  await expect.poll(() => text('status')).toContain('128 units of block1.conv1');
  // Known already.
  expect(
    (await requests<{ tensor: string }>('activity')).filter(({ tensor }) => tensor === LAYERS[1]).length,
  ).toBe(1);
});

test('the same samples and selection in both tabs, and the tab is kept', async () => {
  await open();
  await inspector.page.getByRole('tab', { name: 'Samples' }).click();
  await inspector.settled();
  await inspector.page.locator('.cell').nth(4).click();
  const asked = (await requests('sample')).length;
  await inspector.page.getByRole('tab', { name: 'Units' }).click();
  await unitsSettled(inspector);
  const selected = inspector.page.locator('.tile[aria-selected=true]');
  expect(await selected.getAttribute('aria-label')).toContain('seed 4');
  expect((await requests('sample')).length).toBe(asked);
  await inspector.id('sort-unit').click();
  await inspector.page.locator('[data-layer="3"]').click();
  await inspector.page.locator('[data-testid=overlay] input[value=outline]').check({ force: true });
  await unitsSettled(inspector);
  await inspector.page
    .locator('.unit-row')
    .nth(2)
    .click({ modifiers: ['Control'] });
  await inspector.page.waitForTimeout(200);
  await inspector.page.reload();
  await unitsSettled(inspector);
  expect(await inspector.page.getByRole('tab', { name: 'Units' }).getAttribute('aria-selected')).toBe('true');
  expect(await text('status')).toContain('96 units of block2.conv1');
  expect(await inspector.page.locator('[aria-sort]').textContent()).toBe('Unit');
  expect(await inspector.page.locator('.unit-row[aria-selected=true]').getAttribute('data-unit')).toBe('2');
  expect(await text('focused-unit')).toBe('Unit 2');
  expect(await inspector.page.locator('[data-testid=overlay] input:checked').getAttribute('value')).toBe(
    'outline',
  );
  expect(await selected.count()).toBe(1);
});

test('five thousand units scroll with few rows in the document', async () => {
  const layers = [
    {
      name: 'wide',
      tensor: 'wide',
      shape: [1, 5000, 8, 8],
      units: 5000,
      resolution: [8, 8] as const,
      op: 'Relu',
      suffixCost: 1,
    },
  ];
  await open({ host: { model: { ...model, layers }, unitDelay: 20 } });
  const grid = inspector.id('units-grid');
  expect(await grid.getAttribute('aria-rowcount')).toBe('5001');
  await inspector.page.locator('.unit-row').first().focus();
  const since = Date.now();
  for (let i = 0; i < 20; i++) {
    await press('PageDown');
    expect(await inspector.page.locator('.unit-row').count()).toBeLessThan(60);
  }
  // A hang guard, not a benchmark.
  expect(Date.now() - since).toBeLessThan(10_000);
  const row = Number(await inspector.page.locator('.unit-row:focus').getAttribute('aria-rowindex'));
  expect(row).toBeGreaterThan(100);
  await unitsSettled(inspector);
  await press('End');
  await expect
    .poll(() => inspector.page.locator('.unit-row:focus').getAttribute('aria-rowindex'))
    .toBe('5001');
  await unitsSettled(inspector);
  await press('Home');
  await expect.poll(() => inspector.page.locator('.unit-row:focus').getAttribute('aria-rowindex')).toBe('2');
  // Far from every row that passed by was asked for: 5,000 would be more than 600 requests.
  const asked = await requests<{ maxSide: number }>('unitPictures');
  expect(asked.filter(({ maxSide }) => maxSide > 0).length).toBeLessThan(70);
  // The wheel, too: rows follow.
  await inspector.id('units-scroll').evaluate((element) => element.scrollTo(0, 60 * 2500));
  await expect.poll(() => inspector.page.locator('.unit-row[aria-rowindex="2505"]').count()).toBe(1);
  expect(await inspector.page.locator('.unit-row').count()).toBeLessThan(60);
  // The keyboard's row is still there, so that Tab finds it.
  expect(await inspector.page.locator('.unit-row[tabindex="0"]').getAttribute('aria-rowindex')).toBe('2');
});

test('keys of the table: rows, selection, and away from it', async () => {
  await open({ host: { dissected: DISSECTED } });
  const order = await unitsInSight();
  await inspector.page.locator('.unit-row').first().focus();
  await press('ArrowDown');
  await press('ArrowDown');
  await expect.poll(focusedRow).toBe(order[2]);
  expect(await text('focused-unit')).toContain(`Unit ${order[2]}`);
  await press('Space');
  await press('ArrowUp');
  await press('Space');
  expect(await text('units-selected')).toBe('2 selected');
  await press('Space');
  expect(await text('units-selected')).toBe('1 selected');
  await press('Escape');
  await expect.poll(() => inspector.id('units-selected').count()).toBe(0);
  await expect.poll(focusedRow).toBe(order[1]);
});

test('a dissection: its settings, its progress in words, partial results, pause, resume, and what it found', async () => {
  await open({ host: { dissectStep: 150 } });
  await inspector.id('dissect-samples').click();
  await inspector.id('dissect-samples').locator('vscode-option').nth(2).click();
  await inspector.id('dissect-samples-other').locator('input').fill('500');
  await press('Enter');
  await inspector.id('dissect-quantile').locator('input').fill('0.5');
  await press('Enter');
  await inspector.id('dissect-go').click();
  await expect
    .poll(() => text('dissect-progress'), { timeout: 5000 })
    .toMatch(/Choosing levels step 1 of 2 · \d+ of 500 samples · 40 s left/);
  expect(await requests('startDissection')).toEqual([
    {
      settings: {
        ...DISSECT_DEFAULTS,
        ...{ samples: 500, level: { mode: 'quantile', quantile: 0.005 }, layers: ['block1.conv1'] },
      },
    },
  ]);
  await expect
    .poll(() => text('dissect-progress'), { timeout: 5000 })
    .toContain('Measuring agreement step 2 of 2');
  await expect.poll(() => text('dissect-so-far')).toMatch(/^So far: \d+ of 128 units stand for 9 concepts/);
  expect(await inspector.page.locator('.unit-concept-name').count()).toBeGreaterThan(3);
  expect(await inspector.id('job').count()).toBe(0);
  await inspector.id('dissect-pause').click();
  await inspector.id('dissect-paused').waitFor();
  expect(await text('dissect-paused')).toContain('Paused: 1 layer, 500 samples.');
  expect(await text('dissect-paused')).toContain('So far: ');
  await inspector.id('dissect-resume').click();
  await inspector.id('dissect-note').waitFor();
  const [begun, resumed] = await requests<{ settings: unknown }>('startDissection');
  expect(resumed).toEqual(begun);
  expect(await text('dissect-note')).toContain(
    'N = 500 · held out · seed 1 · top 0.5 % · Demo segmenter · 22 Nov 2026',
  );
  // Another choice than what is on show says so.
  await inspector.id('dissect-open').click();
  expect(await inspector.id('dissect-differs').count()).toBe(0);
  await inspector.id('dissect-samples-other').locator('input').fill('700');
  await press('Enter');
  await inspector.id('dissect-differs').waitFor();
  await inspector.id('export-report').click();
  await expect.poll(() => text('notice')).toBe('Saved /tmp/report');
});

test('after a crash or a reload: Resume with what is there', async () => {
  const settings = { ...DISSECT_DEFAULTS, layers: LAYERS, samples: 10_000 };
  await open({ host: { dissected: { dissection: null, job: null, resumable: settings } } });
  expect(await text('dissect-paused')).toContain('Paused: 8 layers, 10,000 samples.');
  await inspector.id('dissect-resume').click();
  await inspector.id('dissect-progress').waitFor();
  expect(await requests('startDissection')).toEqual([{ settings }]);
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
  expect(await text('units-error')).toContain('The pictures hold NaN. Check the weights.');
  expect(await inspector.page.locator('.unit-concept-name').count()).toBeGreaterThan(3);
  await inspector.id('units-error').getByText('Show Log').click();
  await expect.poll(() => requests('nextStep')).toEqual([{ step: 'showLog' }]);
});

test('names: bars and the table filter each other; the least IoU is decided in the page', async () => {
  await open({ host: { dissected: DISSECTED } });
  const count = (least: number, concept?: number) =>
    first.units.filter(
      (u) => u.iou > least && u.iou > u.bar && (concept === undefined || u.concept === concept),
    ).length;
  expect(await text('dissect-summary')).toContain(`${count(0.04)} of 128 units`);
  const bar = inspector.page.locator('[data-testid=concept-bars] [role=option]').first();
  const concept = Number(await bar.getAttribute('data-bar'));
  await bar.click();
  await expect.poll(() => text('units-count')).toBe(`${count(0.04, concept)} of 128`);
  expect(await text('concept-chip')).toBe(`Concept: ${CONCEPTS[concept]}`);
  await inspector.id('concept-chip').locator('button').click();
  await bar.focus();
  await press('ArrowDown');
  await press('Enter');
  const second = inspector.page.locator('[data-testid=concept-bars] [role=option]').nth(1);
  expect(await second.getAttribute('aria-selected')).toBe('true');
  await press('Enter');
  await inspector.id('least-iou').locator('input').fill('0.2');
  await press('Enter');
  await expect.poll(() => text('dissect-summary')).toContain(`${count(0.2)} of 128 units`);
  await inspector.id('only-interpretable').click();
  await expect.poll(() => text('units-count')).toBe(`${count(0.2)} of 128`);
  await inspector.id('units-search').locator('input').fill('nothing such');
  await inspector.id('units-no-match').waitFor();
  await inspector.id('units-reset').click();
  await expect.poll(() => text('units-count')).toBe('128 of 128');
  await inspector.id('concept-table').locator('summary').click();
  expect(await inspector.id('concept-table').locator('tbody tr').count()).toBeGreaterThan(2);
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
  await expect.poll(() => text('concept-chip')).toBe(`Concept: ${name(a, b)}`);
  expect(await text('sort-iou')).toContain(`IoU: ${name(a, b)}`);
  const named = first.units.filter((u) => u.iou > 0.04 && u.iou > u.bar && [a, b].includes(u.concept));
  expect(await text('units-count')).toBe(`${named.length} of 128`);
  const numbers = named.map(({ unit }) => unit);
  const within = order([a, b]).filter((unit) => numbers.includes(unit));
  expect((await unitsInSight()).slice(0, 5)).toEqual(within.slice(0, 5));
  await inspector.id('every-unit').click();
  await expect.poll(() => text('units-count')).toBe('128 of 128');
  expect((await unitsInSight()).slice(0, 6)).toEqual(order([a, b]).slice(0, 6));
  const shown = agreementWith(first, [a, b], dissection.conceptShare)[order([a, b])[0] ?? 0] ?? 0;
  expect(await inspector.page.locator('.unit-iou').first().textContent()).toContain(shown.toFixed(3));
  // It goes as it came; a plain pick is of that one alone, and every unit is ranked by it.
  await bars.nth(0).focus();
  await press('Shift+Enter');
  await expect.poll(() => text('concept-chip')).toBe(`Concept: ${name(b)}`);
  expect((await unitsInSight()).slice(0, 6)).toEqual(order([b]).slice(0, 6));
  await press('Shift+Space');
  await press('Enter');
  await expect.poll(() => text('concept-chip')).toBe(`Concept: ${name(a)}`);
  // Snow is in no picture and has no bar.
  await inspector.id('concept-menu').click();
  expect(await inspector.id(`concept-menu-${a}`).getAttribute('aria-disabled')).toBe('true');
  await inspector.id('concept-menu-9').click();
  await expect.poll(() => text('concept-chip')).toBe(`Concept: ${name(a, 9)}`);
  await expect
    .poll(() => inspector.page.evaluate(() => JSON.parse(sessionStorage.getItem('state') ?? 'null')))
    .toMatchObject({ units: { concept: [a, 9], everyUnit: true } });
  await inspector.id('concept-chip').locator('button').click();
  expect(await inspector.id('every-unit').count()).toBe(0);
});

test('concepts of different kinds overlap and are not joined', async () => {
  const categories = CONCEPTS.map((_, c) => (c < 6 ? 'object' : 'part'));
  const mixed = { ...dissection, segmenter: { ...dissection.segmenter, categories } };
  await open({ host: { dissected: { ...DISSECTED, dissection: mixed } } });
  await inspector.id('concept-menu').click();
  await inspector.id('concept-menu-2').click();
  await inspector.id('concept-menu').click();
  await inspector.id('concept-menu-7').click();
  await expect.poll(() => text('notice')).toContain('door is of another kind');
  expect(await text('concept-chip')).toBe('Concept: tree');
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
    const order = (await unitsInSight()).map(of);
    expect(order.slice(0, 6)).toEqual([...order.slice(0, 6)].sort((a, b) => b - a));
    await inspector.id(`sort-${column}`).click();
    await inspector.id('units-scroll').evaluate((element) => element.scrollTo(0, 0));
    const turned = (await unitsInSight()).map(of);
    expect(turned.slice(0, 6)).toEqual([...turned.slice(0, 6)].sort((a, b) => a - b));
  }
});

test('layers side by side; a bar shows its layer; large concepts come with the other way of levels', async () => {
  await open({ height: 1200, host: { dissected: DISSECTED } });
  const bars = inspector.page.locator('[data-testid=layer-chart] [role=option]');
  expect(await bars.count()).toBe(3);
  const words = await bars.nth(2).textContent();
  expect(words).toContain(`block2.conv1, 16²: ${dissection.layers[2]?.interpretable} of 96 units`);
  await bars.nth(2).click();
  await expect.poll(() => text('status')).toContain('96 units of block2.conv1');
  expect(await bars.nth(2).getAttribute('aria-selected')).toBe('true');
  expect(await text('dissect-capped')).toContain(
    'sky, ground. A mask of the top 1 % can agree with sky by 0.024 at most.',
  );
  await inspector.id('use-iqr').click();
  await inspector.id('dissect-progress').waitFor();
  expect(await requests('startDissection')).toMatchObject([
    { settings: { level: { mode: 'iqr' }, layers: LAYERS.slice(1, 4), samples: 1000 } },
  ]);
});

test('a layer that the dissection did not take says so', async () => {
  await open({ host: { dissected: DISSECTED } });
  await inspector.page.locator('[data-layer="7"]').click();
  await unitsSettled(inspector);
  expect(await text('dissect-empty')).toBe('This layer is not dissected yet.');
  expect(await inspector.page.locator('.unit-concept').count()).toBe(0);
});

test('units ranked at a place: by click, by keyboard, and back', async () => {
  await open();
  const tile = inspector.page.locator('.tile').nth(3);
  const box = await tile.boundingBox();
  if (box === null) throw new Error('The tile is on show.');
  await tile.click({ position: { x: box.width * 0.4, y: box.height * 0.3 } });
  await inspector.page.locator('[data-testid=here]').first().waitFor();
  expect(await text('rank-chip')).toMatch(/^Ranked at seed 3 \(2[45], 1[89]\)$/);
  const [{ x, y } = { x: 0, y: 0 }] = await requests<{ x: number; y: number }>('unitsAt');
  expect([x, y]).toEqual([expect.closeTo(0.4, 1), expect.closeTo(0.3, 1)]);
  const cell = Math.floor(y * 8) * 8 + Math.floor(x * 8);
  const here = (unit: number, seed: number, at: number) => (mapOf(seed, unit, 8, 8)[at] ?? 0) / peakOf(unit);
  const order = Array.from({ length: 128 }, (_, unit) => unit).sort(
    (a, b) => here(b, 3, cell) - here(a, 3, cell),
  );
  expect((await unitsInSight()).slice(0, 6)).toEqual(order.slice(0, 6));
  await inspector.id('rank-chip').locator('button').click();
  expect(await inspector.page.locator('[data-testid=here]').count()).toBe(0);

  await tile.focus();
  await press('ArrowRight');
  await press('Enter');
  await inspector.id('rank-cursor').waitFor();
  for (const key of ['ArrowUp', 'ArrowUp', 'ArrowLeft']) await press(key);
  await press('Enter');
  await expect.poll(() => text('rank-chip')).toContain('Ranked at seed 4');
  const asked = await requests<{ x: number; y: number; plan: unknown }>('unitsAt');
  expect(asked.at(-1)).toMatchObject({ x: 3.5 / 8, y: 2.5 / 8, plan: { kind: 'seeds', seed: 4, count: 1 } });
  const at = 2 * 8 + 3;
  const best = Array.from({ length: 128 }, (_, unit) => unit).sort((a, b) => here(b, 4, at) - here(a, 4, at));
  await expect.poll(async () => (await unitsInSight())[0]).toBe(best[0]);
  expect(await inspector.id('rank-cursor').count()).toBe(0);
});

test('a segmenter by folder or hub; without one the button says what is missing', async () => {
  const dissecting = {
    segmenter: null,
    warnings: ['The kept segmenter is gone.'],
    settings: { ...DISSECT_DEFAULTS, layers: [] },
  };
  await open({ host: { dissecting } });
  expect(await text('units-warning')).toContain('The kept segmenter is gone.');
  await inspector.id('dissect-go').click();
  expect(await requests('startDissection')).toEqual([]);
  expect(await inspector.id('dissect-go').getAttribute('title')).toBe('Choose a segmenter first.');
  await inspector.id('segmenter').click();
  await inspector.id('segmenter-hub').click();
  await expect.poll(() => text('segmenter')).toBe('nvidia/segformer-b0 · 10 concepts');
  expect(await requests('chooseSegmenter')).toEqual([{ what: 'hub' }]);
  // What was begun with the one before cannot be gone on with.
  await expect.poll(async () => (await requests('dissection')).length).toBe(2);
});

test('what fails can be tried again: activity in the table’s place, thumbnails in a strip', async () => {
  const error: ErrorData = {
    code: 'engine.crashed',
    message: 'It took too long.',
    advice: 'Try again.',
    next: ['retry'],
  };
  await open({ host: { fail: { activity: error } } }, false);
  await inspector.id('units-failure').waitFor();
  await inspector.host((host) => {
    host.fail = {};
  });
  await inspector.id('next-retry').click();
  await unitsSettled(inspector);
  await inspector.page.evaluate((given) => {
    window.fakeHost.fail = { unitPictures: given };
  }, error);
  await inspector.page.locator('[data-layer="4"]').click();
  await inspector.id('units-error').waitFor();
  expect(await inspector.page.locator('.unit-row').count()).toBeGreaterThan(3);
  await inspector.host((host) => {
    host.fail = {};
  });
  await inspector.id('units-error').getByTestId('next-retry').click();
  await unitsSettled(inspector);
  expect(await inspector.id('units-error').count()).toBe(0);
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
  await expect.poll(() => inspector.page.locator('.unit-row:focus').textContent()).toContain('–');
  expect(await inspector.page.locator('.unit-row:focus').textContent()).not.toContain('NaN');
});

test('a model that makes images of images: one sentence', async () => {
  await open(
    {
      host: {
        model: translatorModel(),
        setup: { inputs: { forth: { label: 'a', pictures: 3 }, back: null }, second: null },
      },
    },
    false,
  );
  expect(await text('units-not-yet')).toContain('cannot be taken apart yet');
  expect(await requests('activity')).toEqual([]);
});
