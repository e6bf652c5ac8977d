/** The Samples tab of an image-to-image model: pictures of one's own, there, back, and blurred on the way. */
import { afterAll, afterEach, expect, test } from 'vitest';
import {
  closeBrowser,
  eventually,
  type Inspector,
  type Options,
  openInspector,
  pixelsOf,
} from './support/inspector.ts';
import { translatorModel } from './support/models.ts';
import { translationOf } from './support/scenes.ts';

const INIT = {
  model: 'file:///demo/generator.onnx',
  fileName: 'summer_to_winter.onnx',
  remote: false,
  defaults: { count: 16, rng: 'numpy' },
} as const;
const SUMMER = { label: 'summer', pictures: 240 };
const CHOSEN = { inputs: { forth: SUMMER, back: null }, second: null };
const CYCLE = { ...CHOSEN, second: 'winter_to_summer.onnx' };

let inspector: Inspector;
const open = async ({ host, ...options }: Options = {}) => {
  inspector = await openInspector({
    width: 640,
    height: 720,
    ...options,
    host: { model: translatorModel(), init: INIT, ...host },
  });
  return inspector;
};
const row = (place: number) => inspector.page.locator(`.row[data-place="${place}"]`);
const canvas = (place: number, column: number) => row(place).locator('canvas').nth(column);
const asked = () => inspector.requests('translate');
const slide = (value: number) =>
  inspector.id('blur').evaluate((element, next) => {
    (element as HTMLInputElement).value = String(next);
    element.dispatchEvent(new Event('input', { bubbles: true }));
  }, value);
const heads = () => inspector.page.locator('.row-head').first().locator('span').allTextContents();
const focused = () =>
  inspector.page.evaluate(() => document.activeElement?.getAttribute('data-place') ?? null);

afterEach(async () => {
  expect(inspector.complaints).toEqual([]);
  await inspector.close();
});
afterAll(closeBrowser);

test('the empty state says what it is for, and its button starts it', async () => {
  await open();
  const empty = inspector.id('translation-empty');
  await empty.waitFor();
  await eventually(() => empty.textContent()).toContain('summer_to_winter.onnx makes an image of an image');
  await eventually(() => empty.textContent()).toContain('It takes pictures of 64×64');
  expect(await asked().once()).toEqual([]);
  await eventually(() => inspector.id('facts').textContent()).toBe('image to image · 64×64 · CPU');
  await inspector.shot('translate-empty-dark');
  await inspector.id('choose-folder').click();
  await inspector.settled();
  await eventually(() => inspector.page.locator('.row').count()).toBe(8);
  expect(await asked().once()).toMatchObject([{ way: 'forth', first: 0, count: 8, blur: 0, stamp: 'first' }]);
});

test('a dialog that is closed changes nothing; a folder without pictures says so', async () => {
  await open({ host: { chosen: null } });
  await inspector.id('choose-folder').click();
  await inspector.quiet();
  await eventually(() => inspector.id('translation-empty').textContent()).toContain('Which pictures');
  await inspector.host((host) => {
    host.chosen = { label: 'notes', pictures: 0 };
  });
  await inspector.id('choose-files').click();
  await eventually(() => inspector.id('translation-empty').textContent()).toContain(
    'notes holds no pictures that Genscope reads.',
  );
  expect(await asked().once()).toEqual([]);
});

test('a model for any size says so', async () => {
  const model = translatorModel();
  const imageInput = { name: 'image', channels: 3, size: null, multiple: 4 };
  await open({ host: { model: { ...model, imageInput } } });
  await eventually(() => inspector.id('translation-empty').textContent()).toContain(
    'It takes pictures of any size, cut to a multiple of 4.',
  );
  await eventually(() => inspector.id('facts').textContent()).toContain('any size');
  await inspector.id('choose-folder').click();
  await inspector.settled();
  await pixelsOf(canvas(3, 1)).toEqual(translationOf(3, 'forth', 'translation', 0));
});

