/** Units switched off and painted in, as a person does it: what becomes of the trees, undo, files, the exported model. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSegmenter, type Segmenter } from '../../src/engine/segmenter/segmenter.ts';
import type { EditFile } from '../../src/shared/edits/edits.ts';
import { runCli } from './harness/cli.ts';
import { DEMO, DEMO_GENERATOR } from './harness/paths.ts';
import { readCanvas } from './harness/pixels.ts';
import { openSession, recordFailures, type Session } from './harness/session.ts';
import { packageVsix } from './harness/vsix.ts';
import { byTestId, cellPixels, choose, drawn, SIDE, settled } from './support.ts';

const SETUP_LIMIT_MS = 300_000;
const RUN_LIMIT_MS = 120_000;
const COUNT = 16;
const PIXELS = SIDE * SIDE * 4;

describe('edits of units', () => {
  let session: Session;
  let segmenter: Segmenter;
  let page: FrameLocator;
  let original: Buffer;
  let ablated: Buffer;

  beforeAll(async () => {
    segmenter = await openSegmenter(join(DEMO, 'segmenter'), { threads: 1 });
    session = await openSession('edits', {
      vsix: await packageVsix(),
      files: {
        'generator.onnx': { copy: DEMO_GENERATOR },
        'generator.genscope.json': { copy: DEMO_GENERATOR.replace('.onnx', '.genscope.json') },
        'train.py': 'import torch\n\n\ndef train(steps: int) -> None:\n    ...\n',
      },
    });
  }, SETUP_LIMIT_MS);
  afterAll(async () => {
    await session?.close();
    await segmenter?.release();
  });
  recordFailures(() => session);

  const part = (id: string): Locator => byTestId(page, id);
  const words = (id: string): Promise<string> => part(id).first().innerText();
  const picture = (index: number): Locator => part('tiles').locator(`[data-index="${index}"] canvas.picture`);
  /** RGBA of all samples on show in the Units tab, [16, 64, 64, 4]. */
  const pictures = async (): Promise<Buffer> => {
    const all: Uint8Array[] = [];
    for (let i = 0; i < COUNT; i++) all.push((await readCanvas(picture(i))).data);
    return Buffer.concat(all);
  };
  const shown = async (which: 'after' | 'before') => {
    const ready = part('tiles').locator(
      `canvas.picture:not(.is-stale)[data-shown="${which}"][data-drawn]:not([data-drawn=""])`,
    );
    await expect.poll(() => ready.count(), { timeout: 30_000, interval: 50 }).toBe(COUNT);
  };
  /** Share of all pixels that the demo's segmenter takes for a concept. */
  const area = async (pixels: Buffer, concept: string): Promise<number> => {
    const label = segmenter.description.concepts.indexOf(concept);
    expect(label).toBeGreaterThanOrEqual(0);
    const maps = await segmenter.segment(
      { count: COUNT, width: SIDE, height: SIDE, data: pixels },
      [256, 256],
    );
    const hits = maps.map((map) => map.planes[0]?.reduce((sum, one) => sum + Number(one === label), 0) ?? 0);
    return hits.reduce((sum, one) => sum + one, 0) / (COUNT * 256 * 256);
  };
  const menu = async (id: string, item: string) => {
    await part(id).click();
    await part(`${id}-${item}`).click();
  };
  const written = (place: string) =>
    expect
      .poll(
        () =>
          stat(place).then(
            ({ size }) => size,
            () => 0,
          ),
        { timeout: 60_000 },
      )
      .toBeGreaterThan(100);

  it('dissected, the tab offers to switch the units of a concept off', async () => {
    const { workbench } = session;
    await workbench.openFile('train.py');
    await workbench.contextMenu('generator.onnx', 'Preview Samples');
    page = await workbench.webview(/generator.onnx · Genscope/);
    await page.locator('#tab-units').click();
    await part('layer-picker').waitFor({ timeout: 30_000 });
    await part('layer-picker').locator('[role=option][aria-label*="l8b"]').click();
    await part('segmenter').click();
    await part('segmenter-demo').click();
    await expect.poll(() => words('segmenter'), { timeout: 15_000 }).toContain('Demo segmenter');
    await choose(page, 'dissect-samples', 'Other…');
    await part('dissect-samples-other').locator('input').fill('300');
    await part('dissect-samples-other').locator('input').press('Enter');
    await part('dissect-go').click();
    await part('dissect-note').waitFor({ timeout: RUN_LIMIT_MS });
    await expect
      .poll(() => words('edits-begin'))
      .toMatch(/^Take the Top 20 Units for .+ and Switch Them Off$/);
    await session.screenshots.take('empty');
  });

  it('the top 20 units for tree, ablated: the trees go', async () => {
    await settled(page, 'tiles', COUNT);
    await shown('before');
    original = await pictures();
    await part('concept-bars').locator('[data-bar]', { hasText: 'tree' }).click();
    await expect.poll(() => words('concept-chip')).toContain('tree');
    expect(await words('edits-begin')).toBe('Take the Top 20 Units for tree and Switch Them Off');
    await part('edits-begin').click();
    await shown('after');
    await expect.poll(() => words('edit-name')).toMatch(/^tree off/);
    ablated = await pictures();
    const [before, after] = [await area(original, 'tree'), await area(ablated, 'tree')];
    console.log(`tree: ${(100 * before).toFixed(2)} % before, ${(100 * after).toFixed(2)} % after`);
    expect(before).toBeGreaterThan(0.02);
    // The README's figures are measured with intervals; here the picture has to show what they say.
    expect(after).toBeLessThan(0.6 * before);
    await session.screenshots.take('ablated');
  });

  it('difference, all three, and what was before while B is held', async () => {
    await part('edit-view').locator('input[value=difference]').check({ force: true });
    await session.page.waitForTimeout(300);
    await session.screenshots.take('difference');
    await part('edit-view').locator('input[value=sideBySide]').check({ force: true });
    await session.page.waitForTimeout(300);
    await session.screenshots.take('all three');
    await part('edit-view').locator('input[value=after]').check({ force: true });
    await shown('after');
    await session.page.keyboard.down('b');
    await shown('before');
    expect(original.equals(await pictures())).toBe(true);
    await session.page.keyboard.up('b');
    await shown('after');
    expect(ablated.equals(await pictures())).toBe(true);
  });

  it('undo brings the pixels back exactly, redo the edit', async () => {
    await session.page.keyboard.press('Control+z');
    await shown('before');
    expect(original.equals(await pictures())).toBe(true);
    await session.page.keyboard.press('Control+Shift+z');
    await shown('after');
    expect(ablated.equals(await pictures())).toBe(true);
  });

  it('an insertion is painted into one sample', async () => {
    await part('add-paint').click();
    const canvas = part('paint-canvas');
    await expect.poll(() => words('paint-what'), { timeout: RUN_LIMIT_MS }).toBe('20 units for tree');
    const before = (await readCanvas(canvas.locator('canvas.picture'))).data;
    await canvas.scrollIntoViewIfNeeded();
    const box = await canvas.boundingBox();
    if (box === null) throw new Error('There is no canvas.');
    const { mouse } = session.page;
    await mouse.move(box.x + 0.2 * box.width, box.y + 0.75 * box.height);
    await mouse.down();
    await mouse.move(box.x + 0.8 * box.width, box.y + 0.75 * box.height, { steps: 8 });
    await mouse.up();
    await expect.poll(() => part('edit').count()).toBe(2);
    const changed = async () =>
      !Buffer.from(before).equals(Buffer.from((await readCanvas(canvas.locator('canvas.picture'))).data));
    await expect.poll(changed, { timeout: 15_000 }).toBe(true);
    await session.screenshots.take('painted');
    await part('paint-done').click();
    await shown('after');
    const painted = await pictures();
    const first = (all: Buffer) => all.subarray(0, PIXELS);
    expect(first(painted).equals(first(ablated))).toBe(false);
    // The others are as they were.
    expect(painted.subarray(PIXELS).equals(ablated.subarray(PIXELS))).toBe(true);
  });

  it('saved to a file, and opened again: the same pixels', async () => {
    const { workbench, folder } = session;
    const edited = await pictures();
    const place = join(folder, 'trees.genscope-edit.json');
    await menu('edits-kept', 'save-file');
    await workbench.quickInput.answer(place);
    await written(place);
    const file = JSON.parse(await readFile(place, 'utf8')) as EditFile;
    expect(file.edits.map(({ region }) => region === null)).toEqual([true, false]);
    await menu('edits-kept', 'clear');
    await shown('before');
    expect(original.equals(await pictures())).toBe(true);
    await menu('edits-kept', 'open-file');
    await workbench.quickInput.answer(place);
    await expect.poll(() => part('edit').count(), { timeout: 15_000 }).toBe(2);
    await shown('after');
    expect(edited.equals(await pictures())).toBe(true);
    // The headless face makes the same pictures of the same file.
    const npy = join(folder, 'cli.npy');
    const run = await runCli([
      'edit',
      DEMO_GENERATOR,
      '--edit',
      place,
      '--sample',
      join(folder, 'cli.png'),
      '--count',
      String(COUNT),
      '--seed',
      '0',
      '--npy',
      npy,
    ]);
    expect(run).toMatchObject({ code: 0 });
    const bytes = await readFile(npy);
    const rgb = bytes.subarray(10 + bytes.readUInt16LE(8));
    expect(rgb.equals(Buffer.from(edited.filter((_, i) => i % 4 !== 3)))).toBe(true);
  });

  it('kept with the workspace, and there after a reload of the window', async () => {
    await menu('edits-kept', 'keep');
    await part('keep-as').fill('no trees');
    await part('keep-as').press('Enter');
    await expect.poll(() => words('notice')).toBe('Kept no trees');
    await session.page.waitForTimeout(1500); // VS Code writes webview state down after a while
    await session.workbench.reloadWindow();
    page = await session.workbench.webview(/generator.onnx · Genscope/);
    await expect.poll(() => part('edit').count(), { timeout: 30_000 }).toBe(2);
    await shown('after');
    await part('edits-kept').click();
    await part('edits-kept-open-0').waitFor();
    await session.screenshots.take('after reload');
    await session.page.keyboard.press('Escape');
  });

  it('exported, the edited generator draws the same pixels by itself', async () => {
    const { workbench, folder } = session;
    // The painted stroke is of one sample: a model knows no samples, so the edit of all of them is exported alone.
    await part('edit-menu').nth(1).click();
    await part('edit-menu-remove').click();
    await shown('after');
    expect(ablated.equals(await pictures())).toBe(true);
    const place = join(folder, 'no-trees.onnx');
    await menu('edits-export', 'onnx');
    await workbench.quickInput.answer(place);
    await written(place);
    await expect.poll(() => words('notice'), { timeout: 60_000 }).toContain('no-trees.onnx');
    await workbench.contextMenu('no-trees.onnx', 'Preview Samples');
    const other = await workbench.webview(/no-trees.onnx · Genscope/);
    await drawn(other, COUNT, 0);
    for (const index of [0, 5, 15]) {
      const baked = await cellPixels(other, index);
      const live = ablated.subarray(index * PIXELS, (index + 1) * PIXELS).filter((_, i) => i % 4 !== 3);
      // Folded into weights: equal up to rounding of the sum.
      const most = baked.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (live[i] ?? 0))), 0);
      expect(most).toBeLessThanOrEqual(1);
    }
    await session.screenshots.take('exported');
  });
});
