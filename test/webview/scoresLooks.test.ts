/** The Scores tab in four themes and three widths: axe finds nothing, nothing sticks out, and there are pictures to look at. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { Edit } from '../../src/shared/edits/edits.ts';
import { recordOf, runOf, setupOf } from './support/fakeScores.ts';
import { closeBrowser, eventually, type Inspector, openInspector } from './support/inspector.ts';
import type { ThemeName } from './support/themes.ts';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let inspector: Inspector;

afterEach(async () => {
  expect(inspector.complaints).toEqual([]);
  await inspector.close();
});
afterAll(closeBrowser);

async function violations(): Promise<string[]> {
  await inspector.page.evaluate(AXE);
  const results = (await inspector.page.evaluate('axe.run({ resultTypes: ["violations"] })')) as AxeResults;
  return results.violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join(' | ')}`,
  );
}

const edit: Edit = {
  ...{ id: 'e1', name: 'Trees off', layer: 'block1.conv1', tensor: 'block1.conv1' },
  units: [{ unit: 3, scale: 0, shift: 0 }],
  ...{ intent: { kind: 'ablate', to: 'zero' }, strength: 1, region: null, samples: null, muted: false },
};
const history = [
  recordOf('now', runOf()),
  recordOf('edited', runOf({}, { edits: [edit], shift: -0.05, date: '2026-11-24T17:20:00Z' })),
  recordOf('few', runOf({ samples: 2000 }, { shift: -0.1, date: '2026-11-24T17:12:00Z' })),
  recordOf('old', runOf({}, { file: 'step-005881.onnx', shift: -0.3, date: '2026-11-24T12:00:00Z' }), false),
  recordOf(
    'first',
    runOf({}, { file: 'step-000096.onnx', shift: -0.6, date: '2026-11-24T11:00:00Z' }),
    false,
  ),
];
const scoring = { history, unreadable: 0, running: null, interrupted: null };
const WIDTHS = [
  [1200, 1000],
  [700, 1400],
  [320, 1400],
] as const;
const THEMES: readonly ThemeName[] = ['dark', 'light', 'hc-dark', 'hc-light'];

async function open(theme: ThemeName, width: number, height: number, host = {}): Promise<void> {
  inspector = await openInspector({ theme, width, height, host });
  await inspector.settled();
  await inspector.page.getByRole('tab', { name: 'Scores' }).click();
  await inspector.page.locator('[data-testid=scores-tab][aria-busy=false]').waitFor();
}

/** What is wider than the window, though it does not scroll by itself. */
function outside(): Promise<string[]> {
  return inspector.page.evaluate(() =>
    [...document.querySelectorAll('.scores *')]
      .filter((element) => element.closest('.table-scroll') === null)
      .map((element) => ({ box: element.getBoundingClientRect(), html: element.outerHTML.slice(0, 120) }))
      .filter(({ box }) => box.width > 1 && (box.right > innerWidth + 1 || box.left < -1))
      .map(({ html }) => html),
  );
}

async function look(name: string): Promise<void> {
  await inspector.shot(name);
  await eventually(() => violations()).toEqual([]);
  await eventually(() => outside()).toEqual([]);
}

/** What lies below the fold is seen too: the window becomes as tall as all of it. */
async function wholeHeight(width: number): Promise<void> {
  const height = await inspector.page.evaluate(() => {
    const parts = [...document.querySelectorAll('.scores, .scores-form, .scores-main')];
    return 120 + Math.max(...parts.map((part) => part.scrollHeight));
  });
  await inspector.page.setViewportSize({ width, height });
}

/** High contrast differs in colours alone: one width shows them. */
const LOOKS = THEMES.flatMap((theme) =>
  WIDTHS.filter(([width]) => !theme.startsWith('hc') || width === 700).map(
    ([width, height]) => [theme, width, height] as const,
  ),
);

test.each(LOOKS)(
  'a run, what there is to know of a value, and runs side by side in %s at %i px',
  async (theme, width, height) => {
    await open(theme, width, height, { scoring });
    await inspector.id('score-row-FID').waitFor();
    await look(`scores-run-${theme}-${width}`);
    for (const name of ['FID', 'Frontier integral', 'Inception Score']) {
      await inspector.id(`score-row-${name}`).getByRole('button', { name }).first().click();
      await inspector.id(`score-details-${name}`).locator('.plot svg').first().waitFor();
      await wholeHeight(width);
      await look(`scores-${name.split(' ')[0]?.toLowerCase()}-${theme}-${width}`);
      await inspector.page.setViewportSize({ width, height });
    }
    await inspector.id('scores-every').click();
    for (const id of ['now', 'few', 'old', 'first'])
      await inspector.page.locator(`[data-run=${id}] [data-testid=scores-pick]`).check();
    await inspector.id('scores-comparison').locator('.plot svg').first().waitFor();
    await wholeHeight(width);
    await look(`scores-compared-${theme}-${width}`);
  },
);

test.each(THEMES)(
  'before anything, with the form, while it runs, an edit and a failure in %s',
  async (theme) => {
    await open(theme, 700, 700, { scoringSetup: setupOf({ extractor: null, reference: null }) });
    await look(`scores-empty-${theme}`);
    await inspector.close();
    await open(theme, 1200, 760, {
      scoreStep: 400,
      scoring: { ...scoring, history: history.slice(1, 2), interrupted: null },
      scoreFailure: {
        code: 'extractor.nonFinite',
        message: 'The extractor makes NaN of sample 12.',
        advice: 'Choose another extractor, or another layer.',
        next: ['retry', 'showLog'],
      },
    });
    await look(`scores-edit-${theme}`);
    await inspector.id('scores-run').click();
    await inspector.id('scores-partial').waitFor();
    await look(`scores-while-${theme}`);
    await inspector.id('scores-error').waitFor();
    await look(`scores-failed-${theme}`);
  },
);
