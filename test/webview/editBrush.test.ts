/** Painting on a sample, by pointer and by keyboard; stacks that are kept, opened, saved and exported. */
import { afterAll, afterEach, expect, test } from 'vitest';
import type { Edit, EditFile } from '../../src/shared/edits/edits.ts';
import type { PageMethod } from '../../src/shared/pageProtocol.ts';
import { DEFAULT_SOURCE, type LatentPlan } from '../../src/shared/samples/latents.ts';
import { DISSECT_DEFAULTS } from '../../src/shared/units/dissection.ts';
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
  const iou = layer.units.map((unit) => CONCEPTS.map((_, c) => (c === unit.concept ? unit.iou : 0)));
  Object.assign(layer, { iou });
});
const DISSECTED = { dissection, job: null, resumable: null };
const PLAN: LatentPlan = { kind: 'seeds', source: DEFAULT_SOURCE, seed: 0, count: 16, classes: 'all' };
const TREE = CONCEPTS.indexOf('tree');

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
  await inspector.page.locator(`[data-testid=concept-bars] [data-bar="${TREE}"]`).click();
}
const requests = <T = Record<string, unknown>>(method: PageMethod) => inspector.requests<T>(method);
const lastEdits = () => requests<{ edits: Edit[] }>('editedSample').map((all) => all.at(-1)?.edits ?? []);
const press = (key: string) => inspector.page.keyboard.press(key);
const text = (id: string) => inspector.id(id).first().textContent();
const names = () => inspector.page.locator('.edit-words').allTextContents();
const canvas = () => inspector.page.locator('[data-testid=paint-canvas] .picture');
const shows = (pixels: ArrayLike<number>) => pixelsOf(canvas()).toEqual(pixels);
async function paintMode(): Promise<void> {
  await inspector.id('edits-other').click();
  await inspector.id('add-paint').click();
  await eventually(() => text('paint-what')).toBe('20 units for tree');
}
/** Drags over the canvas between places in shares of its sides. */
async function drag(from: readonly [number, number], to: readonly [number, number]): Promise<void> {
  const box = await inspector.id('paint-canvas').boundingBox();
  if (box === null) throw new Error('There is no canvas.');
  const { mouse } = inspector.page;
  await mouse.move(box.x + from[0] * box.width, box.y + from[1] * box.height);
  await mouse.down();
  await mouse.move(box.x + to[0] * box.width, box.y + to[1] * box.height, { steps: 5 });
}
const menu = async (id: string, item: string) => {
  await inspector.id(id).last().click();
  await inspector.id(`${id}-${item}`).click();
};

afterEach(async () => {
  expect(inspector.complaints).toEqual([]);
  await inspector.close();
});
afterAll(closeBrowser);

test('a stroke by pointer: seen while it is painted, one edit of one sample, one step to undo', async () => {
  await open();
  await paintMode();
  await drag([0.1, 0.6], [0.8, 0.6]);
  // The button is still down: the picture has changed already, the list has not.
  await lastEdits()
    .eventually((edits) => edits.length)
    .toBe(1);
  expect(await inspector.once(() => inspector.id('edit').count())).toBe(0);
  await inspector.page.mouse.up();
  await eventually(names).toEqual(['tree painted in']);
  const [stroke] = await lastEdits().once();
  const values = valuesOf(128, [TREE], { samples: 200, seed: 2 });
  expect(stroke).toMatchObject({
    ...{ tensor: 'block1.conv1', samples: [{ seed: 0, classIndex: 0 }], strength: 1 },
    intent: { kind: 'insert', from: 'conceptMean', concept: 'tree' },
  });
  expect(stroke?.units.length).toBe(20);
  for (const { unit, scale, shift } of stroke?.units ?? [])
    expect([scale, shift]).toEqual([0, values.conceptMean?.[unit]]);
  const rows = Array.from({ length: 8 }, (_, y) => stroke?.region?.weights.slice(y * 8, y * 8 + 8) ?? []);
  expect(stroke?.region).toMatchObject({ height: 8, width: 8 });
  for (let x = 0; x < 7; x++) expect(rows[4]?.[x]).toBe(1);
  expect(rows[0]).toEqual(new Array(8).fill(0));
  expect(rows[5]?.[3]).toBeGreaterThan(0);
  expect(rows[5]?.[3]).toBeLessThan(1);
  await shows(editedFrameOf(PLAN, 0, await lastEdits().once()));
  await eventually(() =>
    inspector.page.locator('[data-testid=paint-canvas] [data-region=shown]').count(),
  ).toBe(1);
  // Another sample is untouched, and is painted on its own.
  await inspector.page.locator('.paint-strip button').nth(3).click();
  await shows(frameOf(PLAN, 3));
  await inspector.segment('paint-mode', 'remove');
  await inspector.id('paint-everywhere').click();
  await drag([0.5, 0.7], [0.6, 0.7]);
  await inspector.page.mouse.up();
  await eventually(names).toEqual(['tree painted in', 'tree painted out']);
  await lastEdits()
    .eventually((edits) => edits[1]?.samples)
    .toBe(null);
  await lastEdits()
    .eventually((edits) => edits[1]?.intent)
    .toEqual({ kind: 'ablate', to: 'zero' });
  await press('Control+z');
  await press('Control+z');
  await shows(frameOf(PLAN, 3));
  expect(await inspector.once(() => names())).toEqual([]);
});

