/** Edits in use: units switched off and up, views, undo, sliders over a slow engine, the stack by keyboard. */
import { afterAll, afterEach, expect, test } from 'vitest';
import type { Edit } from '../../src/shared/edits/edits.ts';
import type { PageMethod } from '../../src/shared/pageProtocol.ts';
import { DEFAULT_SOURCE, type LatentPlan } from '../../src/shared/samples/latents.ts';
import { rankUnits } from '../../src/shared/units/conceptUnion.ts';
import { DISSECT_DEFAULTS } from '../../src/shared/units/dissection.ts';
import { differenceOf } from '../../webview/model/difference.ts';
import { editedFrameOf, valuesOf } from './support/fakeEdits.ts';
import { CONCEPTS, dissectionOf } from './support/fakeUnits.ts';
import {
  closeBrowser,
  eventually,
  type Inspector,
  type Options,
  openInspector,
  pixelsOf,
} from './support/inspector.ts';
import { demoModel } from './support/models.ts';
import { frameOf } from './support/scenes.ts';
import { unitsSettled } from './support/units.ts';

let inspector: Inspector;
const model = demoModel();
const layers = (model.layers ?? []).map(({ tensor }) => tensor);
const dissection = dissectionOf(model, { ...DISSECT_DEFAULTS, layers: layers.slice(1, 2) });
dissection.layers.forEach((layer) => {
  // The IoU of each unit with every concept, which ranking needs: its own is known, the others are far below.
  Object.assign(layer, {
    iou: layer.units.map(({ concept, iou }) => CONCEPTS.map((_, c) => (c === concept ? iou : 0.001 * c))),
  });
});
const DISSECTED = { dissection, job: null, resumable: null };
const [layer] = dissection.layers;
if (layer === undefined) throw new Error('The dissection has a layer.');
const PLAN: LatentPlan = { kind: 'seeds', source: DEFAULT_SOURCE, seed: 0, count: 16, classes: 'all' };

async function open(options: Options = {}): Promise<void> {
  inspector = await openInspector({
    width: 980,
    height: 1000,
    ...options,
    host: { dissected: DISSECTED, ...options.host },
  });
  await inspector.settled();
  await inspector.page.getByRole('tab', { name: 'Units' }).click();
  await unitsSettled(inspector);
}
const requests = <T = Record<string, unknown>>(method: PageMethod) => inspector.requests<T>(method);
const lastEdits = () => requests<{ edits: Edit[] }>('editedSample').map((all) => all.at(-1)?.edits ?? []);
const tile = (index: number) => inspector.page.locator(`.tile[data-index="${index}"] .picture`);
const press = (key: string) => inspector.page.keyboard.press(key);
const text = (id: string) => inspector.id(id).first().textContent();
const names = () => inspector.page.locator('.edit-words').allTextContents();
const chooseView = (value: string) => inspector.segment('edit-view', value);
/** Waits until a tile shows these pixels and none that are on their way out. */
const shows = (index: number, pixels: ArrayLike<number>) => pixelsOf(tile(index)).toEqual(pixels);
const pick = async (id: string, label: string) => {
  await inspector.id(id).click();
  await inspector.id(id).locator('vscode-option').getByText(label, { exact: true }).click();
};
const menu = async (id: string, item: string) => {
  await inspector.id(id).last().click();
  await inspector.id(`${id}-${item}`).click();
};

afterEach(async () => {
  expect(inspector.complaints).toEqual([]);
  await inspector.close();
});
afterAll(closeBrowser);

