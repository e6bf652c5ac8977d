/** Effects in use: asking, waiting, calling off, reading answers by keyboard, and what a reload finds again. */
import { afterAll, afterEach, expect, test } from 'vitest';
import { EFFECT_DEFAULTS, PLACEMENT_DEFAULTS } from '../../src/shared/effects/effects.ts';
import type { ErrorData } from '../../src/shared/kernel/errors.ts';
import type { PageMethod } from '../../src/shared/pageProtocol.ts';
import { DISSECT_DEFAULTS } from '../../src/shared/units/dissection.ts';
import { effectOf, placementOf, removedBy, selectionsOf } from './support/fakeEffects.ts';
import { dissectionOf } from './support/fakeUnits.ts';
import {
  closeBrowser,
  eventually,
  type Inspector,
  type Options,
  openInspector,
} from './support/inspector.ts';
import { demoModel } from './support/models.ts';

let inspector: Inspector;
const model = demoModel();
const dissection = dissectionOf(model, { ...DISSECT_DEFAULTS, layers: ['block1.conv1'] });
const DISSECTED = { dissection, job: null, resumable: null };
const common = { layer: 'block1.conv1', concept: ['tree'] };
const { curve: _, ...defaults } = EFFECT_DEFAULTS;
const effect = effectOf({ ...EFFECT_DEFAULTS, ...common, choice: { kind: 'top', count: 20, rank: 'iou' } });
const selections = selectionsOf({ ...defaults, ...common, count: 20 });
const placement = placementOf({ ...PLACEMENT_DEFAULTS, ...common, units: [0, 37] });
const NONE = { effect: null, selections: null, placement: null, running: null };
const TREE = 2;

async function open(options: Options = {}): Promise<void> {
  inspector = await openInspector({
    ...{ width: 1200, height: 1000, ...options },
    host: { dissected: DISSECTED, ...options.host },
  });
  await inspector.settled();
  await inspector.page.getByRole('tab', { name: 'Units' }).click();
  await inspector.segment('units-main', 'effects');
  await inspector.page.locator('[data-testid=effects][aria-busy=false]').waitFor();
}
const requests = <T = Record<string, unknown>>(method: PageMethod) => inspector.requests<T>(method);
const press = (key: string) => inspector.page.keyboard.press(key);
const text = (id: string) => inspector.id(id).textContent();
const reading = (id: string) => inspector.id(id).getAttribute('aria-valuetext');
async function chooseConcept(concept: number): Promise<void> {
  await inspector.id('effects-concept-menu').click();
  await inspector.id(`effects-concept-menu-${concept}`).click();
}

afterEach(async () => {
  expect(inspector.complaints).toEqual([]);
  await inspector.close();
});
afterAll(closeBrowser);

test('an effect: asked with what the form says, its phases, its answer, and that it is said', async () => {
  await open({ host: { effectStep: 250 } });
  await chooseConcept(TREE);
  await inspector.id('effects-samples').locator('input').fill('100');
  await press('Enter');
  await eventually(() => text('effects-ask-effect')).toContain('100 samples · about');
  const jobs = await inspector.most('[data-testid=job]');
  await inspector.id('effects-go-effect').click();
  await eventually(() => text('effects-progress')).toMatch(
    /Measuring the effect reading the units’ values · 1,000 of 8,000 pictures · 35 s left/,
  );
  await eventually(() => text('effects-progress')).toContain('measuring · ');
  await inspector.id('effect-headline').waitFor();
  // Its own words are larger than the list of jobs.
  expect(await jobs.once()).toBe(0);
  expect(await requests('startEffect').once()).toEqual([
    {
      question: {
        kind: 'effect',
        settings: {
          ...EFFECT_DEFAULTS,
          ...{ ...common, samples: 100, choice: { kind: 'top', count: 20, rank: 'iou' } },
        },
      },
    },
  ]);
  await eventually(() => text('effect-headline')).toBe(
    'Ablating these 20 units removes 79.5 % (77.5–81.5) of tree',
  );
  await eventually(() => text('effects-made')).toContain('Measured on 100 held-out samples (seed 1)');
  await eventually(() => text('notice')).toBe('The effect is measured.');
  await eventually(() => text('spoken')).toBe('The effect is measured.');
});

