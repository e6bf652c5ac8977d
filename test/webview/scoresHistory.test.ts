/** The history of the Scores tab through the page: one run on show, several side by side, copied, forgotten, kept. */
import { afterAll, afterEach, expect, test } from 'vitest';
import { recordOf, runOf } from './support/fakeScores.ts';
import { closeBrowser, type Inspector, type Options, openInspector } from './support/inspector.ts';

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
const requests = (method: string) =>
  inspector.page.evaluate(
    (name) => window.fakeHost.log.filter((entry) => entry.method === name).map(({ params }) => params),
    method,
  );

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
  expect(await inspector.id('scores-past').count()).toBe(3);
  await inspector.page.locator('[data-run=older] [data-testid=scores-show]').click();
  await expect
    .poll(() => inspector.id('score-row-FID').getAttribute('data-value'))
    .toBe(String(0.6284 * 1.1));
  await expect.poll(() => text('scores-other-file')).toContain('Of another version of the file');
  await inspector.id('scores-every').click();
  await expect.poll(() => inspector.id('scores-past').count()).toBe(4);
  await inspector.page.locator('[data-run=worse] [data-testid=scores-show]').click();
  expect(await text('scores-result')).toContain('step-000096.onnx');
  // Another generator’s file is another file of course.
  expect(await inspector.id('scores-other-file').count()).toBe(0);
});

test('side by side: marked where intervals do not touch, and why some do not compare; taken out again', async () => {
  await open();
  await inspector.id('scores-every').click();
  for (const run of ['now', 'worse', 'older', 'coarse']) await pick(run).check();
  expect(await cellOf('Precision', 'worse').textContent()).toContain('worse');
  expect(await cellOf('Frontier integral', 'worse').textContent()).toContain('better');
  expect(await cellOf('FID', 'now').textContent()).toBe('0.630.19–1.07');
  // Overlapping ones are not marked, and what does not compare never is.
  expect(await cellOf('KID', 'worse').locator('.verdict').count()).toBe(0);
  expect(await cellOf('Precision', 'older').locator('.verdict').count()).toBe(0);
  const heads = await inspector.id('scores-compare-table').locator('thead th').allTextContents();
  expect(heads[1]).toContain('held against');
  expect(heads[3]).toContain('not comparable: another N');
  expect(heads[4]).toContain('not comparable: another resize');
  await inspector.id('compare-FID-plot').focus();
  await inspector.page.keyboard.press('ArrowDown');
  expect(await inspector.id('compare-FID-plot').getAttribute('aria-valuetext')).toBe(
    'step-000096.onnx: 0.25 (0.08–0.43)',
  );
  await inspector.id('scores-compare-away').nth(3).click();
  await expect.poll(() => pick('coarse').isChecked()).toBe(false);
  await inspector.id('scores-clear').click();
  await expect.poll(() => inspector.id('scores-comparison').count()).toBe(0);
});

test('copied in four forms: the one on show, or those side by side', async () => {
  await open();
  await inspector.id('scores-copy').click();
  await inspector.id('scores-copy-latex').click();
  await expect.poll(() => text('notice')).toBe('Copied as LaTeX');
  for (const run of ['older', 'now']) await pick(run).check();
  await inspector.id('scores-copy-compared').click();
  await inspector.id('scores-copy-compared-csv').click();
  await expect
    .poll(() => requests('copyScores'))
    .toEqual([
      { ids: ['now'], format: 'latex' },
      { ids: ['older', 'now'], format: 'csv' },
    ]);
});

test('forgotten only when asked twice', async () => {
  await open();
  const row = inspector.page.locator('[data-run=now]');
  await row.getByTestId('scores-forget').click();
  expect(await row.textContent()).toContain('It cannot be brought back.');
  await row.getByTestId('scores-keep').click();
  expect(await requests('forgetScores')).toEqual([]);
  await row.getByTestId('scores-forget').click();
  await row.getByTestId('scores-forget-sure').click();
  await expect.poll(() => inspector.id('scores-past').count()).toBe(2);
  expect(await requests('forgetScores')).toEqual([{ ids: ['now'] }]);
  await expect.poll(() => text('notice')).toBe('Forgotten.');
});

test('what is on show comes back after a reload', async () => {
  await open();
  await inspector.page.locator('[data-run=older] [data-testid=scores-show]').click();
  await inspector.id('score-row-Density').getByRole('button').first().click();
  for (const run of ['older', 'now']) await pick(run).check();
  await inspector.page.waitForTimeout(250);
  await inspector.page.reload();
  await inspector.id('scores-comparison').waitFor();
  expect(await inspector.id('score-details-Density').count()).toBe(1);
  expect(await inspector.id('score-row-FID').getAttribute('data-value')).toBe(String(0.6284 * 1.1));
  expect(await pick('coarse').isChecked()).toBe(false);
});
