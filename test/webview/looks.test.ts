/** Four themes, narrow panels, zoom, forced colours: axe finds nothing, and there are pictures for a person to look at. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { afterAll, afterEach, expect, test } from 'vitest';
import { closeBrowser, eventually, type Inspector, openInspector } from './support/inspector.ts';
import { mappedModel, translatorModel, unknownModel } from './support/models.ts';
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

const THEMES: readonly ThemeName[] = ['dark', 'light', 'hc-dark', 'hc-light'];

test.each(THEMES)('axe finds nothing in %s', async (theme) => {
  inspector = await openInspector({ theme, width: 640, height: 720 });
  await inspector.settled();
  const cells = inspector.page.locator('.cell');
  await cells.nth(2).click();
  await cells.nth(7).click({ modifiers: ['Control'] });
  await eventually(() => violations()).toEqual([]);
  await inspector.shot(`grid-${theme}`);

  await inspector.id('facts').click();
  await inspector.id('layer-strip').waitFor();
  await eventually(() => violations()).toEqual([]);
  await inspector.page.keyboard.press('Escape');
  await inspector.id('more-options').click();
  await eventually(() => violations()).toEqual([]);
  await inspector.shot(`options-${theme}`);
  await inspector.page.keyboard.press('Escape');
  await inspector.id('save').click();
  await eventually(() => violations()).toEqual([]);
  await inspector.shot(`menu-${theme}`);
  await inspector.page.keyboard.press('Escape');

  await inspector.id('interpolate').click();
  await inspector.settled();
  await eventually(() => violations()).toEqual([]);
  await inspector.id('back').click();
  await cells.nth(3).dblclick();
  await inspector.settled();
  await eventually(() => violations()).toEqual([]);
  await inspector.shot(`large-${theme}`);

  await inspector.host((host) => {
    host.notify('engineState', { state: 'crashed' });
    host.notify('modelChanged', { reason: 'changed' });
    host.notify('jobsChanged', {
      jobs: [
        {
          id: 'a',
          kind: 'exportSamples',
          title: 'Saving',
          state: 'running',
          progress: { done: 1, total: 2 },
          startedAt: 0,
        },
      ],
    });
  });
  await inspector.id('banner-engine').waitFor();
  await eventually(() => violations()).toEqual([]);
  await inspector.shot(`banners-${theme}`);
});

test.each(THEMES)('axe finds nothing in the roles form and in failures, in %s', async (theme) => {
  inspector = await openInspector({ theme, host: { model: unknownModel() } });
  await inspector.id('roles-form').waitFor();
  await eventually(() => violations()).toEqual([]);
  await inspector.close();
  const fail = {
    describe: {
      code: 'model.empty' as const,
      message: 'It is empty.',
      advice: 'Export it again.',
      next: ['retry' as const, 'showLog' as const],
      detail: 'zero bytes',
    },
  };
  inspector = await openInspector({ theme, host: { fail } });
  await inspector.id('failure').waitFor();
  await eventually(() => violations()).toEqual([]);
});

const SECOND = { inputs: { forth: { label: 'summer', pictures: 240 }, back: null }, second: 'back.onnx' };

test.each(THEMES)('axe finds nothing in translations, in %s', async (theme) => {
  const model = translatorModel();
  inspector = await openInspector({ theme, width: 1000, height: 720, host: { model } });
  await inspector.id('translation-empty').waitFor();
  await eventually(() => violations()).toEqual([]);
  await inspector.id('choose-folder').click();
  await inspector.settled();
  await eventually(() => violations()).toEqual([]);
  await inspector.shot(`translate-pairs-wide-${theme}`);
  await inspector.id('second').click();
  await inspector.id('cycle-error').waitFor();
  await inspector.id('blur').focus();
  for (let i = 0; i < 8; i++) await inspector.page.keyboard.press('ArrowRight');
  await inspector.settled();
  await inspector.page.locator('.row').nth(1).click();
  await inspector.page.keyboard.press('ArrowRight');
  await eventually(() => violations()).toEqual([]);
  await inspector.shot(`translate-blur-wide-${theme}`);
  await inspector.page.keyboard.press('Enter');
  await inspector.settled();
  await eventually(() => violations()).toEqual([]);
  await inspector.shot(`translate-large-wide-${theme}`);
  await inspector.id('facts').click();
  await inspector.id('layer-strip').waitFor();
  await inspector.page.locator('[data-layer="0"]').focus();
  for (let i = 0; i < 4; i++) await inspector.page.keyboard.press('ArrowRight');
  await eventually(() => violations()).toEqual([]);
  await inspector.shot(`model-wide-${theme}`);
});

test.each([
  [480, 'dark'],
  [1000, 'light'],
] as const)('the Model drawer at %i px', async (width, theme) => {
  inspector = await openInspector({ theme, width, height: 900, host: { model: mappedModel() } });
  await inspector.settled();
  await inspector.id('facts').click();
  await inspector.id('layer-strip').waitFor();
  await inspector.shot(`model-${width}`);
  await inspector.id('layer-table').locator('summary').click();
  await inspector.id('layer-table').scrollIntoViewIfNeeded();
  await inspector.shot(`model-table-${width}`);
  await eventually(() => inspector.page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
});

test.each([
  ['320', { width: 320, height: 720 }],
  ['forced-colours', { width: 640, height: 720, forcedColors: true }],
] as const)('translations, narrow and in forced colours: %s', async (name, options) => {
  const host = { model: translatorModel(), setup: SECOND };
  inspector = await openInspector({ ...options, host });
  await inspector.settled();
  await inspector.id('blur').focus();
  for (let i = 0; i < 5; i++) await inspector.page.keyboard.press('ArrowRight');
  await inspector.settled();
  await inspector.shot(`translate-${name}`);
  const outside = () =>
    inspector.page.evaluate(() => {
      const reach = [...document.querySelectorAll('.controls *, .header *, .status *, .row')].map((element) =>
        element.getBoundingClientRect(),
      );
      return {
        wide: document.documentElement.scrollWidth,
        out: reach.filter(({ right, width }) => width > 1 && right > innerWidth + 1).length,
      };
    });
  await eventually(outside).toEqual({ wide: options.width, out: 0 });
});

test.each([
  ['narrow-320', { width: 320, height: 640 }],
  ['zoom-200', { width: 320, height: 360, ratio: 2 }],
  ['wide', { width: 1200, height: 700 }],
  ['forced-colours', { width: 640, height: 720, forcedColors: true }],
] as const)('nothing is cut off: %s', async (name, options) => {
  inspector = await openInspector(options);
  await inspector.settled();
  await inspector.page.locator('.cell').nth(1).click();
  await inspector.shot(name);
  // No sideways scrolling, and every control lies inside the page.
  const outside = () =>
    inspector.page.evaluate(() => {
      const reach = [...document.querySelectorAll('.controls *, .header *, .status *')].map((element) =>
        element.getBoundingClientRect(),
      );
      return {
        wide: document.documentElement.scrollWidth,
        out: reach.filter(({ right, width }) => width > 1 && right > innerWidth + 1).length,
      };
    });
  await eventually(outside).toEqual({ wide: options.width, out: 0 });
  const small = () =>
    inspector.page.evaluate(() =>
      [
        ...document.querySelectorAll(
          '.controls button, .controls vscode-button, .controls input, .status button, .header button',
        ),
      ]
        .filter((element) => element.getBoundingClientRect().height < 22)
        .map((element) => element.outerHTML),
    );
  await eventually(small).toEqual([]);
});

test('nothing moves when progress comes and goes', async () => {
  inspector = await openInspector({ width: 640, height: 720, host: { batch: 4, batchDelay: 500 } });
  await inspector.page.locator('.cell').nth(5).waitFor();
  // From frame to frame within the page, until all is drawn.
  const seen = await inspector.page.evaluate(async () => {
    const places = new Set<string>();
    const stage = document.querySelector('[data-testid=stage]');
    let progress = false;
    for (let busy = true; busy; busy = stage?.getAttribute('aria-busy') !== 'false') {
      await new Promise(requestAnimationFrame);
      progress ||= document.querySelector('[data-testid=progress]') !== null;
      places.add(JSON.stringify(document.querySelectorAll('.cell')[5]?.getBoundingClientRect()));
    }
    return { progress, places: places.size };
  });
  expect(seen).toEqual({ progress: true, places: 1 });
});