test('called off: the answer before stays, and that is said', async () => {
  await open({ host: { effects: { ...NONE, effect }, effectStep: 300 } });
  await inspector.id('effects-go-selections').click();
  await inspector.id('effects-cancel').click();
  await inspector.id('effects-go-selections').waitFor();
  await eventually(() => text('notice')).toBe('Cancelled. What was measured before stays.');
  expect(await inspector.once(() => text('effect-headline'))).toContain('79.5 %');
  expect((await requests('cancelJob').once()).length).toBe(1);
});

test('one that runs is found again by a page that was reloaded, with the form as it was', async () => {
  await open({ host: { effectStep: 400 } });
  await inspector.id('effects-count').locator('input').fill('7');
  await press('Enter');
  await chooseConcept(TREE);
  await inspector.quiet();
  const running = {
    kind: 'placement',
    job: 'job-7',
    progress: { phase: 'measuring', done: 5, total: 10 },
  } as const;
  await inspector.nextHost({ effects: { ...NONE, effect, running } });
  await inspector.page.reload();
  await inspector.id('effects-progress').waitFor();
  await eventually(() => text('effects-progress')).toContain('Trying places measuring · 5 of 10 pictures');
  await eventually(() => inspector.id('effects-count').locator('input').inputValue()).toBe('7');
  await eventually(() => text('effects-concept-chip')).toBe('tree');
  await inspector.host(
    (host, given) => {
      host.effects = given;
      host.notify('effectsChanged', { kind: 'placement', progress: null, ended: true });
    },
    { ...NONE, effect, placement },
  );
  await inspector.id('placement-headline').waitFor();
});

test('one that another page begins, shows here too', async () => {
  await open();
  await inspector.host((host) => {
    const progress = { phase: 'choosing', done: 3, total: 9 } as const;
    host.effects = {
      ...host.effects,
      running: { kind: 'selections', job: 'job-3', progress },
    };
    host.notify('effectsChanged', { kind: 'selections', progress, ended: false });
  });
  await eventually(() => text('effects-progress')).toContain('Comparing choices choosing units · 3 of 9');
});

test('it fails: why, what to do, and the form for another try', async () => {
  const effectFailure: ErrorData = {
    code: 'input.invalid',
    message: 'None of the 200 samples shows the concept.',
    advice: 'Choose another concept.',
    next: ['retry', 'showLog'],
  };
  await open({ host: { effects: { ...NONE, effect }, effectFailure, effectStep: 5 } });
  await inspector.id('effects-go-effect').click();
  await inspector.id('effects-error').waitFor();
  await eventually(() => text('effects-error')).toContain(
    'None of the 200 samples shows the concept. Choose another concept.',
  );
  expect(await inspector.once(() => text('effect-headline'))).toContain('79.5 %');
  await inspector.host((host) => {
    host.effectFailure = null;
  });
  await inspector.id('effects-error').getByTestId('next-retry').click();
  await requests('startEffect')
    .eventually((all) => all.length)
    .toBe(2);
  await eventually(() => inspector.id('effects-error').count()).toBe(0);
});

test('the host that does not answer what was measured', async () => {
  const error: ErrorData = {
    code: 'engine.crashed',
    message: 'It broke.',
    advice: 'Again.',
    next: ['retry'],
  };
  await open({ host: { fail: { effects: error } } });
  await inspector.id('effects-error').waitFor();
  await inspector.host((host) => {
    host.fail = {};
    host.effects = { ...host.effects };
  });
  await inspector.id('effects-error').getByTestId('next-retry').click();
  await eventually(() => inspector.id('effects-error').count()).toBe(0);
  expect(await requests('startEffect').once()).toEqual([]);
});

test('without a segmenter: what it is for, and how to choose one', async () => {
  const dissecting = { segmenter: null, warnings: [], settings: { ...DISSECT_DEFAULTS, layers: [] } };
  await open({ host: { dissecting, dissected: { dissection: null, job: null, resumable: null } } });
  await eventually(() => text('effects-empty')).toContain('Choose one whose concepts they show.');
  await inspector.id('effects-segmenter').click();
  await inspector.id('effects-segmenter-demo').click();
  await inspector.id('effects-go-effect').waitFor();
  // Nothing is dissected, so no concept is known to be meant.
  await eventually(() => text('effects-ask-effect')).toContain('Choose a concept first.');
  await inspector.id('effects-go-effect').click();
  expect(await requests('startEffect').once()).toEqual([]);
  await chooseConcept(TREE);
  await eventually(() => text('effects-ask-placement')).toContain('dissect this layer first');
  await inspector.id('effects-go-effect').click();
  await inspector.id('effect-headline').waitFor();
});

