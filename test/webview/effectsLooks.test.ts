/** Effects in four themes and three widths: axe finds nothing, nothing sticks out, and there are pictures to look at. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { afterAll, afterEach, expect, test } from 'vitest';
import { EFFECT_DEFAULTS, PLACEMENT_DEFAULTS } from '../../src/shared/effects/effects.ts';
import { DISSECT_DEFAULTS } from '../../src/shared/units/dissection.ts';
import { effectOf, placementOf, selectionsOf } from './support/fakeEffects.ts';
import { dissectionOf } from './support/fakeUnits.ts';
import { closeBrowser, eventually, type Inspector, openInspector } from './support/inspector.ts';
import { demoModel } from './support/models.ts';
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

const model = demoModel();
const layers = (model.layers ?? []).map(({ tensor }) => tensor);
const dissection = dissectionOf(model, { ...DISSECT_DEFAULTS, layers });
const common = { layer: 'block1.conv1', concept: ['tree'] };
const { curve, ...defaults } = EFFECT_DEFAULTS;
const units = Array.from({ length: 20 }, (_, i) => (i * 37) % 128);
const effects = {
  effect: effectOf({ ...EFFECT_DEFAULTS, ...common, choice: { kind: 'top', count: 20, rank: 'iou' } }),
  selections: selectionsOf({ ...defaults, ...common, count: 20 }),
  placement: placementOf({ ...PLACEMENT_DEFAULTS, ...common, units }),
  running: null,
};
const DISSECTED = { dissection, job: null, resumable: null };
const WIDTHS = [
  [1200, 1900],
  [700, 3300],
  [320, 4300],
] as const;

async function open(theme: ThemeName, width: number, height: number, host = {}): Promise<void> {
  inspector = await openInspector({ theme, width, height, host: { dissected: DISSECTED, ...host } });
  await inspector.settled();
  await inspector.page.getByRole('tab', { name: 'Units' }).click();
  await inspector.segment('units-main', 'effects');
  await inspector.page.locator('[data-testid=effects][aria-busy=false]').waitFor();
}

/** What is wider than the window, though it does not scroll by itself. */
function outside(): Promise<string[]> {
  return inspector.page.evaluate(() =>
    [...document.querySelectorAll('.units-main-head *, .effects *')]
      .filter((element) => element.closest('.table-scroll') === null)
      .map((element) => ({ box: element.getBoundingClientRect(), html: element.outerHTML.slice(0, 120) }))
      .filter(({ box }) => box.width > 1 && (box.right > innerWidth + 1 || box.left < -1))
      .map(({ html }) => html),
  );
}

const THEMES: readonly ThemeName[] = ['dark', 'light', 'hc-dark', 'hc-light'];

/** High contrast differs in colours alone: one width shows them. */
const LOOKS = THEMES.flatMap((theme) =>
  WIDTHS.filter(([width]) => !theme.startsWith('hc') || width === 700).map(
    ([width, height]) => [theme, width, height] as const,
  ),
);

test.each(LOOKS)('answers in %s at %i px', async (theme, width, height) => {
  await open(theme, width, height, { effects });
  for (const [kind, result] of [
    ['effect', 'effect-result'],
    ['selections', 'selections-result'],
    ['placement', 'placement-result'],
  ] as const) {
    await inspector.segment('effects-shown', kind);
    await inspector.id(result).waitFor();
    await inspector.page.locator('.effects .plot svg').first().waitFor();
    if (kind === 'selections') await inspector.id('selections-plot').focus();
    if (kind === 'placement') await inspector.id('placement-map-plot').focus();
    await inspector.shot(`effects-${kind}-${theme}-${width}`);
    await eventually(() => violations()).toEqual([]);
    await eventually(() => outside()).toEqual([]);
  }
});

test.each(THEMES)('before, while and after a failure in %s', async (theme) => {
  await open(theme, 900, 900, {
    effectStep: 400,
    effectFailure: {
      code: 'input.invalid',
      message: 'None of the 200 samples shows the concept, so no unit can be chosen for it.',
      advice: 'Choose another concept, or more training samples.',
      next: ['showLog'],
    },
  });
  await eventually(() => violations()).toEqual([]);
  await inspector.shot(`effects-before-${theme}`);
  await inspector.id('effects-go-effect').click();
  await inspector.id('effects-cancel').waitFor();
  await eventually(() => inspector.id('effects-progress').textContent()).toContain('measuring');
  await eventually(() => violations()).toEqual([]);
  await inspector.shot(`effects-while-${theme}`);
  await inspector.id('effects-error').waitFor();
  await eventually(() => violations()).toEqual([]);
  await inspector.shot(`effects-failed-${theme}`);
});