test('a stroke by keyboard: the cell cursor, Space, size, the end of a stroke, and out', async () => {
  await open();
  await paintMode();
  await inspector.id('paint-canvas').focus();
  await press('ArrowRight');
  await eventually(() => text('notice')).toBe('row 5, column 5');
  await press('-');
  await press('ArrowRight');
  await press('Space');
  await press('ArrowUp');
  await press('Space');
  await eventually(names).toEqual(['tree painted in']);
  await eventually(() => text('notice')).toBe('painted at row 4, column 6');
  await eventually(async () =>
    (await lastEdits().once())[0]?.region?.weights.flatMap((weight, i) => (weight === 1 ? [i] : [])),
  ).toEqual([3 * 8 + 5, 4 * 8 + 5]);
  await press('Enter');
  await eventually(() => text('notice')).toBe('Stroke ended');
  await press('+');
  await press('Space');
  await eventually(names).toEqual(['tree painted in', 'tree painted in 2']);
  await press('Control+z');
  await press('Control+z');
  await eventually(async () =>
    (await lastEdits().once())[0]?.region?.weights.flatMap((weight, i) => (weight === 1 ? [i] : [])),
  ).toEqual([4 * 8 + 5]);
  await press('Escape');
  await eventually(() => inspector.id('paint').count()).toBe(0);
  await inspector.id('tiles').waitFor();
});

test('the region of an edit is painted, erased, and given up for everywhere', async () => {
  await open();
  await inspector.id('edits-begin').click();
  await inspector.segment('edit-where', 'painted');
  await eventually(() => text('paint-what')).toBe('Region of “tree off”');
  await drag([0.1, 0.1], [0.9, 0.1]);
  await inspector.page.mouse.up();
  await eventually(() => text('edit-cells')).toMatch(/^(8|9|1\d) of 64 cells$/);
  await eventually(() => names()).toEqual(['tree off']);
  await inspector.segment('paint-erase', 'erase');
  await drag([0.6, 0.1], [0.95, 0.1]);
  await inspector.page.mouse.up();
  await lastEdits()
    .eventually((edits) => edits[0]?.region?.weights.slice(0, 8).at(-1))
    .toBe(0);
  await lastEdits()
    .eventually((edits) => edits[0]?.region?.weights[2])
    .toBe(1);
  await inspector.id('paint-done').click();
  await inspector.segment('edit-where', 'all');
  await lastEdits()
    .eventually((edits) => edits[0]?.region)
    .toBe(null);
});

test('kept in the workspace, opened again, forgotten', async () => {
  await open();
  await inspector.id('edits-begin').click();
  await menu('edits-kept', 'keep');
  await inspector.id('keep-as').fill('no trees');
  await press('Enter');
  await eventually(() => text('notice')).toBe('Kept no trees');
  const [kept] = await requests<{ file: EditFile }>('keepEdit').atLeast(1);
  expect(kept?.file).toMatchObject({ schema: 1, name: 'no trees', edits: [{ name: 'tree off' }] });
  await menu('edits-kept', 'clear');
  await eventually(names).toEqual([]);
  await menu('edits-kept', 'open-0');
  await eventually(names).toEqual(['tree off']);
  await eventually(() => inspector.id('edits').locator('h2').textContent()).toBe('Edits no trees');
  await menu('edits-kept', 'forget');
  await eventually(() => text('notice')).toBe('Forgot no trees');
  // Opening took the place of nothing: that comes back.
  await press('Control+z');
  await eventually(names).toEqual([]);
});

test('a file that fits in part: what fits is taken, the rest is said', async () => {
  const edit = (name: string, tensor: string, unit: number): Edit => ({
    ...{ id: 'same', name, layer: tensor, tensor, intent: { kind: 'ablate', to: 'zero' } },
    units: [
      { unit: 1, scale: 0, shift: 0 },
      { unit, scale: 0, shift: 0 },
    ],
    ...{ strength: 1, region: null, samples: null, muted: false },
  });
  const edits = [
    edit('fits', 'block1.conv1', 2),
    edit('partly', 'block1.conv1', 500),
    edit('none', 'l64', 2),
  ];
  await open({ host: { openedEdit: { schema: 1, name: 'theirs', edits } } });
  await menu('edits-kept', 'open-file');
  await eventually(names).toEqual(['fits', 'partly']);
  const said = () => text('edits-misfits');
  await eventually(said).toContain('1 of the 2 units of “partly” are not here.');
  await eventually(said).toContain('“none” needs a layer l64, which is not here.');
  await lastEdits()
    .eventually((edits) => edits.map(({ units }) => units.length))
    .toEqual([2, 1]);
  await lastEdits()
    .eventually((edits) => new Set(edits.map(({ id }) => id)).size)
    .toBe(2);
});

test('saved and exported: a file, a model, pictures, a sweep, code', async () => {
  await open();
  await inspector.id('edits-begin').click();
  await menu('edits-kept', 'save-file');
  await eventually(() => text('notice')).toMatch(/^Saved .*\.genscope-edit\.json$/);
  for (const item of ['onnx', 'pairs', 'gif']) await menu('edits-export', item);
  await requests('saveEdit')
    .eventually((all) => all.length)
    .toBe(4);
  const [json, onnx, pairs, gif] = await requests<{ target: Record<string, unknown> }>('saveEdit').once();
  expect(json?.target).toMatchObject({ what: 'json', file: { schema: 1, edits: [{ name: 'tree off' }] } });
  expect(onnx?.target).toMatchObject({ what: 'onnx', name: 'generator-tree_off' });
  expect(pairs?.target).toMatchObject({ what: 'pairs', plan: PLAN });
  const [edit] = (gif?.target.edits ?? []) as Edit[];
  expect(gif?.target).toMatchObject({ what: 'sweep', format: 'gif', swept: [edit?.id], from: 0, to: 1 });
  await menu('edits-export', 'code');
  await eventually(() => text('notice')).toBe('Copied the Python of these edits');
  expect(await requests('copy').once()).toMatchObject([
    { what: 'editCode', plan: PLAN, edits: [{ name: 'tree off' }] },
  ]);
});
