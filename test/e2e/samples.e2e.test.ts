/** The main job, as a person does it: right-click a generator, look, change, interpolate, copy, save, reload. */
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from './harness/cli.ts';
import { DEMO_GENERATOR } from './harness/paths.ts';
import { openSession, recordFailures, type Session } from './harness/session.ts';
import { packageVsix } from './harness/vsix.ts';
import {
  byTestId,
  cell,
  cellPixels,
  choose,
  cliPictures,
  drawn,
  enterSeed,
  rgb,
  settled,
} from './support.ts';

const SETUP_LIMIT_MS = 300_000;

describe('previewing samples', () => {
  let session: Session;
  let page: FrameLocator;

  beforeAll(async () => {
    session = await openSession('samples', {
      vsix: await packageVsix(),
      files: {
        'generator.onnx': { copy: DEMO_GENERATOR },
        'generator.genscope.json': { copy: DEMO_GENERATOR.replace('.onnx', '.genscope.json') },
        'train.py': 'import torch\n\n\ndef train(steps: int) -> None:\n    ...\n',
      },
    });
  }, SETUP_LIMIT_MS);
  afterAll(() => session?.close());
  recordFailures(() => session);

  it('right-click → Preview Samples shows the grid beside the code, the same pixels as the command line', async () => {
    const { workbench, screenshots, folder } = session;
    await workbench.openFile('train.py');
    await workbench.contextMenu('generator.onnx', 'Preview Samples');
    page = await workbench.webview(/Genscope/);
    await drawn(page, 16, 0);
    await screenshots.take('grid');
    const expected = await cliPictures(folder, ['--count', '16', '--seed', '0']);
    for (const index of [0, 5, 15]) expect(await cellPixels(page, index)).toEqual(expected[index]);
  });

  it('one panel a generator: asking again brings it back', async () => {
    const { workbench } = session;
    await workbench.contextMenu('generator.onnx', 'Preview Samples');
    await expect.poll(() => workbench.tab(/Genscope/).count()).toBe(1);
  });

  it('another seed, another grid', async () => {
    await enterSeed(page, 100);
    await drawn(page, 16, 100);
    const expected = await cliPictures(session.folder, ['--count', '16', '--seed', '100']);
    expect(await cellPixels(page, 3)).toEqual(expected[3]);
    await session.screenshots.take('seed 100');
  });

  it('one class, by name', async () => {
    await choose(page, 'class', 'lake');
    const expected = await cliPictures(session.folder, ['--count', '16', '--seed', '100', '--class', 'lake']);
    await expect
      .poll(async () => (await cellPixels(page, 0)).equals(expected[0] as Buffer), { timeout: 15_000 })
      .toBe(true);
    expect(await cellPixels(page, 9)).toEqual(expected[9]);
    await session.screenshots.take('class lake');
    await choose(page, 'class', 'All');
  });

  it('a click selects, a double click shows the sample large, and its latent is copied as code', async () => {
    const { workbench, screenshots } = session;
    await cell(page, 2).dblclick();
    await byTestId(page, 'large').waitFor();
    await screenshots.take('large');
    const code = await workbench.copiedBy(() => byTestId(page, 'copy-latent').click());
    expect(code).toContain('RandomState');
    expect(code).toContain('102');
    await byTestId(page, 'back').click();
    await byTestId(page, 'grid').waitFor();
  });

  it('two selected become an interpolation whose ends are the samples', async () => {
    await cell(page, 1).click();
    await cell(page, 6).click({ modifiers: ['Shift'] });
    await byTestId(page, 'interpolate').click();
    const strip = byTestId(page, 'walk-strip');
    await settled(page, 'walk-strip', 9);
    const expected = await cliPictures(session.folder, ['--interpolate', '101', '106', '--steps', '9']);
    for (const index of [0, 4, 8]) {
      await expect
        .poll(async () => (await rgb(strip.locator('canvas').nth(index))).equals(expected[index] as Buffer), {
          timeout: 15_000,
        })
        .toBe(true);
    }
    await session.screenshots.take('interpolation');
  });

  it('the interpolation is saved as a GIF, by a job that says when it is done', async () => {
    const { workbench, folder } = session;
    await byTestId(page, 'save').click();
    await byTestId(page, 'save-gif').click();
    const place = join(folder, 'walk.gif');
    await workbench.quickInput.answer(place);
    await expect
      .poll(
        () =>
          stat(place).then(
            ({ size }) => size,
            () => 0,
          ),
        { timeout: 30_000 },
      )
      .toBeGreaterThan(1000);
    expect(await sharp(place, { pages: -1 }).metadata()).toMatchObject({
      format: 'gif',
      pageHeight: 256,
      width: 256,
    });
    await expect.poll(() => byTestId(page, 'job').innerText(), { timeout: 10_000 }).toContain('walk.gif');
    await session.screenshots.take('saved');
    await byTestId(page, 'back').click();
  });

  it('the grid is saved as a PNG of the same pixels', async () => {
    const { workbench, folder } = session;
    await byTestId(page, 'save').click();
    await byTestId(page, 'save-grid').click();
    const place = join(folder, 'grid.png');
    await workbench.quickInput.answer(place);
    await expect
      .poll(
        () =>
          stat(place).then(
            ({ size }) => size,
            () => 0,
          ),
        { timeout: 30_000 },
      )
      .toBeGreaterThan(1000);
    const first = await sharp(place).extract({ left: 0, top: 0, width: 64, height: 64 }).raw().toBuffer();
    expect(first).toEqual(await cellPixels(page, 0));
  });

  it('four selected become a grid between four corners', async () => {
    await cell(page, 0).click();
    for (const index of [3, 8, 11]) await cell(page, index).click({ modifiers: ['Shift'] });
    await byTestId(page, 'interpolate').click();
    await settled(page, 'walk-grid', 49);
    await session.screenshots.take('four corners');
    await byTestId(page, 'back').click();
  });

  it('the model drawer tells what the model is', async () => {
    await byTestId(page, 'facts').click();
    const drawer = byTestId(page, 'model-drawer');
    await expect.poll(() => drawer.innerText(), { timeout: 15_000 }).toContain('192');
    const sha = (await runCli(['describe', DEMO_GENERATOR, '--json'])).stdout;
    await expect
      .poll(() => drawer.innerText(), { timeout: 15_000 })
      .toContain(JSON.parse(sha).sha256.slice(0, 8));
    await session.screenshots.take('model');
    await drawer.getByRole('button', { name: 'Close' }).click();
  });

  it('a reload of the window brings the panel back as it was', async () => {
    const { workbench, screenshots } = session;
    await enterSeed(page, 42);
    await drawn(page, 16, 42);
    await choose(page, 'count', '9');
    await drawn(page, 9, 42);
    await session.page.waitForTimeout(1500); // VS Code writes webview state down after a while
    await workbench.reloadWindow();
    page = await workbench.webview(/Genscope/);
    await drawn(page, 9, 42);
    const expected = await cliPictures(session.folder, ['--count', '9', '--seed', '42']);
    expect(await cellPixels(page, 8)).toEqual(expected[8]);
    await screenshots.take('after reload');
  });

  it('a model that changes on disk is noticed, and one that is deleted leaves its pictures', async () => {
    const { folder, screenshots } = session;
    const file = join(folder, 'generator.onnx');
    const original = await readFile(file);
    await rm(file);
    await byTestId(page, 'banner-deleted').waitFor({ timeout: 15_000 });
    await settled(page, 'grid', 9);
    await screenshots.take('deleted');
    await writeFile(file, original);
    await byTestId(page, 'reload').waitFor({ timeout: 15_000 });
    await byTestId(page, 'reload').click();
    await drawn(page, 9, 42);
    await byTestId(page, 'reload').waitFor({ state: 'hidden' });
  });

  it('a killed engine is one sentence with a way on; the pictures stay, and the next request starts it anew', async () => {
    const { server, screenshots } = session;
    // Whatever the test before still had under way is over once this is drawn.
    await enterSeed(page, 41);
    await drawn(page, 9, 41);
    const pids = [...(await server.logs()).matchAll(/\[interactive\] engine process (\d+) started/g)];
    process.kill(Number(pids.at(-1)?.[1]), 'SIGKILL');
    await byTestId(page, 'banner-engine').waitFor({ timeout: 15_000 });
    await settled(page, 'grid', 9);
    await screenshots.take('engine killed');
    await enterSeed(page, 7);
    await drawn(page, 9, 7);
    await byTestId(page, 'banner-engine').waitFor({ state: 'hidden' });
  });

  it('shows the log', async () => {
    await session.workbench.runCommand('Genscope: Show Log');
    await expect.poll(() => session.workbench.outputText(), { timeout: 15_000 }).toContain('engine process');
    await session.page.keyboard.press('Control+J');
  });

  it.each([
    'Default Dark Modern',
    'Default Light Modern',
    'Default High Contrast',
    'Default High Contrast Light',
  ] as const)('looks right in %s', async (theme) => {
    await session.workbench.setTheme(theme);
    await session.page.waitForTimeout(400);
    await session.screenshots.take(`theme ${theme}`);
    page = await session.workbench.webview(/Genscope/);
    await drawn(page, 9, 7);
  });
});