test('the first edit: one sentence, one button; its pictures; undo and redo by key bring pixels back exactly', async () => {
  await open();
  const concept = CONCEPTS.indexOf('tree');
  await inspector.page.locator(`[data-testid=concept-bars] [data-bar="${concept}"]`).click();
  await eventually(() => text('edits-begin')).toBe('Take the Top 20 Units for tree and Switch Them Off');
  await inspector.id('edits-begin').click();
  await tile(0).and(inspector.page.locator('[data-shown=after]')).waitFor();
  const [request] = await requests<{ edits: Edit[]; plan: LatentPlan; stamp: string }>(
    'editedSample',
  ).atLeast(1);
  const top = rankUnits(layer, [concept], dissection.conceptShare).slice(0, 20);
  expect(request).toMatchObject({ stamp: 'first', plan: PLAN });
  expect(request?.edits).toMatchObject([
    {
      ...{ name: 'tree off', layer: 'block1.conv1', tensor: 'block1.conv1', strength: 1, muted: false },
      ...{ intent: { kind: 'ablate', to: 'zero' }, region: null, samples: null },
      units: top.map((unit) => ({ unit, scale: 0, shift: 0 })),
    },
  ]);
  for (const index of [0, 7, 15]) await shows(index, editedFrameOf(PLAN, index, request?.edits ?? []));
  await press('Control+z');
  for (const index of [0, 7, 15]) await shows(index, frameOf(PLAN, index));
  await eventually(() => text('notice')).toBe('Undone');
  expect(await inspector.once(() => inspector.id('edit').count())).toBe(0);
  await press('Control+Shift+z');
  await shows(7, editedFrameOf(PLAN, 7, request?.edits ?? []));
  await inspector.id('edits-undo').click();
  await press('Control+y');
  await shows(7, editedFrameOf(PLAN, 7, request?.edits ?? []));
  // While somebody writes, the key is the field's own.
  await inspector.id('units-search').locator('input').fill('x');
  await press('Control+z');
  expect(await inspector.once(() => inspector.id('edit').count())).toBe(1);
});

