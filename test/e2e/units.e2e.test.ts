/** What the units of a generator stand for, as a person finds out: look, choose a segmenter, dissect, pause, come back, report. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startHub } from '../engine/support/fakeHub.ts';
import { DEMO, DEMO_GENERATOR, ROOT } from './harness/paths.ts';
import { readCanvas } from './harness/pixels.ts';
import { openSession, recordFailures, type Session } from './harness/session.ts';
import { packageVsix } from './harness/vsix.ts';
import { removeFolder, temporaryFolder } from './harness/workspace.ts';
import { byTestId, choose, settled } from './support.ts';

const SETUP_LIMIT_MS = 300_000;
/** Long enough to be interrupted, even on a fast machine. */
const LONG = 1500;
const RUN_LIMIT_MS = 90_000;
const UPERNET = join(ROOT, 'test', 'parity', 'segmenter', 'models', 'upernet');

describe('dissecting units', () => {
  let session: Session;
  let page: FrameLocator;
  let hubHome: string;

  beforeAll(async () => {
    hubHome = await temporaryFolder('gs-hf-');
    vi.stubEnv('HF_HOME', hubHome);
    session = await openSession('units', {
      vsix: await packageVsix(),
      files: {
        'generator.onnx': { copy: DEMO_GENERATOR },
        'generator.genscope.json': { copy: DEMO_GENERATOR.replace('.onnx', '.genscope.json') },
        'segmenter-of-mine': { copy: join(DEMO, 'segmenter') },
        'no-segmenter/config.json': '{}',
        'train.py': 'import torch\n\n\ndef train(steps: int) -> None:\n    ...\n',
      },
    });
  }, SETUP_LIMIT_MS);
  afterAll(async () => {
    await session?.close();
    if (hubHome) await removeFolder(hubHome);
    vi.unstubAllEnvs();
  });
  recordFailures(() => session);

  const part = (id: string): Locator => byTestId(page, id);
  const unitRows = (): Locator => part('units-grid').locator('[data-unit]');
  const words = (id: string): Promise<string> => part(id).first().innerText();
  /** The numbers of the first rows on show: unit, concept, IoU with interval, chance, level, mean, peak. */
  const firstRows = async (): Promise<string[]> =>
    (await unitRows().locator('.unit-cell:not(.unit-top)').allInnerTexts())
      .map((text) => text.replace(/\s+/g, ' ').trim())
      .slice(0, 56);
  const cache = () =>
    join(dirname(session.server.settingsFile), 'globalStorage', 'genscope.genscope', 'dissections');

  async function openUnits(): Promise<void> {
    page = await session.workbench.webview(/generator.onnx · Genscope/);
    await page.locator('#tab-units').click();
    await part('layer-picker').waitFor({ timeout: 30_000 });
  }

  async function setSamples(count: number): Promise<void> {
    await choose(page, 'dissect-samples', 'Other…');
    const input = part('dissect-samples-other').locator('input');
    await input.fill(String(count));
    await input.press('Enter');
  }

  async function finished(count: string): Promise<void> {
    await part('dissect-note').waitFor({ timeout: RUN_LIMIT_MS });
    await expect.poll(() => words('dissect-note'), { timeout: 10_000 }).toContain(`N = ${count}`);
  }

  async function running(phase: RegExp): Promise<void> {
    await expect
      .poll(
        () =>
          part('dissect-progress')
            .innerText()
            .catch(() => ''),
        { timeout: RUN_LIMIT_MS, interval: 50 },
      )
      .toMatch(phase);
  }

  it('before any segmenter: a layer’s units by what they do, with their top samples', async () => {
    const { workbench, screenshots } = session;
    await workbench.openFile('train.py');
    await workbench.contextMenu('generator.onnx', 'Preview Samples');
    await openUnits();
    await part('layer-picker').locator('[role=option][aria-label*="l8b"]').click();
    await expect.poll(() => words('units-count'), { timeout: 30_000 }).toMatch(/128/);
    await expect.poll(() => unitRows().count()).toBeGreaterThan(3);
    expect(await words('dissect-empty')).toContain('What does each unit stand for?');
    await settled(page, 'tiles', 16);
    await screenshots.take('before');
  });

  it('a folder that is no segmenter is refused in the engine’s words, and another is taken', async () => {
    const { workbench, folder } = session;
    await part('segmenter').click();
    await part('segmenter-folder').click();
    await workbench.quickInput.answerFolder(join(folder, 'no-segmenter'));
    const error = part('banner-error');
    await expect
      .poll(() => error.first().innerText(), { timeout: 15_000 })
      .toMatch(/config\.json|no-segmenter/);
    await error.getByRole('button', { name: 'Dismiss' }).first().click();
    await part('segmenter').click();
    await part('segmenter-folder').click();
    await workbench.quickInput.answerFolder(join(folder, 'segmenter-of-mine'));
    await expect.poll(() => words('segmenter'), { timeout: 15_000 }).toMatch(/\d+ concepts/);
  });

  it('the demo segmenter', async () => {
    await part('segmenter').click();
    await part('segmenter-demo').click();
    await expect.poll(() => words('segmenter'), { timeout: 15_000 }).toBe('Demo segmenter · 13 concepts');
    await session.screenshots.take('segmenter chosen');
  });

  it('dissects 200 samples, and names the units', async () => {
    await setSamples(200);
    await part('dissect-go').click();
    await finished('200');
    expect(await words('dissect-summary')).toMatch(/^\d+ of 128 units stand for \d+ concepts/);
    expect((await firstRows()).some((text) => /^0\.\d/.test(text))).toBe(true);
    await session.page.waitForTimeout(800);
    await session.screenshots.take('dissected');
  });

  it('a click into a sample ranks the units there', async () => {
    const tile = part('tiles').locator('[data-index="0"]');
    await tile.click({ position: { x: 20, y: 12 } });
    await part('rank-chip').waitFor({ timeout: 15_000 });
    const here = async () =>
      (await part('here').allInnerTexts()).map((text) => Number(text.replace(/[ %]/g, '')));
    await expect.poll(async () => (await here()).length, { timeout: 15_000 }).toBeGreaterThan(2);
    const values = await here();
    expect(values).toEqual([...values].sort((a, b) => b - a));
    await session.screenshots.take('ranked here');
    await part('rank-chip').locator('button').click();
    await part('rank-chip').waitFor({ state: 'detached' });
  });

  it.each(['heat', 'outline', 'segmentation'])('the overlay %s lies over the samples', async (overlay) => {
    await part('overlay').locator(`input[value="${overlay}"]`).check({ force: true });
    const canvas = part('tiles').locator(`[data-index="0"] canvas[data-overlay="${overlay}"]`);
    await canvas.waitFor({ state: 'attached', timeout: 15_000 });
    const { data } = await readCanvas(canvas);
    expect(data.filter((value, i) => i % 4 === 3 && value > 0).length).toBeGreaterThan(0);
    await session.screenshots.take(`overlay ${overlay}`);
  });

  it('a reload of the window shows the result again', async () => {
    const before = await firstRows();
    await session.page.waitForTimeout(1500); // VS Code writes webview state down after a while
    await session.workbench.reloadWindow();
    await openUnits();
    await finished('200');
    await expect.poll(firstRows, { timeout: 15_000 }).toEqual(before);
    await session.screenshots.take('after reload');
  });

  describe('interrupted', () => {
    let undisturbed: string[];

    /** The result is forgotten, as one may empty a cache at any time. */
    async function dissectAnew(): Promise<void> {
      await rm(cache(), { recursive: true, force: true });
      await session.workbench.reloadWindow();
      await openUnits();
      await part('dissect-go').waitFor({ timeout: 30_000 });
      await setSamples(LONG);
      await part('dissect-go').click();
    }

    it('not at all: progress, the first names while it runs, then all', async () => {
      await part('dissect-open').click();
      await setSamples(LONG);
      await part('dissect-go').click();
      await running(/of 1,500 samples/);
      await part('dissect-so-far').waitFor({ timeout: RUN_LIMIT_MS });
      expect(await words('dissect-so-far')).toMatch(/of 128 units stand for/);
      await session.screenshots.take('running');
      await finished('1,500');
      undisturbed = await firstRows();
      expect(undisturbed.length).toBeGreaterThan(20);
    });

    it('paused, and resumed to the same numbers', async () => {
      await dissectAnew();
      await running(/agreement/i);
      await part('dissect-pause').click();
      await part('dissect-paused').waitFor({ timeout: 15_000 });
      await session.screenshots.take('paused');
      await part('dissect-resume').click();
      await finished('1,500');
      expect(await firstRows()).toEqual(undisturbed);
    });

    it('killed, and resumed to the same numbers after a reload', async () => {
      await dissectAnew();
      await running(/agreement/i);
      await part('dissect-so-far').waitFor({ timeout: RUN_LIMIT_MS });
      const pids = [...(await session.server.logs()).matchAll(/\[jobs\] engine process (\d+) started/g)];
      process.kill(Number(pids.at(-1)?.[1]), 'SIGKILL');
      await part('dissect-paused').waitFor({ timeout: 15_000 });
      expect(await words('units-error')).toContain('stopped unexpectedly');
      // Said once: the panel is on show.
      expect(await session.workbench.notifications()).toEqual([]);
      await session.screenshots.take('killed');
      await session.page.waitForTimeout(1500);
      await session.workbench.reloadWindow();
      await openUnits();
      await part('dissect-paused').waitFor({ timeout: 15_000 });
      expect(await words('dissect-paused')).toContain('1,500');
      await part('dissect-resume').click();
      await running(/agreement/i);
      await finished('1,500');
      expect(await firstRows()).toEqual(undisturbed);
    });
  });

  it('exports a report: JSON, a table and a page', async () => {
    const { workbench, folder, screenshots } = session;
    await part('export-report').click();
    await workbench.quickInput.answerFolder(folder);
    const job = part('job').filter({ hasText: 'Export report' });
    await expect.poll(() => job.getAttribute('data-state'), { timeout: 60_000 }).toBe('done');
    const files = await readdir(join(folder, 'generator-dissection'));
    expect(files.filter((name) => /^dissect\.json$|\.csv$|\.html$/.test(name)).length).toBeGreaterThanOrEqual(
      3,
    );
    const { layers } = JSON.parse(
      await readFile(join(folder, 'generator-dissection', 'dissect.json'), 'utf8'),
    ) as { layers: { units: unknown[] }[] };
    expect(layers[0]?.units).toHaveLength(128);
    await screenshots.take('report');
  });

  it('with room, the samples stand beside the table', async () => {
    await session.workbench.closeTab('train.py');
    await session.page.keyboard.press('Control+B');
    await expect
      .poll(async () => {
        const [side, table] = [await part('on-show').boundingBox(), await part('units-table').boundingBox()];
        return side !== null && table !== null && table.x > side.x + side.width - 1;
      })
      .toBe(true);
    expect(await unitRows().count()).toBeGreaterThan(8);
  });

  it.each(['Default Dark Modern', 'Default Light Modern', 'Default High Contrast'] as const)(
    'looks right in %s',
    async (theme) => {
      await session.workbench.setTheme(theme);
      await part('units-scroll').evaluate((element) => element.scrollIntoView({ block: 'end' }));
      await session.page.waitForTimeout(400);
      await session.screenshots.take(`theme ${theme}`);
      page = await session.workbench.webview(/generator.onnx · Genscope/);
      await expect.poll(() => unitRows().count(), { timeout: 15_000 }).toBeGreaterThan(3);
    },
  );

  it('a segmenter from the hub: asked first, then a job', async () => {
    const { workbench, screenshots } = session;
    const hub = await startHub(
      new Map([
        ['config.json', await readFile(join(UPERNET, 'config.json'))],
        ['preprocessor_config.json', await readFile(join(UPERNET, 'preprocessor_config.json'))],
        ['onnx/model.onnx', await readFile(join(UPERNET, 'model.onnx'))],
      ]),
    );
    // A window counts as loaded once the Explorer lists its files.
    await session.page.keyboard.press('Control+B');
    await workbench.explorerRow('generator.onnx').waitFor();
    await workbench.changeSettings({ 'genscope.huggingFace.endpoint': hub.endpoint });
    await openUnits();
    await part('dissect-open').click();
    const askFor = async (answer: 'Download' | 'Cancel') => {
      await part('segmenter').click();
      await part('segmenter-hub').click();
      await workbench.quickInput.answer('org/segmenter');
      const dialog = session.page.locator('.monaco-dialog-box');
      await dialog.waitFor();
      expect(await dialog.innerText()).toContain(new URL(hub.endpoint).host);
      expect(await dialog.innerText()).toContain(hubHome);
      await screenshots.take(`consent ${answer}`);
      await dialog.getByRole('button', { name: answer, exact: true }).click();
    };
    const before = await words('segmenter');
    await askFor('Cancel');
    await expect.poll(() => words('segmenter')).toBe(before);
    expect(hub.requests).toEqual([]);
    await askFor('Download');
    const concepts = Object.keys(
      (JSON.parse(await readFile(join(UPERNET, 'config.json'), 'utf8')) as { id2label: object }).id2label,
    ).length;
    await expect.poll(() => words('segmenter'), { timeout: 30_000 }).toContain(`${concepts} concepts`);
    expect(await readdir(join(hubHome, 'hub'))).toEqual(['models--org--segmenter']);
    await screenshots.take('downloaded');
  });

  it('a model that has changed shows no dissection of another', async () => {
    const { folder, screenshots, workbench } = session;
    const other = await readFile(join(DEMO, 'checkpoints', 'step-002829.onnx'));
    await writeFile(join(folder, 'generator.onnx'), other);
    await workbench.reloadWindow();
    await openUnits();
    await expect.poll(() => words('units-warning'), { timeout: 30_000 }).toContain('has changed since');
    await part('dissect-empty').waitFor();
    await screenshots.take('other content');
  });

  it('Dissect Units… opens the tab', async () => {
    const { workbench, screenshots } = session;
    await workbench.closeTab(/generator.onnx · Genscope/);
    await workbench.contextMenu('generator.onnx', 'Dissect Units…');
    page = await workbench.webview(/generator.onnx · Genscope/);
    await part('layer-picker').waitFor({ timeout: 30_000 });
    await page.locator('#tab-samples').click();
    await part('layer-picker').waitFor({ state: 'detached' });
    // With the panel in front the palette's command means its model.
    await workbench.runCommand('Genscope: Dissect Units…');
    await part('layer-picker').waitFor({ timeout: 15_000 });
    await screenshots.take('by command');
  });
});
