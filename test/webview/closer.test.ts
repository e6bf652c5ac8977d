/** Looking closer through the page: what is asked for, how far it is, what came out, and a person's word on it. */
import { afterAll, afterEach, expect, test } from 'vitest';
import type { PageMethod } from '../../src/shared/pageProtocol.ts';
import { SCORE_DEFAULTS } from '../../src/shared/scores/scores.ts';
import { artifactsOf, duplicatesOf, modesOf, NO_ANSWERS, neighboursOf } from './support/fakeLooks.ts';
import { setupOf } from './support/fakeScores.ts';
import {
  closeBrowser,
  eventually,
  type Inspector,
  type Options,
  openInspector,
  pixelsOf,
} from './support/inspector.ts';
import { frameOf, scene } from './support/scenes.ts';

let inspector: Inspector;
afterEach(async () => {
  expect(inspector.complaints).toEqual([]);
  await inspector.close();
});
afterAll(closeBrowser);

const { seed, source, classes, quantisation, samples } = SCORE_DEFAULTS;
const drawn = { seed, source, classes, quantisation };
const compared = { ...drawn, samples, referenceSamples: 0 };
const plan = { kind: 'seeds', source, seed, count: samples, classes } as const;
const text = (id: string) => inspector.id(id).textContent();
const press = (key: string) => inspector.page.keyboard.press(key);
const requests = <T = Record<string, unknown>>(method: PageMethod) => inspector.requests<T>(method);
const questions = async () =>
  (await requests<{ question: { kind: string; settings: Record<string, unknown> } }>('startLook').once()).map(
    ({ question }) => question,
  );

async function open(options: Options = {}, kind?: string): Promise<void> {
  inspector = await openInspector({ width: 1200, height: 900, ...options });
  await inspector.settled();
  await show(kind);
}

async function show(kind?: string): Promise<void> {
  await inspector.page.getByRole('tab', { name: 'Closer' }).click();
  await inspector.page.locator('[data-testid=looks-tab][aria-busy=false]').waitFor();
  if (kind !== undefined) await choose(kind);
}

async function choose(kind: string): Promise<void> {
  await inspector.page.locator(`[data-testid=looks-question] input[value=${kind}]`).check();
}

/** Every picture of the answer has come. */
async function drawnAll(): Promise<void> {
  await inspector.page.waitForFunction(() => {
    const all = [...document.querySelectorAll<HTMLCanvasElement>('.look-picture canvas')];
    return all.length > 0 && all.every((one) => one.dataset.drawn);
  });
}

test('a look is asked for, told of while it lasts, and ends in pictures: each is the very one that the answer names', async () => {
  await open({ host: { lookStep: 120 } });
  await eventually(() => text('looks-nothing')).toContain('Nobody has looked yet');
  const jobs = await inspector.most('[data-testid=job]');
  await inspector.id('looks-run').click();
  await eventually(() => text('looks-progress')).toMatch(
    /Looking for copies making samples .*of 2,000 · 52 img\/s · 38 s left/,
  );
  await eventually(() => text('looks-progress')).toContain('comparing with real images');
  await inspector.id('looks-neighbours').waitFor();
  await eventually(() => questions()).toEqual([
    { kind: 'neighbours', settings: { ...compared, k: 4, shown: 12 } },
  ]);
  await eventually(() => text('notice')).toBe('Looked for copies.');
  // Its own words are larger than the list of jobs.
  expect(await jobs.once()).toBe(0);
  await eventually(() => text('look-verdict')).toContain('No sign of copying beyond chance.');
  await drawnAll();
  const [first] = neighboursOf({ ...compared, k: 4, shown: 12 }).rows;
  const pictures = inspector.id('looks-row').first().locator('canvas');
  const at = (i: number) => pixelsOf(pictures.nth(i));
  await at(0).toEqual(frameOf({ ...plan, kind: 'picks', indices: [first?.place ?? 0] }, 0));
  for (const [i, near] of [...(first?.features ?? []), ...(first?.pixels ?? [])].entries())
    await at(1 + i).toEqual(scene(5000 + near.index, near.index % 7, 3));
  // In the second row a shift by one pixel has pixels find another image; features find it again.
  const second = () => inspector.id('looks-row').nth(1).textContent();
  await eventually(second).toContain('Features find it');
  await eventually(second).toContain('Pixels find another');
});

