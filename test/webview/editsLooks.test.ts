/** Edits in four themes, narrow and wide: axe finds nothing, nothing sticks out, and there are pictures for a person to look at. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { afterAll, afterEach, expect, test } from 'vitest';
import { DISSECT_DEFAULTS } from '../../src/shared/units/dissection.ts';
import { dissectionOf } from './support/fakeUnits.ts';
import { closeBrowser, eventually, type Inspector, openInspector } from './support/inspector.ts';
import { demoModel } from './support/models.ts';
import type { ThemeName } from './support/themes.ts';
import { unitsSettled } from './support/units.ts';

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

/** What reaches beyond the right edge; what scrolls by itself may. */
const outside = () =>
  inspector.page.evaluate(() =>
    [...document.querySelectorAll('.edits *, .on-show *')]
      .filter((element) => element.closest('.strip, .menu-list') === null)
      .map((element) => ({ box: element.getBoundingClientRect(), html: element.outerHTML.slice(0, 120) }))
      .filter(({ box }) => box.width > 1 && box.right > innerWidth + 1)
      .map(({ html }) => html),
  );

const model = demoModel();
const layers = (model.layers ?? []).map(({ tensor }) => tensor);
const dissection = dissectionOf(model, { ...DISSECT_DEFAULTS, layers });
const DISSECTED = { dissection, job: null, resumable: null };
const view = (value: string) => inspector.segment('edit-view', value);

test.each([
  ['dark', 'dark', 700, 900],
  ['light', 'light', 700, 900],
  ['hc-dark', 'hc-dark', 700, 900],
  ['hc-light', 'hc-light', 700, 900],
  ['wide', 'dark', 1400, 900],
  ['320', 'light', 320, 1400],
] as const satisfies readonly (readonly [string, ThemeName, number, number])[])(
  'edits in %s',
  async (name, theme, width, height) => {
    inspector = await openInspector({ theme, width, height, host: { dissected: DISSECTED } });
    await inspector.settled();
    await inspector.page.getByRole('tab', { name: 'Units' }).click();
    await unitsSettled(inspector);
    await inspector.shot(`edits-empty-${name}`);
    await eventually(() => violations()).toEqual([]);
    await inspector.id('edits-begin').click();
    await inspector.page.locator('.tile .picture[data-shown=after]').first().waitFor();
    await inspector.id('add-insert').click();
    await eventually(() => inspector.id('edit-note').count()).toBe(0);
    await unitsSettled(inspector);
    await inspector.id('edit-strength').nth(1).fill('0.4');
    await eventually(() => violations()).toEqual([]);
    await inspector.shot(`edits-two-${name}`);
    await view('difference');
    await unitsSettled(inspector);
    await inspector.shot(`edits-difference-${name}`);
    await view('sideBySide');
    await unitsSettled(inspector);
    await eventually(() => violations()).toEqual([]);
    await inspector.shot(`edits-three-${name}`);
    await eventually(() => outside()).toEqual([]);
    await view('after');
    await inspector.id('edit-name').nth(1).click();
    await inspector.id('add-paint').click();
    const canvas = inspector.id('paint-canvas');
    await canvas.scrollIntoViewIfNeeded();
    const box = await canvas.boundingBox();
    if (box === null) throw new Error('There is no canvas.');
    await inspector.page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.6);
    await inspector.page.mouse.down();
    await inspector.page.mouse.move(box.x + box.width * 0.7, box.y + box.height * 0.7, { steps: 6 });
    await inspector.page.mouse.up();
    await inspector.page.keyboard.press('ArrowDown');
    await inspector.quiet();
    await eventually(() => violations()).toEqual([]);
    await inspector.shot(`edits-paint-${name}`);
    await eventually(() => outside()).toEqual([]);
    await eventually(() => inspector.page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  },
);