test('the units that are selected in the table, two concepts together', async () => {
  await open();
  await inspector.id('effects-from').click();
  await inspector.id('effects-from').locator('vscode-option').nth(1).click();
  await eventually(() => text('effects-ask-effect')).toContain('Select units in the table first.');
  await inspector.segment('units-main', 'table');
  const rows = inspector.page.locator('.unit-row');
  await rows.first().click({ modifiers: ['Control'] });
  await rows.nth(2).click({ modifiers: ['Control'] });
  await eventually(() => inspector.page.locator('.unit-row[aria-selected=true]').count()).toBe(2);
  const units = await rows.evaluateAll((all) =>
    all
      .filter((row) => row.getAttribute('aria-selected') === 'true')
      .map((row) => Number(row.getAttribute('data-unit'))),
  );
  expect(units.length).toBe(2);
  await inspector.segment('units-main', 'effects');
  await chooseConcept(6);
  await chooseConcept(7);
  await inspector.id('effects-go-placement').click();
  await inspector.id('placement-headline').waitFor();
  const [asked] = await requests<{ question: { settings: { units: number[]; concept: string[] } } }>(
    'startEffect',
  ).atLeast(1);
  expect([...(asked?.question.settings.units ?? [])].sort()).toEqual([...units].sort());
  expect(asked?.question.settings).toMatchObject({ concept: ['house', 'door'], samples: 64, patch: 1 });
  await eventually(() => text('placement-headline')).toContain('house + door takes on ground');
});

test('charts by keyboard: each is a slider that reads its values; tables stand behind, and can be copied', async () => {
  await open({ height: 2400, host: { effects: { ...NONE, effect } } });
  await inspector.id('effect-curve-plot').focus();
  await eventually(() => reading('effect-curve-plot')).toBe('20 units; area left: 1.6 % (1.3–1.9)');
  await press('Home');
  await eventually(() => reading('effect-curve-plot')).toBe('0 units; area left: 8.0 % (7.7–8.3)');
  await press('ArrowRight');
  await eventually(() => reading('effect-curve-plot')).toMatch(/^1 unit; area left: 7\./);
  await inspector.id('effect-side-plot').focus();
  await eventually(() => reading('effect-side-plot')).toBe('mountain: removed 12.1 % (10.1–14.1)');
  await press('ArrowDown');
  await eventually(() => reading('effect-side-plot')).toBe('ground: removed −8.0 % (−10.0 to −6.0)');
  await inspector.id('effect-areas-plot').focus();
  await eventually(() => reading('effect-areas-plot')).toContain(
    'tree: before 8.0 % (7.7–8.3); ablated 1.6 %',
  );
  await inspector.id('effect-random-plot').focus();
  await eventually(() => reading('effect-random-plot')).toBe('this set: 79.5 % (77.5–81.5)');
  await press('End');
  await eventually(() => reading('effect-random-plot')).toMatch(/^random sets 20\/20: 1\d\.\d %$/);
  await inspector.id('effect-areas-table').locator('summary').click();
  await eventually(() => inspector.id('effect-areas-table').locator('tbody tr').count()).toBe(10);
  await inspector.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await inspector.id('effect-areas-csv').click();
  await eventually(() => text('notice')).toBe('Copied the table as CSV');
  const csv = await inspector.page.evaluate(() => navigator.clipboard.readText());
  const [head, tree] = csv.split('\r\n');
  expect(head).toBe(
    'Concept,before,"before, low (95 %)","before, high (95 %)",ablated,"ablated, low (95 %)","ablated, high (95 %)",inserted,"inserted, low (95 %)","inserted, high (95 %)"',
  );
  expect(tree?.split(',')[0]).toBe('tree');
  expect(Number(tree?.split(',')[1])).toBe(0.08);
});

