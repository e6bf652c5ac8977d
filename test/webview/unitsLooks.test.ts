/** The Units tab in four themes, narrow and wide: axe finds nothing, and there are pictures for a person to look at. */
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

const THEMES: readonly ThemeName[] = ['dark', 'light', 'hc-dark', 'hc-light'];
const model = demoModel();
const layers = (model.layers ?? []).map(({ tensor }) => tensor);
const dissection = dissectionOf(model, { ...DISSECT_DEFAULTS, layers });
const DISSECTED = { dissection, job: null, resumable: null };

test.each(THEMES)('before, while and after a dissection in %s', async (theme) => {
  inspector = await openInspector({ theme, width: 980, height: 860, host: { dissectStep: 150 } });
  await inspector.settled();
  await inspector.page.getByRole('tab', { name: 'Units' }).click();
  await unitsSettled(inspector);
  await eventually(() => violations()).toEqual([]);
  await inspector.shot(`units-before-${theme}`);
  await inspector.id('dissect-go').click();
  await inspector.id('dissect-so-far').waitFor();
  // Looking closely takes a while on a busy machine: it must not be over before.
  await inspector.host((host) => {
    host.dissectStep = 2000;
  });
  await unitsSettled(inspector);
  await eventually(() => violations()).toEqual([]);
  await inspector.shot(`units-while-${theme}`);
  await inspector.id('dissect-pause').click();
  await inspector.id('dissect-paused').waitFor();
  await inspector.host((host) => {
    host.dissectStep = 50;
  });
  await eventually(() => violations()).toEqual([]);
  await inspector.shot(`units-paused-${theme}`);
  await inspector.id('dissect-resume').click();
  await inspector.id('dissect-note').waitFor();
  await unitsSettled(inspector);
  await inspector.segment('overlay', 'outline');
  await inspector.page.locator('.unit-row').nth(1).click();
  await unitsSettled(inspector);
  await eventually(() => violations()).toEqual([]);
  await inspector.shot(`units-after-${theme}`);
  await inspector.page
    .locator('.tile')
    .nth(5)
    .click({ position: { x: 30, y: 30 } });
  await inspector.page.locator('[data-testid=here]').first().waitFor();
  await inspector.id('dissect-open').click();
  await inspector.page
    .locator('.unit-row')
    .nth(2)
    .click({ modifiers: ['Control'] });
  await unitsSettled(inspector);
  await eventually(() => violations()).toEqual([]);
  await inspector.shot(`units-ranked-${theme}`);
});

test.each([
  ['wide-dark', 'dark', 1400, 900],
  ['wide-light', 'light', 1400, 900],
  ['640-dark', 'dark', 640, 800],
  ['640-light', 'light', 640, 800],
  ['1200-dark', 'dark', 1200, 800],
  ['1200-light', 'light', 1200, 800],
  ['480', 'dark', 480, 1400],
  ['320', 'light', 320, 1600],
  ['320-low-dark', 'dark', 320, 800],
] as const)('all layers dissected: %s', async (name, theme, width, height) => {
  inspector = await openInspector({ theme, width, height, host: { dissected: DISSECTED } });
  await inspector.settled();
  await inspector.page.getByRole('tab', { name: 'Units' }).click();
  await unitsSettled(inspector);
  await inspector.segment('overlay', 'segmentation');
  await inspector.page.locator('.tile-overlay[data-overlay=segmentation]').first().waitFor();
  await eventually(() => violations()).toEqual([]);
  await inspector.shot(`units-${name}`);
  await eventually(() => inspector.page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  const outside = () =>
    inspector.page.evaluate(() =>
      [...document.querySelectorAll('.units-top *, .units-filter *, .units-section *, .unit-row, .status *')]
        // These scroll by themselves where they do not fit.
        .filter((element) => element.closest('.layer-strip, .table-scroll') === null)
        .map((element) => ({ box: element.getBoundingClientRect(), html: element.outerHTML.slice(0, 120) }))
        .filter(({ box }) => box.width > 1 && box.right > innerWidth + 1)
        .map(({ html }) => html),
    );
  await eventually(outside).toEqual([]);
});

test.each(['dark', 'light'] as const)('half an editor, a union of concepts chosen: %s', async (theme) => {
  inspector = await openInspector({ theme, width: 640, height: 800, host: { dissected: DISSECTED } });
  await inspector.settled();
  await inspector.page.getByRole('tab', { name: 'Units' }).click();
  await unitsSettled(inspector);
  const whole = () =>
    inspector.page.evaluate(
      () =>
        [...document.querySelectorAll('.unit-row')].filter(
          (row) => row.getBoundingClientRect().bottom <= innerHeight,
        ).length,
    );
  await eventually(whole).toBeGreaterThanOrEqual(5);
  for (const concept of [6, 2]) {
    await inspector.id('concept-menu').click();
    await inspector.id(`concept-menu-${concept}`).click();
  }
  await inspector.id('concept-menu').click();
  await unitsSettled(inspector);
  await eventually(() => inspector.id('concept-chip').textContent()).toBe('Concept: house + tree');
  await eventually(() => violations()).toEqual([]);
  await inspector.shot(`units-union-${theme}`);
});
