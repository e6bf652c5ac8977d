/** The Units tab in use before a dissection: units, samples, layers, keys. What one finds is in dissected.test.ts. */
import { afterAll, afterEach, expect, test } from 'vitest';
import type { ErrorData } from '../../src/shared/kernel/errors.ts';
import { mapOf, peakOf } from './support/fakeUnits.ts';
import { closeBrowser, eventually } from './support/inspector.ts';
import { translatorModel } from './support/models.ts';
import { unitsSettled } from './support/units.ts';
import {
  DISSECTED,
  focusedRow,
  inspector,
  LAYERS,
  model,
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

test('before a dissection: units by peak, with what drives them, and the unit on the samples', async () => {
  await open();
  const byPeak = Array.from({ length: 128 }, (_, unit) => unit).sort((a, b) => peakOf(b) - peakOf(a));
  await eventually(async () => (await unitsInSight()).slice(0, 8)).toEqual(byPeak.slice(0, 8));
  expect(await requests('activity').once()).toMatchObject([
    {
      ...{ tensor: 'block1.conv1', k: 8, stamp: 'first' },
      plan: { kind: 'seeds', seed: 0, count: 256, classes: 'all', source: { rng: 'numpy', layout: 'each' } },
    },
  ]);
  await eventually(() => text('focused-unit')).toBe(`Unit ${byPeak[0]}`);
  const pictures = await requests<{ maxSide: number; units: number[]; plan: { kind: string } }>(
    'unitPictures',
  ).once();
  const [maps, ...thumbs] = [...pictures].sort((a, b) => a.maxSide - b.maxSide);
  expect(maps).toMatchObject({ maxSide: 0, units: Array(16).fill(byPeak[0]), plan: { kind: 'seeds' } });
  expect(thumbs.length).toBeGreaterThan(0);
  for (const { units, plan } of thumbs) {
    expect(plan.kind).toBe('picks');
    expect(units.length).toBeLessThanOrEqual(48);
  }
  await inspector.id('sort-mean').click();
  await eventually(() => inspector.page.locator('[aria-sort]').textContent()).toBe('Mean');
  expect((await requests('activity').once()).length).toBe(1);
  await eventually(() => text('dissect-empty')).toContain('What does each unit stand for?');
});

test('the overlay is the unit’s map, enlarged over each sample', async () => {
  await open();
  const unit = Number((await text('focused-unit'))?.replace('Unit ', ''));
  const peaks = () =>
    inspector.page.evaluate(() =>
      [...document.querySelectorAll<HTMLCanvasElement>('.tile-overlay')].map((canvas) => {
        const { width, height } = canvas;
        const data = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
        let at = 0;
        for (let i = 0; i < width * height; i++) if ((data[i * 4 + 3] ?? 0) > (data[at * 4 + 3] ?? 0)) at = i;
        return { x: (at % width) / width, y: Math.floor(at / width) / height };
      }),
    );
  // Tiles whose peak lies outside the cell of the map's highest value.
  await eventually(async () =>
    (await peaks()).map(({ x, y }, seed) => {
      const map = mapOf(seed, unit, 8, 8);
      const cell = map.indexOf(Math.max(...map));
      return Math.abs(x * 8 - 0.5 - (cell % 8)) < 1 && Math.abs(y * 8 - 0.5 - Math.floor(cell / 8)) < 1;
    }),
  ).toEqual(new Array(16).fill(true));
  await inspector.segment('overlay', 'segmentation');
  await unitsSettled(inspector);
  await eventually(() => text('legend')).toMatch(/^sky \d+ %ground \d+ %tree \d+ %$/);
  await inspector.segment('overlay', 'none');
  await eventually(() => inspector.page.locator('.tile-overlay').first().getAttribute('data-overlay')).toBe(
    '',
  );
});

test('another layer by the arrow keys; the layers are described once', async () => {
  await open();
  await inspector.page.locator('[data-layer="1"]').focus();
  await press('ArrowRight');
  await press('ArrowRight');
  await eventually(() => text('status')).toContain('96 units of block2.conv1');
  await unitsSettled(inspector);
  const full = (await requests<{ depth: string }>('describe').once()).filter(({ depth }) => depth === 'full');
  expect(full.length).toBe(1);
  const tensors = (await requests<{ tensor: string }>('activity').once()).map(({ tensor }) => tensor);
  expect(tensors.at(-1)).toBe('block2.conv1');
  await press('ArrowLeft');
  await press('ArrowLeft');
  await eventually(() => text('status')).toContain('128 units of block1.conv1');
  // Known already.
  expect(
    (await requests<{ tensor: string }>('activity').once()).filter(({ tensor }) => tensor === LAYERS[1])
      .length,
  ).toBe(1);
});

test('the same samples and selection in both tabs, and the tab is kept', async () => {
  await open();
  await inspector.page.getByRole('tab', { name: 'Samples' }).click();
  await inspector.settled();
  await inspector.page.locator('.cell').nth(4).click();
  const asked = (await requests('sample').once()).length;
  await inspector.page.getByRole('tab', { name: 'Units' }).click();
  await unitsSettled(inspector);
  const selected = inspector.page.locator('.tile[aria-selected=true]');
  await eventually(() => selected.getAttribute('aria-label')).toContain('seed 4');
  expect((await requests('sample').once()).length).toBe(asked);
  await inspector.id('sort-unit').click();
  await inspector.page.locator('[data-layer="3"]').click();
  // While another layer comes the page moves, and a click may land beside what it was meant for.
  await unitsSettled(inspector);
  await inspector.segment('overlay', 'outline');
  await unitsSettled(inspector);
  await inspector.page
    .locator('.unit-row')
    .nth(2)
    .click({ modifiers: ['Control'] });
  await inspector.quiet();
  await inspector.page.reload();
  await unitsSettled(inspector);
  await eventually(() =>
    inspector.page.getByRole('tab', { name: 'Units' }).getAttribute('aria-selected'),
  ).toBe('true');
  await eventually(() => text('status')).toContain('96 units of block2.conv1');
  await eventually(() => inspector.page.locator('[aria-sort]').textContent()).toBe('Unit');
  await eventually(() =>
    inspector.page.locator('.unit-row[aria-selected=true]').getAttribute('data-unit'),
  ).toBe('2');
  await eventually(() => text('focused-unit')).toBe('Unit 2');
  await eventually(() =>
    inspector.page.locator('[data-testid=overlay] input:checked').getAttribute('value'),
  ).toBe('outline');
  await eventually(() => selected.count()).toBe(1);
});

test('five thousand units scroll with few rows in the document', async () => {
  const layers = [
    {
      name: 'wide',
      tensor: 'wide',
      shape: [1, 5000, 8, 8],
      units: 5000,
      resolution: [8, 8] as const,
      channelAxis: 1 as const,
      op: 'Relu',
      suffixCost: 1,
    },
  ];
  await open({ host: { model: { ...model, layers }, unitDelay: 20 } });
  const grid = inspector.id('units-grid');
  await eventually(() => grid.getAttribute('aria-rowcount')).toBe('5001');
  const rows = await inspector.most('.unit-row');
  await inspector.page.locator('.unit-row').first().focus();
  const since = Date.now();
  for (let i = 0; i < 20; i++) await press('PageDown');
  // A hang guard, not a benchmark.
  expect(Date.now() - since).toBeLessThan(10_000);
  const row = Number(await inspector.page.locator('.unit-row:focus').getAttribute('aria-rowindex'));
  expect(row).toBeGreaterThan(100);
  await unitsSettled(inspector);
  await press('End');
  await eventually(() => inspector.page.locator('.unit-row:focus').getAttribute('aria-rowindex')).toBe(
    '5001',
  );
  await unitsSettled(inspector);
  await press('Home');
  await eventually(() => inspector.page.locator('.unit-row:focus').getAttribute('aria-rowindex')).toBe('2');
  // Far from every row that passed by was asked for: 5,000 would be more than 600 requests.
  const asked = await requests<{ maxSide: number }>('unitPictures').once();
  expect(asked.filter(({ maxSide }) => maxSide > 0).length).toBeLessThan(70);
  // The wheel, too: rows follow.
  await inspector.id('units-scroll').evaluate((element) => element.scrollTo(0, 60 * 2500));
  await eventually(() => inspector.page.locator('.unit-row[aria-rowindex="2505"]').count()).toBe(1);
  expect(await rows.once()).toBeLessThan(60);
  // The keyboard's row is still there, so that Tab finds it.
  await eventually(() =>
    inspector.page.locator('.unit-row[tabindex="0"]').getAttribute('aria-rowindex'),
  ).toBe('2');
});

test('keys of the table: rows, selection, and away from it', async () => {
  await open({ host: { dissected: DISSECTED } });
  const order = await unitsInSight();
  await inspector.page.locator('.unit-row').first().focus();
  await press('ArrowDown');
  await press('ArrowDown');
  await eventually(focusedRow).toBe(order[2]);
  await eventually(() => text('focused-unit')).toContain(`Unit ${order[2]}`);
  await press('Space');
  await press('ArrowUp');
  await press('Space');
  await eventually(() => text('units-selected')).toBe('2 selected');
  await press('Space');
  await eventually(() => text('units-selected')).toBe('1 selected');
  await press('Escape');
  await eventually(() => inspector.id('units-selected').count()).toBe(0);
  await eventually(focusedRow).toBe(order[1]);
});

test('units ranked at a place: by click, by keyboard, and back', async () => {
  await open();
  const tile = inspector.page.locator('.tile').nth(3);
  const box = await tile.boundingBox();
  if (box === null) throw new Error('The tile is on show.');
  await tile.click({ position: { x: box.width * 0.4, y: box.height * 0.3 } });
  await inspector.page.locator('[data-testid=here]').first().waitFor();
  await eventually(() => text('rank-chip')).toMatch(/^Ranked at seed 3 \(2[45], 1[89]\)$/);
  const [{ x, y } = { x: 0, y: 0 }] = await requests<{ x: number; y: number }>('unitsAt').atLeast(1);
  expect([x, y]).toEqual([expect.closeTo(0.4, 1), expect.closeTo(0.3, 1)]);
  const cell = Math.floor(y * 8) * 8 + Math.floor(x * 8);
  const here = (unit: number, seed: number, at: number) => (mapOf(seed, unit, 8, 8)[at] ?? 0) / peakOf(unit);
  const order = Array.from({ length: 128 }, (_, unit) => unit).sort(
    (a, b) => here(b, 3, cell) - here(a, 3, cell),
  );
  await eventually(async () => (await unitsInSight()).slice(0, 6)).toEqual(order.slice(0, 6));
  await inspector.id('rank-chip').locator('button').click();
  expect(await inspector.once(() => inspector.page.locator('[data-testid=here]').count())).toBe(0);

  await tile.focus();
  await press('ArrowRight');
  await press('Enter');
  await inspector.id('rank-cursor').waitFor();
  for (const key of ['ArrowUp', 'ArrowUp', 'ArrowLeft']) await press(key);
  await press('Enter');
  await eventually(() => text('rank-chip')).toContain('Ranked at seed 4');
  const asked = await requests<{ x: number; y: number; plan: unknown }>('unitsAt').atLeast(2);
  expect(asked.at(-1)).toMatchObject({ x: 3.5 / 8, y: 2.5 / 8, plan: { kind: 'seeds', seed: 4, count: 1 } });
  const at = 2 * 8 + 3;
  const best = Array.from({ length: 128 }, (_, unit) => unit).sort((a, b) => here(b, 4, at) - here(a, 4, at));
  await eventually(async () => (await unitsInSight())[0]).toBe(best[0]);
  expect(await inspector.once(() => inspector.id('rank-cursor').count())).toBe(0);
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
  await inspector.host((host, given) => {
    host.fail = { unitPictures: given };
  }, error);
  await inspector.page.locator('[data-layer="4"]').click();
  await inspector.id('units-error').waitFor();
  expect(await inspector.once(() => inspector.page.locator('.unit-row').count())).toBeGreaterThan(3);
  await inspector.host((host) => {
    host.fail = {};
  });
  await inspector.id('units-error').getByTestId('next-retry').click();
  await unitsSettled(inspector);
  expect(await inspector.once(() => inspector.id('units-error').count())).toBe(0);
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
  await eventually(() => text('units-not-yet')).toContain('cannot be taken apart yet');
  expect(await requests('activity').once()).toEqual([]);
});
