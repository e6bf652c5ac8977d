/** How good is it? As a person finds out: from the palette, called off, taken up again, compared, copied, and there after a reload. */
import { join } from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScoreRun } from '../../src/shared/scores/scores.ts';
import { runCli } from './harness/cli.ts';
import { DEMO, DEMO_GENERATOR } from './harness/paths.ts';
import { openSession, recordFailures, type Session } from './harness/session.ts';
import { packageVsix } from './harness/vsix.ts';
import { byTestId } from './support.ts';

const SETUP_LIMIT_MS = 300_000;
/** A guard against hanging: 3,000 pictures take half a minute, on a machine that has other work several. */
const RUN_LIMIT_MS = 300_000;
const SAMPLES = 1000;

describe('scores', () => {
  let session: Session;
  let page: FrameLocator;

  beforeAll(async () => {
    session = await openSession('scores', {
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

  const part = (id: string): Locator => byTestId(page, id);
  const words = (id: string): Promise<string> => part(id).first().innerText();
  const asked = (question: string) =>
    expect
      .poll(() => session.workbench.quickInput.input.getAttribute('placeholder').catch(() => ''), {
        timeout: 30_000,
      })
      .toContain(question);
  const enter = () => session.page.keyboard.press('Enter');

  /** The run on show, as *Copy → JSON* gives it. */
  async function copied(): Promise<ScoreRun> {
    const text = await session.workbench.copiedBy(async () => {
      await part('scores-copy').click();
      await part('scores-copy-json').click();
    });
    const [run] = JSON.parse(text) as ScoreRun[];
    if (run === undefined) throw new Error('Nothing was copied.');
    return run;
  }

  it('Run Metrics… by right click: what with, what, how many; the answers are offered with what they mean', async () => {
    await session.workbench.openFile('train.py');
    await session.workbench.contextMenu('generator.onnx', 'Run Metrics…');
    await asked('Compared with what?');
    await session.screenshots.take('reference');
    await enter();
    await asked('By the features of which network?');
    await session.screenshots.take('extractor');
    await enter();
    await asked('Which scores?');
    await session.screenshots.take('which scores');
    await enter();
    await asked('On how many samples?');
    await session.screenshots.take('how many');
    await session.workbench.quickInput.pick('Another number…');
    await session.workbench.quickInput.answer(String(SAMPLES));
    page = await session.workbench.webview(/generator.onnx · Genscope/);
    await part('scores-progress').waitFor({ timeout: 60_000 });
    await expect
      .poll(() => words('scores-progress').catch(() => ''), { timeout: RUN_LIMIT_MS, interval: 50 })
      .toMatch(/images? a second|img\/s/);
    await session.screenshots.take('running');
  });

  it('called off among the samples, it says what is kept', async () => {
    await expect
      .poll(() => words('scores-progress').catch(() => ''), { timeout: RUN_LIMIT_MS, interval: 20 })
      .toMatch(/[1-9]\d* of 1,000/);
    await part('scores-cancel').click();
    await part('scores-interrupted').waitFor({ timeout: 30_000 });
    expect(await words('scores-interrupted')).toMatch(/1,000/);
    await session.screenshots.take('called off');
  });

  it(
    'taken up again it goes on from there, and says what the command line says',
    async () => {
      await part('scores-go-on').click();
      await part('scores-table').waitFor({ timeout: RUN_LIMIT_MS });
      await expect.poll(() => part('scores-progress').count(), { timeout: RUN_LIMIT_MS }).toBe(0);
      const run = await copied();
      expect(run.settings.samples).toBe(SAMPLES);
      expect(run.forwardPasses).toBeLessThan(SAMPLES);
      const told = await runCli([
        ...['score', DEMO_GENERATOR, '--reference', join(DEMO, 'reference.zip'), '--json', '--no-cache'],
        ...['--extractor', join(DEMO, 'extractor.onnx'), '--samples', String(SAMPLES)],
        ...['--scores', run.settings.scores.join(',')],
      ]);
      expect(told).toMatchObject({ code: 0 });
      const { scores } = JSON.parse(told.stdout) as ScoreRun;
      expect(run.scores.map(({ name }) => name)).toEqual(scores.map(({ name }) => name));
      for (const [i, { name, value, interval }] of scores.entries()) {
        const own = run.scores[i];
        // Batches of another size round features otherwise in the last digits.
        const near = (a: number | undefined, b: number | undefined) =>
          expect(Math.abs((a ?? Number.NaN) - (b ?? 0)), name).toBeLessThanOrEqual(
            2e-3 * Math.max(Math.abs(b ?? 0), 1e-2),
          );
        near(own?.value, value);
        near(own?.interval?.[0], interval?.[0]);
        near(own?.interval?.[1], interval?.[1]);
        expect(await part(`score-row-${name}`).getAttribute('data-value')).toBe(String(own?.value));
      }
      await session.screenshots.take('result');
    },
    2 * RUN_LIMIT_MS,
  );

  it('a row opens to what it means, its warnings and its plot with axes', async () => {
    await part('score-row-FID').locator('button').first().click();
    await part('score-details-FID').waitFor();
    await part('score-details-FID').evaluate((element) => element.scrollIntoView({ block: 'start' }));
    await session.screenshots.take('FID explained');
    await part('score-row-Inception Score').locator('button').first().click();
    await part('score-details-Inception Score').waitFor();
    await part('score-details-Inception Score').evaluate((element) =>
      element.scrollIntoView({ block: 'start' }),
    );
    await session.screenshots.take('Inception Score explained');
  });

  it('copied as a row for a paper; in the history, also after a reload', async () => {
    const text = await session.workbench.copiedBy(async () => {
      await part('scores-copy').click();
      await part('scores-copy-markdown').click();
    });
    expect(text).toMatch(/^\| model \| FID \(N = 1,000\)/);
    expect(text).toMatch(/\| generator\.onnx \| \d/);
    const value = await part('score-row-FID').getAttribute('data-value');
    await session.page.waitForTimeout(1500); // VS Code writes webview state down after a while
    await session.workbench.reloadWindow();
    page = await session.workbench.webview(/generator.onnx · Genscope/);
    await part('score-row-FID').waitFor({ timeout: 60_000 });
    expect(await part('score-row-FID').getAttribute('data-value')).toBe(value);
    expect(await part('scores-history').innerText()).toContain('1,000');
  });

  it.each(['Default Light Modern', 'Default High Contrast'] as const)('looks right in %s', async (theme) => {
    await session.workbench.setTheme(theme);
    page = await session.workbench.webview(/generator.onnx · Genscope/);
    await part('scores-table').waitFor({ timeout: 30_000 });
    await session.page.waitForTimeout(300);
    await session.screenshots.take(`theme ${theme}`);
  });
});