test('choices compared: the cursor decides how many units; a set goes into the table’s selection', async () => {
  await open({ height: 1600, host: { effects: { ...NONE, selections } } });
  await eventually(() => text('selections-headline')).toContain(
    'With 20 units, greedy set and single effect are level',
  );
  await inspector.id('selections-plot').focus();
  for (let i = 0; i < 15; i++) await press('ArrowLeft');
  await eventually(() => text('selections-headline')).toContain('With 5 units, the best choice is greedily');
  await eventually(() => reading('selections-plot')).toContain(
    `IoU: ${(100 * removedBy('iou', 5)).toFixed(1)} %`,
  );
  await eventually(() => reading('selections-plot')).toContain('random (mean, range of draws): 0.8 %');
  const greedy = selections.selections[2]?.units.slice(0, 5) ?? [];
  await eventually(() => text('selections-greedy')).toContain(`Units ${greedy.join(', ')}`);
  // The pointer only reads; a click moves the cursor.
  const plot = inspector.id('selections-plot').locator('svg');
  const box = await plot.boundingBox();
  if (box === null) throw new Error('The chart is on show.');
  await plot.hover({ position: { x: box.width - 18, y: 100 } });
  await eventually(() => inspector.id('selections').locator('.chart-at').textContent()).toBe('20 units');
  expect(await inspector.once(() => text('selections-headline'))).toContain('With 5 units');
  await inspector.id('select-greedy').click();
  await eventually(() => text('units-selected')).toBe('5 selected');
  await eventually(() => text('notice')).toBe('Selected 5 units of block1.conv1');
  await plot.click({ position: { x: box.width - 18, y: 100 } });
  await eventually(() => text('selections-headline')).toContain('With 20 units');
});

test('a set that is used becomes an edit of the samples on show, whose effect can be asked about', async () => {
  await open({ height: 1600, host: { effects: { ...NONE, selections } } });
  await inspector.id('use-greedy').click();
  await eventually(() => text('notice')).toBe('Ablated in the samples on show: tree: 20 units greedily');
  await requests<{ edits: unknown[] }>('editedSample')
    .eventually((all) => all.at(-1)?.edits)
    .toMatchObject([
      {
        ...{
          name: 'tree: 20 units greedily',
          tensor: 'block1.conv1',
          intent: { kind: 'ablate', to: 'zero' },
        },
        units: selections.selections[2]?.units.map((unit) => ({ unit, scale: 0, shift: 0 })),
      },
    ]);
  await inspector.id('effects-from').click();
  await inspector.id('effects-from').locator('vscode-option').nth(2).click();
  await inspector.id('effects-go-effect').click();
  await inspector.id('effect-headline').waitFor();
  expect(await requests('startEffect').once()).toMatchObject([
    { question: { settings: { choice: { kind: 'given', units: selections.selections[2]?.units } } } },
  ]);
  await eventually(() => text('effects-made')).toContain('units chosen by hand');
});

test('places: cells in two directions, what was always there, and another layer than the one on show', async () => {
  await open({ height: 1600, host: { effects: { ...NONE, placement } } });
  await inspector.id('placement-map-plot').focus();
  await press('Home');
  await eventually(() => reading('placement-map-plot')).toMatch(/^Row 1, column 1: 0/);
  await press('ArrowDown');
  await press('ArrowRight');
  await eventually(() => reading('placement-map-plot')).toMatch(/^Row 2, column 2: /);
  await press('End');
  await eventually(() => reading('placement-map-plot')).toBe(
    'Row 8, column 8: tree was there in every sample',
  );
  await inspector.id('placement-before-plot').focus();
  await eventually(() => reading('placement-before-plot')).toBe(
    'ground: took 72.0 % (69.5–74.5) of 1,204 tries',
  );
  await inspector.page.locator('[data-layer="4"]').click();
  await inspector.id('placement-select').click();
  await eventually(() => text('status')).toContain('128 units of block1.conv1');
  await eventually(() => text('units-selected')).toBe('2 selected');
});

test('numbers that are none draw nothing and break nothing; an answer of another file says so', async () => {
  const nothing = { mean: Number.NaN, interval: [Number.NaN, Number.NaN] as const };
  const [own, ...others] = effect.concepts;
  const broken = {
    ...effect,
    model: { ...effect.model, sha256: 'ffff' },
    concepts: [
      { ...own, before: { mean: 0, interval: [0, 0] }, removed: nothing, ace: nothing, inserted: nothing },
      ...others.map((one) => ({ ...one, removed: nothing, ace: nothing })),
    ],
    random: { removed: [Number.NaN], ablated: [0], inserted: [0] },
    curve: [nothing, nothing, nothing],
  };
  await open({ host: { effects: { ...NONE, effect: broken as never } } });
  await eventually(() => text('effect-headline')).toBe('No sample shows tree, so nothing can be removed.');
  expect(
    await inspector.once(() =>
      inspector.page.locator('.effects svg').evaluateAll((all) => all.map((svg) => svg.outerHTML).join()),
    ),
  ).not.toContain('NaN');
  await eventually(() => text('effects-made')).toContain('Of another version of the file: measure again.');
});