test('a slider over a slow engine: one request in flight, the last value wins, one step to undo', async () => {
  await open({ host: { editDelay: 90 } });
  await inspector.id('edits-begin').click();
  await lastEdits()
    .eventually((edits) => edits.length)
    .toBe(1);
  await eventually(() => tile(0).getAttribute('class')).not.toContain('is-stale');
  const before = (await requests('editedSample').once()).length;
  await inspector.page.evaluate(async () => {
    const slider = document.querySelector<HTMLInputElement>('[data-testid=edit-strength]');
    for (let i = 1; i <= 60 && slider; i++) {
      slider.value = String(i / 100);
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    slider?.dispatchEvent(new Event('change', { bubbles: true }));
  });
  await lastEdits()
    .eventually((edits) => edits[0]?.strength)
    .toBe(0.6);
  const edits = await lastEdits().once();
  for (const index of [0, 9]) await shows(index, editedFrameOf(PLAN, index, edits));
  await inspector.quiet();
  await lastEdits()
    .eventually((edits) => edits[0]?.strength)
    .toBe(0.6);
  await shows(0, editedFrameOf(PLAN, 0, edits));
  expect((await requests('editedSample').once()).length - before).toBeLessThan(30);
  expect(await inspector.count('mostInFlight').once()).toBe(1);
  await press('Control+z');
  await lastEdits()
    .eventually((edits) => edits[0]?.strength)
    .toBe(1);
});

test('after, before, difference, all three; B and a button hold what was before', async () => {
  await open();
  await inspector.id('edits-begin').click();
  await lastEdits()
    .eventually((edits) => edits.length)
    .toBe(1);
  const edits = await lastEdits().once();
  const after = editedFrameOf(PLAN, 3, edits);
  const before = frameOf(PLAN, 3);
  await shows(3, after);
  await inspector.page.locator('.tile').first().focus();
  await inspector.page.keyboard.down('b');
  await shows(3, before);
  await inspector.page.keyboard.up('b');
  await shows(3, after);
  const peek = await inspector.id('peek').boundingBox();
  if (peek === null) throw new Error('There is no button to hold.');
  await inspector.page.mouse.move(peek.x + 5, peek.y + 5);
  await inspector.page.mouse.down();
  await shows(3, before);
  await inspector.page.mouse.up();
  await shows(3, after);
  await chooseView('before');
  await shows(3, before);
  await chooseView('difference');
  await shows(3, differenceOf(before, after));
  await eventually(() => text('difference-legend')).toContain('64 of 255');
  await chooseView('sideBySide');
  const three = inspector.page.locator('.tile[data-index="3"] .picture');
  await eventually(() => three.count()).toBe(3);
  await pixelsOf(three.nth(0)).toEqual(before);
  await pixelsOf(three.nth(1)).toEqual(after);
  await pixelsOf(three.nth(2)).toEqual(differenceOf(before, after));
  // What a unit does lies over the samples as they are: they come into view with it.
  await inspector.segment('overlay', 'heat');
  await shows(3, before);
  await chooseView('after');
  await shows(3, after);
  await eventually(() =>
    inspector.page.locator('[data-testid=overlay] input:checked').getAttribute('value'),
  ).toBe('none');
});

test('units by selection and by number; scale, chips, and what is wrong with a number', async () => {
  await open();
  await inspector.page
    .locator('.unit-row')
    .nth(0)
    .click({ modifiers: ['Control'] });
  await inspector.page
    .locator('.unit-row')
    .nth(2)
    .click({ modifiers: ['Control'] });
  await eventually(() => text('edits-begin')).toBe('Ablate 2 units');
  await inspector.id('edits-other').click();
  await eventually(() => text('source-selected')).toBe('2 units selected');
  await pick('edit-source', 'Numbers');
  const numbers = inspector.id('source-numbers').locator('input');
  await numbers.fill('3-5, 400');
  await eventually(() => inspector.id('add-edit').textContent()).toContain('“400” is no unit');
  await eventually(() => inspector.id('add-scale').getAttribute('aria-disabled')).toBe('true');
  await numbers.fill('3-5, 40');
  await inspector.id('add-scale').click();
  await eventually(names).toEqual(['units 3-5, 40 scaled']);
  await inspector.id('edit-strength').fill('-1.5');
  await lastEdits()
    .eventually((edits) => edits[0]?.intent)
    .toEqual({ kind: 'scale', factor: -1.5 });
  await lastEdits()
    .eventually((edits) => edits[0]?.units)
    .toEqual([3, 4, 5, 40].map((unit) => ({ unit, scale: -1.5, shift: 0 })));
  await inspector.id('unit-chip').nth(1).locator('button').click();
  await inspector.id('unit-add').locator('input').fill('7, 3');
  await press('Enter');
  await lastEdits()
    .eventually((edits) => edits[0]?.units.map(({ unit }) => unit))
    .toEqual([3, 5, 40, 7]);
  await inspector.id('unit-from-table').click();
  await eventually(() => inspector.id('unit-chip').count()).toBe(2);
});

test('values come from the engine: mean, minimum, insertion; asked once, filled in without a step', async () => {
  await open({ host: { valueStep: 60 } });
  const concept = CONCEPTS.indexOf('tree');
  await inspector.page.locator(`[data-testid=concept-bars] [data-bar="${concept}"]`).click();
  await inspector.id('edits-other').click();
  await inspector.id('add-insert').click();
  await eventually(() => text('edit-note')).toMatch(/^measuring values, \d+ of 200 samples$/);
  await eventually(() => inspector.id('edit-note').count()).toBe(0);
  expect(await requests('unitValues').once()).toMatchObject([
    { tensor: 'block1.conv1', concepts: [concept], samples: 200, seed: 2, quantile: 0.01 },
  ]);
  const values = valuesOf(128, [concept], { samples: 200, seed: 2 });
  const shiftsOf = (of: Float32Array | null) =>
    lastEdits().eventually(([edit]) =>
      edit?.units.every(({ unit, scale, shift }) => scale === 0 && shift === of?.[unit]),
    );
  await shiftsOf(values.conceptMean).toBe(true);
  await pick('edit-from', 'Mean of the top 1 % there');
  await shiftsOf(values.topMean).toBe(true);
  expect((await requests('unitValues').once()).length).toBe(1);
  await inspector.segment('edit-kind', 'ablate');
  await pick('edit-to', 'Its minimum');
  await shiftsOf(values.minimum).toBe(true);
  // Values without a concept are a question of their own.
  expect(
    (await requests<{ concepts: number[] }>('unitValues').once()).map(({ concepts }) => concepts),
  ).toEqual([[concept], []]);
  for (let i = 0; i < 4; i++) await press('Control+z');
  await eventually(() => inspector.id('edit').count()).toBe(0);
});

test('a concept that never occurs, and values that cannot be measured, are said', async () => {
  const failure = { code: 'engine.crashed', message: 'The engine stopped.', advice: '', next: [] } as const;
  await open({ host: { neverSeen: true } });
  await inspector.id('edits-other').click();
  await inspector.id('add-insert').click();
  await eventually(() => text('edit-note')).toContain('never occurred in 200 samples');
  expect(await requests('editedSample').once()).toEqual([]);
  await inspector.host((host, error) => {
    host.fail.unitValues = { ...error, next: [] };
  }, failure);
  await pick('edit-from', '99th percentile');
  await eventually(() => text('edit-note')).toContain('could not be measured: The engine stopped.');
  await inspector.host((host) => {
    host.fail = {};
  });
  await inspector.id('edit-values-again').click();
  await lastEdits()
    .eventually((edits) => edits.length)
    .toBe(1);
});

test('the stack by keyboard: mute, order, rename, duplicate, remove', async () => {
  await open();
  await inspector.id('edits-begin').click();
  await inspector.id('add-scale').click();
  await eventually(names).toHaveLength(2);
  const [first = '', second = ''] = await names();
  await inspector.id('edit-name').first().focus();
  await press('m');
  await lastEdits()
    .eventually((edits) => edits.map(({ name }) => name))
    .toEqual([second]);
  await press('m');
  await press('Alt+ArrowDown');
  await eventually(names).toEqual([second, first]);
  await eventually(() =>
    inspector.page.evaluate(() => document.activeElement?.querySelector('.edit-words')?.textContent),
  ).toBe(first);
  await eventually(() => text('notice')).toBe(`${first} is now number 2 of 2`);
  await press('F2');
  await inspector.id('edit-rename-field').fill('no trees');
  await press('Enter');
  await eventually(names).toEqual([second, 'no trees']);
  await inspector.id('edit-name').nth(1).focus();
  await press('Control+d');
  await eventually(names).toEqual([second, 'no trees', 'no trees 2']);
  await inspector.id('edit-name').first().focus();
  await press('Delete');
  await eventually(names).toEqual(['no trees', 'no trees 2']);
  await eventually(() =>
    inspector.page.evaluate(() => document.activeElement?.querySelector('.edit-words')?.textContent),
  ).toBe('no trees');
  await press('ArrowDown');
  await press('Backspace');
  await menu('edit-menu', 'rename');
  await press('Escape');
  await eventually(names).toEqual(['no trees']);
  await inspector.id('edit-name').focus();
  await press('Delete');
  await inspector.id('edits-empty').waitFor();
  // The keyboard stays where it was at work.
  await eventually(() =>
    inspector.page.evaluate(() => document.activeElement?.getAttribute('data-testid')),
  ).toBe('edits');
});

test('in the chosen samples only; the other samples are the generator’s own, and are not asked for', async () => {
  await open();
  await inspector.page.getByRole('tab', { name: 'Samples' }).click();
  await inspector.page.locator('.cell').nth(4).click();
  await inspector.page.getByRole('tab', { name: 'Units' }).click();
  await unitsSettled(inspector);
  await inspector.id('edits-begin').click();
  await inspector.segment('edit-which', 'some');
  await eventually(() => text('edit-samples')).toBe('1 sample');
  await lastEdits()
    .eventually((edits) => edits[0]?.samples)
    .toEqual([{ seed: 4, classIndex: 4 }]);
  await shows(4, editedFrameOf(PLAN, 4, await lastEdits().once()));
  await shows(5, frameOf(PLAN, 5));
  await inspector.id('edit-strength').fill('0.5');
  await lastEdits()
    .eventually((edits) => edits[0]?.strength)
    .toBe(0.5);
  const last = await requests<{ plan: LatentPlan }>('editedSample').last();
  expect(last.plan).toMatchObject({ seed: 4, count: 1 });
});

test('a reload brings the edits back; the Samples tab says that there are some, and shows none', async () => {
  await open();
  await inspector.id('edits-begin').click();
  await inspector.id('edit-strength').fill('0.5');
  await lastEdits()
    .eventually((edits) => edits[0]?.strength)
    .toBe(0.5);
  await chooseView('difference');
  await inspector.quiet();
  await inspector.page.reload();
  await unitsSettled(inspector);
  await lastEdits()
    .eventually((edits) => edits[0]?.strength)
    .toBe(0.5);
  await eventually(() =>
    inspector.page.locator('[data-testid=edit-view] input:checked').getAttribute('value'),
  ).toBe('difference');
  await inspector.page.getByRole('tab', { name: 'Samples' }).click();
  await inspector.settled();
  await eventually(() => text('edits-chip')).toBe('1 edit · shown in UnitsShow');
  await pixelsOf(inspector.page.locator('.cell').nth(3).locator('canvas')).toEqual(frameOf(PLAN, 3));
  await inspector.id('edits-show').click();
  await inspector.id('edits').waitFor();
});