test('pairs: the engine’s own pixels, names, and pages', async () => {
  await open({ host: { setup: CHOSEN } });
  await inspector.settled();
  await eventually(() => heads()).toEqual(['input', 'translation']);
  for (const place of [0, 7]) {
    await pixelsOf(canvas(place, 0)).toEqual(translationOf(place, 'forth', 'input', 0));
    await pixelsOf(canvas(place, 1)).toEqual(translationOf(place, 'forth', 'translation', 0));
  }
  const name = 'scene-0002.png picture 3 of 240';
  await eventually(() => inspector.page.getByRole('option', { name, exact: true }).count()).toBe(1);
  await eventually(() => row(2).getAttribute('title')).toBe('/pictures/summer/scene-0002.png');
  await eventually(() => inspector.id('page').textContent()).toBe('1–8 of 240');
  await eventually(() => inspector.id('status').textContent()).toMatch(/^summer · 8 pictures · \d+ ms$/);
  await inspector.shot('translate-pairs-dark');
  await inspector.id('next-page').click();
  await inspector.settled();
  await eventually(() => inspector.id('page').textContent()).toBe('9–16 of 240');
  await pixelsOf(canvas(9, 1)).toEqual(translationOf(9, 'forth', 'translation', 0));
  expect(await asked().once()).toMatchObject([{ first: 0 }, { first: 8, count: 8 }]);
  await inspector.id('previous-page').click();
  await inspector.settled();
  await eventually(() => inspector.id('page').textContent()).toBe('1–8 of 240');
});

test('a second generator makes triples with their cycle error; taking it away makes pairs again', async () => {
  await open({ host: { setup: CHOSEN } });
  await inspector.settled();
  expect(await inspector.once(() => inspector.id('cycle').count())).toBe(0);
  await inspector.id('second').click();
  await inspector.id('cycle-error').waitFor();
  await inspector.settled();
  await eventually(() => heads()).toEqual(['input', 'translation', 'reconstruction']);
  await pixelsOf(canvas(4, 2)).toEqual(translationOf(4, 'forth', 'reconstruction', 0));
  await eventually(() => inspector.id('cycle-error').textContent()).toMatch(
    /^Cycle error0\.\d+ 0\.\d+–0\.\d+ · n 8$/,
  );
  const name = /^scene-0004.png picture 5 of 240 Cycle error 0\.\d+$/;
  await eventually(() => inspector.page.getByRole('option', { name }).count()).toBe(1);
  await eventually(() => inspector.id('second-menu').textContent()).toBe(
    'summer_to_winter → winter_to_summer',
  );
  await inspector.shot('translate-triples-dark');
  await inspector.id('second-menu').click();
  await inspector.id('second-menu-none').click();
  await eventually(() => inspector.id('cycle').count()).toBe(0);
  await inspector.settled();
  await eventually(() => heads()).toEqual(['input', 'translation']);
});