test('of the samples on show: those selected there, however few', async () => {
  inspector = await openInspector({ width: 1200, height: 900 });
  await inspector.settled();
  const cells = inspector.page.getByRole('option');
  await cells.nth(2).click();
  await cells.nth(5).click({ modifiers: ['Control'] });
  await show();
  await inspector.id('looks-which').getByText('Those on Show').click();
  await inspector.id('looks-run').click();
  await inspector.id('looks-neighbours').waitFor();
  const [question] = await questions();
  expect(question).toMatchObject({
    kind: 'neighbours',
    settings: { samples: 16, seed: 0, source: { layout: 'each' }, shown: [2, 5] },
  });
  await eventually(() => text('look-verdict')).toContain('Too few samples or images');
  await eventually(() => inspector.id('looks-row').count()).toBe(2);
});

test('twins: a person answers by the keyboard, takes back, and the estimate comes with the last answer', async () => {
  const duplicates = duplicatesOf({ ...drawn, batch: 100, batches: 20, threshold: null });
  await open({ host: { looks: { answers: { ...NO_ANSWERS, duplicates }, running: null } } }, 'duplicates');
  await drawnAll();
  await eventually(() => text('twins-left')).toContain('20 of 20 pairs have no answer yet');
  await inspector.id('twins-ask').focus();
  await press('s');
  await eventually(() => text('twins-at')).toBe('Pair 2 of 20');
  await press('d');
  await press('ArrowLeft');
  await eventually(() => text('twins-at')).toBe('Pair 2 of 20: Different');
  await press('Backspace');
  await eventually(() => text('twins-at')).toBe('Pair 2 of 20');
  await press('s');
  await eventually(() => text('twins-left')).toContain('18 of 20');
  await inspector.id('twins-rest').click();
  await eventually(() => text('look-verdict')).toContain('2 of 20 batches of 100 have two alike: 10 %');
  await eventually(() => text('twins-support')).toContain('47,000 different pictures (13,000–400,000)');
  await eventually(() => text('twins-by')).toBe('By your eye');
  // What was said is kept with the page.
  await eventually(() => inspector.page.evaluate(() => sessionStorage.getItem('state'))).toContain(
    '"same":[0,1]',
  );
  await inspector.page.reload();
  await inspector.page.locator('[data-testid=looks-tab][aria-busy=false]').waitFor();
  await eventually(() => text('look-verdict')).toContain('2 of 20 batches of 100 have two alike: 10 %');
  await inspector.id('looks-who').getByText('A Distance').click();
  await eventually(() => text('twins-by')).toBe('By distance, not by a person');
  await eventually(() => text('look-verdict')).toContain('0 of 20 batches');
  const threshold = inspector.id('looks-threshold').locator('input');
  await threshold.fill('2.6');
  await threshold.press('Enter');
  await eventually(() => text('look-verdict')).toContain('2 of 20 batches');
  await inspector.id('looks-who').getByText('You').click();
  await eventually(() => text('look-verdict')).toContain('2 of 20 batches');
  await inspector.id('twins-restart').click();
  await eventually(() => text('twins-left')).toContain('20 of 20');
});

test('kinds: those that are missing first, with shares and pictures; the even ones when asked for', async () => {
  const modes = modesOf({ ...compared, k: 20, shown: 6 });
  await open({ host: { looks: { answers: { ...NO_ANSWERS, modes }, running: null } } }, 'modes');
  await drawnAll();
  const kinds = inspector.id('mode');
  await eventually(() => kinds.count()).toBe(3);
  await eventually(() => kinds.first().getAttribute('data-verdict')).toBe('missing');
  await eventually(() => kinds.first().textContent()).toMatch(
    /Kind 0 mostly meadow.*missing.*p 2e−14.*5 %.*0\.3 %/,
  );
  await inspector.id('modes-every').click();
  await eventually(() => kinds.count()).toBe(20);
  await drawnAll();
  await eventually(() => text('modes-strange')).toContain('0.62');
});

