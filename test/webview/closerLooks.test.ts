/** Looking closer in all themes and three widths: axe finds nothing, nothing sticks out, and there are pictures to look at. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { afterAll, afterEach, expect, test } from 'vitest';
import { SCORE_DEFAULTS } from '../../src/shared/scores/scores.ts';
import { artifactsOf, duplicatesOf, modesOf, neighboursOf } from './support/fakeLooks.ts';
import { closeBrowser, eventually, type Inspector, openInspector } from './support/inspector.ts';
import type { ThemeName } from './support/themes.ts';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let inspector: Inspector;

afterEach(async () => {
  expect(inspector.complaints).toEqual([]);
  await inspector.close();
});
afterAll(closeBrowser);

const { seed, source, classes, quantisation, samples } = SCORE_DEFAULTS;
const drawn = { seed, source, classes, quantisation };
const compared = { ...drawn, samples, referenceSamples: 0 };
const ANSWERS = {
  neighbours: neighboursOf({ ...compared, k: 4, shown: 6 }),
  duplicates: duplicatesOf({ ...drawn, batch: 100, batches: 20, threshold: null }),
  modes: modesOf({ ...compared, k: 20, shown: 6 }),
  artifacts: artifactsOf({ ...compared, layer: 'block1.conv1', top: 25, worst: 5, random: 5 }),
};
/** Each theme and each width once: what they change, they change everywhere. */
const LOOKS = [
  ['dark', 1200, 900],
  ['dark', 520, 820],
  ['light', 320, 1200],
  ['hc-dark', 700, 1200],
  ['hc-light', 1200, 900],
] as const;

async function violations(): Promise<string[]> {
  await inspector.page.evaluate(AXE);
  const results = (await inspector.page.evaluate('axe.run({ resultTypes: ["violations"] })')) as AxeResults;
  return results.violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join(' | ')}`,
  );
}

/** What is wider than the window, though it does not scroll by itself. */
function outside(): Promise<string[]> {
  return inspector.page.evaluate(() =>
    [...document.querySelectorAll('.looks *')]
      .filter((element) => element.closest('.table-scroll, .looks-scroll') === null)
      .map((element) => ({ box: element.getBoundingClientRect(), html: element.outerHTML.slice(0, 120) }))
      .filter(({ box }) => box.width > 1 && (box.right > innerWidth + 1 || box.left < -1))
      .map(({ html }) => html),
  );
}

async function look(name: string): Promise<void> {
  await inspector.page.waitForFunction(() =>
    [...document.querySelectorAll<HTMLCanvasElement>('.look-picture canvas')].every(
      (one) => one.dataset.drawn,
    ),
  );
  await inspector.shot(name);
  await eventually(() => violations()).toEqual([]);
  await eventually(() => outside()).toEqual([]);
}

async function open(theme: ThemeName, width: number, height: number, host = {}): Promise<void> {
  inspector = await openInspector({ theme, width, height, host });
  await inspector.settled();
  await inspector.page.getByRole('tab', { name: 'Closer' }).click();
  await inspector.page.locator('[data-testid=looks-tab][aria-busy=false]').waitFor();
}

/** What lies below the fold is seen too: the window becomes as tall as all of it. */
async function wholeHeight(width: number): Promise<void> {
  const height = await inspector.page.evaluate(() => {
    const parts = [...document.querySelectorAll('.scores, .scores-form, .scores-main')];
    return 120 + Math.max(...parts.map((part) => part.scrollHeight));
  });
  await inspector.page.setViewportSize({ width, height });
}

test.each(LOOKS)('what each look finds in %s at %i px', async (theme, width, height) => {
  await open(theme, width, height, { looks: { answers: ANSWERS, running: null } });
  for (const kind of ['neighbours', 'duplicates', 'modes', 'artifacts'] as const) {
    await inspector.page.locator(`[data-testid=looks-question] input[value=${kind}]`).check();
    await inspector.id(`looks-${kind}`).waitFor();
    await wholeHeight(width);
    await look(`closer-${kind}-${theme}-${width}`);
    await inspector.page.setViewportSize({ width, height });
  }
});

test('before anything, while it looks, and a failure', async () => {
  await open('light', 1000, 760, {
    lookStep: 300,
    lookFailure: {
      code: 'extractor.nonFinite',
      message: 'The extractor makes NaN of sample 12.',
      advice: 'Choose another extractor, or another layer.',
      next: ['retry', 'showLog'],
    },
  });
  await look(`closer-empty`);
  await inspector.id('looks-run').click();
  await inspector.id('looks-progress').getByText('samples').waitFor();
  await look(`closer-while`);
  await inspector.id('looks-error').waitFor();
  await look(`closer-failed`);
});