test('blur: a fourth column, the change against none, and the newest of many moves wins', async () => {
  await open({ host: { setup: CYCLE } });
  await inspector.settled();
  expect(await inspector.once(() => inspector.id('cycle-change').count())).toBe(0);
  await eventually(() => inspector.id('cycle').textContent()).toContain('can hide what the way back needs');
  await inspector.host((host) => {
    host.rowDelay = 30;
  });
  await inspector.forget();
  // Within the page: a busy machine must not turn a quick drag into twenty slow steps.
  await inspector.id('blur').evaluate(async (element) => {
    for (let i = 1; i <= 20; i++) {
      (element as HTMLInputElement).value = String(i / 10);
      element.dispatchEvent(new Event('input', { bubbles: true }));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
  await inspector.settled();
  expect(await inspector.count('mostInFlight').once()).toBe(1);
  expect((await asked().once()).length).toBeLessThan(15);
  expect((await asked().once()).at(-1)).toMatchObject({ blur: 2 });
  await eventually(() => heads()).toEqual(['input', 'translation', 'sent back', 'reconstruction']);
  await pixelsOf(canvas(5, 2)).toEqual(translationOf(5, 'forth', 'sentBack', 2));
  await pixelsOf(canvas(5, 3)).toEqual(translationOf(5, 'forth', 'reconstruction', 2));
  await eventually(() => inspector.id('cycle-change').textContent()).toMatch(/\+0\.\d+ against no blur$/);
  await inspector.shot('translate-blur-dark');
  // Another page was never seen without blur: there is nothing to compare with.
  await inspector.id('next-page').click();
  await inspector.settled();
  await eventually(() => inspector.id('cycle-change').count()).toBe(0);
});

test('the other way has pictures of its own', async () => {
  await open({ host: { setup: CYCLE, chosen: { label: 'winter', pictures: 12 } } });
  await inspector.settled();
  await inspector.id('way').getByText('Y→X→Y').click();
  const empty = inspector.id('translation-empty');
  await empty.waitFor();
  await eventually(() => empty.textContent()).toContain('winter_to_summer → summer_to_winter');
  expect(await inspector.once(() => inspector.page.locator('.row').count())).toBe(0);
  await inspector.shot('translate-other-way-dark');
  await inspector.id('choose-folder').click();
  await inspector.settled();
  await eventually(() => inspector.id('page').textContent()).toBe('1–8 of 12');
  await pixelsOf(canvas(1, 1)).toEqual(translationOf(1, 'back', 'translation', 0));
  // The last page is shorter.
  await inspector.id('next-page').click();
  await inspector.settled();
  await eventually(() => inspector.id('page').textContent()).toBe('9–12 of 12');
  await eventually(() => inspector.page.locator('.row').count()).toBe(4);
  await inspector.id('way').getByText('X→Y→X').click();
  await inspector.settled();
  await eventually(() => inspector.id('page').textContent()).toBe('1–8 of 240');
  await pixelsOf(canvas(1, 0)).toEqual(translationOf(1, 'forth', 'input', 0));
});

test('keyboard: arrows move between rows, Page keys turn the page, Enter opens, Escape comes back', async () => {
  await open({ host: { setup: CYCLE } });
  await inspector.settled();
  const { keyboard } = inspector.page;
  const blocks = Number(await inspector.id('translations').getAttribute('data-blocks'));
  await row(0).focus();
  await keyboard.press('ArrowRight');
  await eventually(() => focused()).toBe('1');
  await keyboard.press('ArrowDown');
  await eventually(() => focused()).toBe(String(1 + blocks));
  await eventually(() => inspector.page.locator('.row[tabindex="0"]').count()).toBe(1);
  await keyboard.press('Home');
  await keyboard.press('PageDown');
  await inspector.settled();
  await eventually(() => focused()).toBe('8');
  await keyboard.press('Enter');
  await inspector.settled();
  const large = inspector.page.locator('.large-row canvas');
  await eventually(() => large.count()).toBe(3);
  await pixelsOf(large.nth(2)).toEqual(translationOf(8, 'forth', 'reconstruction', 0));
  expect(await inspector.once(async () => ((await large.first().boundingBox())?.width ?? 1) % 64)).toBe(0);
  await eventually(() => inspector.id('large-name').textContent()).toBe('scene-0008.png');
  await inspector.shot('translate-large-dark');
  // The row was here already: nothing was asked for anew.
  expect((await asked().once()).length).toBe(2);
  await keyboard.press('ArrowRight');
  await keyboard.press('ArrowRight');
  await eventually(() => inspector.id('large').getAttribute('data-place')).toBe('10');
  await keyboard.press('Escape');
  await eventually(() => focused()).toBe('10');
});

test('from the large view over the end of a page', async () => {
  await open({ host: { setup: CHOSEN } });
  await inspector.settled();
  await row(7).dblclick();
  await inspector.id('next').click();
  await inspector.settled();
  await eventually(() => inspector.id('large-name').textContent()).toBe('scene-0008.png');
  await pixelsOf(inspector.page.locator('.large-row canvas').nth(1)).toEqual(
    translationOf(8, 'forth', 'translation', 0),
  );
  await inspector.id('back').click();
  await inspector.settled();
  await eventually(() => inspector.id('page').textContent()).toBe('9–16 of 240');
  await eventually(() => focused()).toBe('8');
});

test('files that are no pictures leave no hole, are counted, and listed on demand', async () => {
  await open({ host: { setup: CHOSEN, unreadable: [1, 3] } });
  await inspector.settled();
  await eventually(() => inspector.page.locator('.row').count()).toBe(6);
  await eventually(() => inspector.id('skipped').textContent()).toBe('2 skipped');
  await inspector.id('skipped').click();
  const words = () => inspector.id('skipped-drawer').textContent();
  await eventually(words).toContain('scene-0003.png');
  await eventually(words).toContain('It is no picture.');
  await inspector.shot('translate-skipped-dark');
  await inspector.page.keyboard.press('Escape');
  await row(0).focus();
  await inspector.page.keyboard.press('End');
  await eventually(() => focused()).toBe('7');
});

test('slow work shows its progress, and Cancel keeps the rows that came', async () => {
  await open({ host: { setup: CHOSEN, rowDelay: 250 } });
  await inspector.id('progress').waitFor();
  await eventually(() => inspector.id('status').textContent()).toMatch(/^translating \d of 8 · \d+ s left$/);
  await inspector.shot('translate-progress-dark');
  await inspector.id('cancel').click();
  await eventually(() => inspector.id('status').textContent()).toBe('Cancelled');
  await pixelsOf(canvas(0, 1)).toEqual(translationOf(0, 'forth', 'translation', 0));
  await inspector.host((host) => {
    host.rowDelay = 0;
  });
  await inspector.id('sample-again').click();
  await inspector.settled();
});

test('errors: with pictures a banner, without any a page; and a way on', async () => {
  const translate = {
    code: 'model.nonFinite' as const,
    message: 'The pictures hold NaN.',
    advice: 'Check the weights.',
    next: ['retry' as const],
  };
  await open({ host: { setup: CHOSEN, fail: { translate } } });
  await inspector.id('failure').waitFor();
  await inspector.host((host) => {
    host.fail = {};
  });
  await inspector.id('next-retry').click();
  await inspector.settled();
  await inspector.host((host, error) => {
    host.fail = { translate: error };
  }, translate);
  await inspector.id('next-page').click();
  await inspector.id('banner-error').waitFor();
  expect(await inspector.once(() => canvas(8, 1).getAttribute('data-drawn'))).toBe('0/translation');
  await inspector.host((host) => {
    host.fail = {};
    host.malformed = true;
  });
  await inspector.id('next-retry').click();
  await eventually(() => inspector.id('banner-error').textContent()).toContain('cannot read');
  await inspector.host((host) => {
    host.malformed = false;
  });
  await inspector.id('next-retry').click();
  await inspector.settled();
  expect(await inspector.once(() => inspector.id('banner-error').count())).toBe(0);
  await inspector.host((host) => {
    const message = 'generator.onnx does not make images of images, so it is no way back.';
    host.fail = {
      chooseTranslation: { code: 'input.invalid', message, advice: 'Choose another.', next: [] },
    };
  });
  await inspector.id('second').click();
  await eventually(() => inspector.id('banner-error').textContent()).toContain('no way back');
  expect(await inspector.once(() => inspector.page.locator('.row').count())).toBe(8);
});

test('a reload brings page, way and blur back', async () => {
  const setup = { inputs: { forth: SUMMER, back: { label: 'winter', pictures: 100 } }, second: 'w.onnx' };
  await open({ host: { setup } });
  await inspector.settled();
  await inspector.id('way').getByText('Y→X→Y').click();
  await inspector.settled();
  await inspector.id('next-page').click();
  await slide(1.5);
  await inspector.settled();
  await inspector.page.reload();
  await inspector.settled();
  expect((await asked().once()).at(-1)).toMatchObject({ way: 'back', first: 8, count: 8, blur: 1.5 });
  await eventually(() => inspector.id('page').textContent()).toBe('9–16 of 100');
  await eventually(() => heads()).toHaveLength(4);
});

test('a file that changed under the page: the rows stay, Reload draws the new ones', async () => {
  await open({ host: { setup: CHOSEN } });
  await inspector.settled();
  await inspector.host((host) => {
    host.fail = { translate: { code: 'model.changed', message: 'Changed.', advice: 'Reload.', next: [] } };
  });
  await inspector.id('next-page').click();
  await inspector.id('banner-changed').waitFor();
  expect(await inspector.once(() => inspector.id('banner-error').count())).toBe(0);
  await inspector.host((host) => {
    host.fail = {};
    host.stamp = 'second';
  });
  await inspector.id('reload').click();
  await inspector.settled();
  expect((await asked().once()).at(-1)).toMatchObject({ stamp: 'second', first: 8 });
});