test('artifacts: the worst units go off one by one, live, and go on as an edit in Units', async () => {
  const layer = 'block1.conv1';
  const artifacts = artifactsOf({ ...compared, layer, top: 25, worst: 5, random: 5 });
  await open({ host: { looks: { answers: { ...NO_ANSWERS, artifacts }, running: null } } }, 'artifacts');
  await inspector.id('artifacts-live').waitFor();
  await drawnAll();
  type Asked = { edits: { layer: string; units: { unit: number; scale: number }[] }[] };
  const edits = await requests<Asked>('editedSample').once();
  expect(edits).toHaveLength(1);
  expect(edits[0]?.edits[0]).toMatchObject({
    layer,
    units: [3, 8, 13, 18, 23].map((unit) => ({ unit, scale: 0 })),
  });
  const slider = inspector.id('artifacts-off');
  await slider.focus();
  for (let i = 0; i < 3; i++) await press('ArrowLeft');
  await requests<Asked>('editedSample')
    .eventually((all) => all.at(-1)?.edits[0]?.units.length)
    .toBe(2);
  await eventually(() => text('artifacts-live')).toContain('Without units 3, 8');
  for (let i = 0; i < 2; i++) await press('ArrowLeft');
  await drawnAll();
  const first = (id: string) => inspector.id(id).locator('canvas').first();
  await pixelsOf(first('artifacts-after')).toEqualThoseOf(first('artifacts-before'));
  await press('ArrowRight');
  await inspector.id('artifacts-use').click();
  await eventually(() =>
    inspector.page.getByRole('tab', { name: 'Units' }).getAttribute('aria-selected'),
  ).toBe('true');
  await eventually(() => inspector.page.getByText('Worst unit').count()).toBeGreaterThan(0);
});

test('what is missing is said, cancelling keeps the last answer, and a failure can be tried again', async () => {
  await open({ host: { scoringSetup: setupOf({ reference: null }), lookStep: 400 } });
  await eventually(() => text('looks-why')).toContain('Choose a reference');
  await inspector.id('looks-run').click();
  expect(await inspector.once(() => questions())).toEqual([]);
  await choose('duplicates');
  await inspector.id('looks-run').click();
  await inspector.id('looks-cancel').click();
  await eventually(() => text('notice')).toContain('Cancelled');
  expect(await inspector.once(() => inspector.id('looks-nothing').count())).toBe(1);
  await inspector.host((host) => {
    host.lookStep = 5;
    host.lookFailure = {
      ...{ code: 'extractor.nonFinite', message: 'The extractor makes NaN.', advice: 'Choose another.' },
      next: ['retry'],
    };
  });
  await inspector.id('looks-run').click();
  await eventually(() => text('looks-error')).toContain('The extractor makes NaN. Choose another.');
  await inspector.host((host) => {
    host.lookFailure = null;
  });
  await inspector.id('looks-error').getByText('Try Again').click();
  await inspector.id('looks-duplicates').waitFor();
  expect(await inspector.once(() => inspector.id('looks-error').count())).toBe(0);
});

test('a reference that is not what it was is told, beside what was found', async () => {
  const neighbours = neighboursOf({ ...compared, k: 4, shown: 6 });
  const gone = {
    ...{ code: 'reference.invalid' as const, next: [] },
    ...{ message: 'reference.zip does not hold the images any more.', advice: 'Look again.' },
  };
  await open({
    host: {
      looks: { answers: { ...NO_ANSWERS, neighbours }, running: null },
      fail: { referencePictures: gone },
    },
  });
  await eventually(() => text('looks-error')).toContain('does not hold the images any more');
  expect(await inspector.once(() => inspector.id('looks-row').count())).toBe(6);
  // The samples themselves are drawn all the same.
  const own = inspector.id('looks-row').locator('th canvas');
  await eventually(() =>
    own.evaluateAll((all) => all.every((one) => (one as HTMLElement).dataset.drawn)),
  ).toBe(true);
  await inspector.host((host) => {
    host.fail = {};
  });
  await inspector.id('looks-error').getByText('Try Again').click();
  await drawnAll();
});
