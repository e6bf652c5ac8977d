/** The history of the Scores tab through the page: one run on show, several side by side, copied, forgotten, kept. */
import { afterAll, afterEach, expect, test } from 'vitest';
import type { PageMethod } from '../../src/shared/pageProtocol.ts';
import { recordOf, runOf } from './support/fakeScores.ts';
import {
  closeBrowser,
  eventually,
  type Inspector,
  type Options,
  openInspector,
} from './support/inspector.ts';

let inspector: Inspector;
afterEach(async () => {
  expect(inspector.complaints).toEqual([]);
  await inspector.close();
});
afterAll(closeBrowser);

const text = (id: string) => inspector.id(id).textContent();
const pick = (run: string) => inspector.page.locator(`[data-run=${run}] [data-testid=scores-pick]`);
const cellOf = (name: string, run: string) =>
  inspector.page
    .locator('[data-testid=scores-compare-table] tr', {
      has: inspector.page.locator('th[scope=row]', { hasText: name }),
    })
    .first()
    .locator(`td[data-run=${run}]`);
const requests = <T = Record<string, unknown>>(method: PageMethod) => inspector.requests<T>(method);

const history = [
  recordOf('now', runOf()),
  recordOf('older', runOf({ samples: 2000 }, { date: '2026-11-24T17:12:00Z', sha256: 'ffff', shift: 0.1 })),
  recordOf('coarse', runOf({}, { date: '2026-11-23T17:12:00Z', extractor: { resize: 'tf1' } })),
  recordOf('worse', runOf({}, { file: 'step-000096.onnx', shift: -0.6 }), false),
];
const scoring = { history, unreadable: 0, running: null, interrupted: null };

async function open(options: Options = {}): Promise<void> {
  inspector = await openInspector({ width: 1200, height: 1400, host: { scoring }, ...options });
  await inspector.settled();
  await inspector.page.getByRole('tab', { name: 'Scores' }).click();
  await inspector.id('scores-history').waitFor();
}

test('runs of this generator, or of all; one is on show; one of another version of the file says so', async () => {
  await open();
  await eventually(() => inspector.id('scores-past').count()).toBe(3);
  await inspector.page.locator('[data-run=older] [data-testid=scores-show]').click();
  await eventually(() => inspector.id('score-row-FID').getAttribute('data-value')).toBe(String(0.6284 * 1.1));
  await eventually(() => text('scores-other-file')).toContain('Of another version of the file');
  await inspector.id('scores-every').click();
  await eventually(() => inspector.id('scores-past').count()).toBe(4);
  await inspector.page.locator('[data-run=worse] [data-testid=scores-show]').click();
  await eventually(() => text('scores-result')).toContain('step-000096.onnx');
  // Another generator’s file is another file of course.
  expect(await inspector.once(() => inspector.id('scores-other-file').count())).toBe(0);
});

test('side by side: marked where intervals do not touch, and why some do not compare; taken out again', async () => {
  await open();
  await inspector.id('scores-every').click();
  for (const run of ['now', 'worse', 'older', 'coarse']) await pick(run).check();
  await eventually(() => cellOf('Precision', 'worse').textContent()).toContain('worse');
  await eventually(() => cellOf('Frontier integral', 'worse').textContent()).toContain('better');
  await eventually(() => cellOf('FID', 'now').textContent()).toBe('0.630.19–1.07');
  // Overlapping ones are not marked, and what does not compare never is.
  expect(await inspector.once(() => cellOf('KID', 'worse').locator('.verdict').count())).toBe(0);
  expect(await inspector.once(() => cellOf('Precision', 'older').locator('.verdict').count())).toBe(0);
  const heads = () => inspector.id('scores-compare-table').locator('thead th').allTextContents();
  await eventually(async () => (await heads())[1]).toContain('held against');
  await eventually(async () => (await heads())[3]).toContain('not comparable: another N');
  await eventually(async () => (await heads())[4]).toContain('not comparable: another resize');
  await inspector.id('compare-FID-plot').focus();
  await inspector.page.keyboard.press('ArrowDown');
  await eventually(() => inspector.id('compare-FID-plot').getAttribute('aria-valuetext')).toBe(
    'step-000096.onnx: 0.25 (0.08–0.43)',
  );
  await inspector.id('scores-compare-away').nth(3).click();
  await eventually(() => pick('coarse').isChecked()).toBe(false);
  await inspector.id('scores-clear').click();
  await eventually(() => inspector.id('scores-comparison').count()).toBe(0);
});

test('copied in four forms: the one on show, or those side by side', async () => {
  await open();
  await inspector.id('scores-copy').click();
  await inspector.id('scores-copy-latex').click();
  await eventually(() => text('notice')).toBe('Copied as LaTeX');
  for (const run of ['older', 'now']) await pick(run).check();
  await inspector.id('scores-copy-compared').click();
  await inspector.id('scores-copy-compared-csv').click();
  await requests('copyScores')
    .eventually()
    .toEqual([
      { ids: ['now'], format: 'latex' },
      { ids: ['older', 'now'], format: 'csv' },
    ]);
});

test('forgotten only when asked twice', async () => {
  await open();
  const row = inspector.page.locator('[data-run=now]');
  await row.getByTestId('scores-forget').click();
  await eventually(() => row.textContent()).toContain('It cannot be brought back.');
  await row.getByTestId('scores-keep').click();
  expect(await requests('forgetScores').once()).toEqual([]);
  await row.getByTestId('scores-forget').click();
  await row.getByTestId('scores-forget-sure').click();
  await eventually(() => inspector.id('scores-past').count()).toBe(2);
  expect(await requests('forgetScores').once()).toEqual([{ ids: ['now'] }]);
  await eventually(() => text('notice')).toBe('Forgotten.');
});

test('what is on show comes back after a reload', async () => {
  await open();
  await inspector.page.locator('[data-run=older] [data-testid=scores-show]').click();
  await inspector.id('score-row-Density').getByRole('button').first().click();
  for (const run of ['older', 'now']) await pick(run).check();
  await inspector.quiet();
  await inspector.page.reload();
  await inspector.id('scores-comparison').waitFor();
  await eventually(() => inspector.id('score-details-Density').count()).toBe(1);
  await eventually(() => inspector.id('score-row-FID').getAttribute('data-value')).toBe(String(0.6284 * 1.1));
  expect(await inspector.once(() => pick('coarse').isChecked())).toBe(false);
});
