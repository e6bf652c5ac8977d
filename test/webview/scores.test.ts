/** The Scores tab through the page: what is asked for, how far it is, what came out, and the history. */
import { afterAll, afterEach, expect, test } from 'vitest';
import type { Edit } from '../../src/shared/edits/edits.ts';
import type { ErrorData } from '../../src/shared/kernel/errors.ts';
import type { PageMethod } from '../../src/shared/pageProtocol.ts';
import { SCORE_DEFAULTS } from '../../src/shared/scores/scores.ts';
import { recordOf, runOf, setupOf } from './support/fakeScores.ts';
import {
  closeBrowser,
  eventually,
  type Inspector,
  type Options,
  openInspector,
} from './support/inspector.ts';
import { translatorModel } from './support/models.ts';

let inspector: Inspector;
afterEach(async () => {
  expect(inspector.complaints).toEqual([]);
  await inspector.close();
});
afterAll(closeBrowser);

const QUIET = { unreadable: 0, running: null, interrupted: null };
const edit: Edit = {
  ...{ id: 'e1', name: 'Trees off', layer: 'block1.conv1', tensor: 'block1.conv1' },
  units: [{ unit: 3, scale: 0, shift: 0 }],
  ...{ intent: { kind: 'ablate', to: 'zero' }, strength: 1, region: null, samples: null, muted: false },
};
const text = (id: string) => inspector.id(id).textContent();
const press = (key: string) => inspector.page.keyboard.press(key);
const requests = <T = Record<string, unknown>>(method: PageMethod) => inspector.requests<T>(method);

async function open(options: Options = {}): Promise<void> {
  inspector = await openInspector({ width: 1200, height: 860, ...options });
  await inspector.settled();
  await show();
}

async function show(): Promise<void> {
  await inspector.page.getByRole('tab', { name: 'Scores' }).click();
  await inspector.page.locator('[data-testid=scores-tab][aria-busy=false]').waitFor();
}

/** Asked for with the form as it stands. */
type Asked = { readonly wish: Record<string, unknown>; readonly edits: readonly Edit[] };
const asked = () => requests<{ question: Asked }>('startScores').map(([first]) => first?.question);

test('on the demo: one click chooses both parts and begins; values come as they are, then the run is there', async () => {
  await open({
    host: { scoringSetup: setupOf({ extractor: null, reference: null }), scoreStep: 150 },
  });
  await eventually(() => text('scores-empty')).toContain('How good are the pictures, and against what?');
  const jobs = await inspector.most('[data-testid=job]');
  await inspector.id('scores-demo').click();
  await eventually(() => text('scores-progress')).toMatch(
    /Measuring making samples .*of 2,000 · 52 img\/s · 38 s left/,
  );
  await eventually(() => text('scores-partial')).toContain('So far');
  await inspector.id('scores-result').waitFor();
  expect((await requests('chooseScoring').once()).map((params) => params.choice)).toEqual([
    { part: 'extractor', from: 'demo' },
    { part: 'reference', from: 'demo' },
  ]);
  const { extractor, reference, ...wish } = { ...SCORE_DEFAULTS, extractor: null, reference: null };
  expect(await asked().once())?.toEqual({ wish, edits: [] });
  await eventually(() => text('notice')).toBe('The scores are ready.');
  await eventually(() => text('spoken')).toBe('The scores are ready.');
  // Its own words are larger than the list of jobs.
  expect(await jobs.once()).toBe(0);
});

test('a row has its value, interval, N and the way that is better; the full value for whoever reads it', async () => {
  await open({ host: { scoring: { ...QUIET, history: [recordOf('now', runOf())] } } });
  const row = inspector.id('score-row-FID');
  await eventually(() => row.getAttribute('data-value')).toBe('0.6284');
  await eventually(() => row.textContent()).toMatch(/FID.*lower is better.*0\.63.*0\.19–1\.07.*500 \/ 2,000/);
  await eventually(() => inspector.id('score-row-KID').textContent()).toContain('std over 100 subset(s)');
  await eventually(() => text('scores-made')).toContain(
    'generator.onnx 3fb1c2d4 · 500 samples, seed 1 (numpy, stream)',
  );
  await eventually(() => text('scores-made')).toContain('2,500 forward passes · took 32.1 s');
  // The warning is the name of its button, and a sentence once the row is open.
  const warning = inspector.id('score-warning-FID');
  await eventually(() => warning.getAttribute('aria-label')).toContain(
    '1 warning: N = 500, fewer than the 50,000',
  );
  await warning.focus();
  await press('Enter');
  await eventually(() => text('score-details-FID')).toContain('FID is biased upward here by about 0.20');
  await eventually(() => text('score-details-FID')).toContain('Agrees with people on strong blur');
  await row.getByRole('button', { name: /^FID\s*, lower is better$/ }).click();
  expect(await inspector.once(() => inspector.id('score-details-FID').count())).toBe(0);
});

test('plots by keyboard: FID against 1/N, the frontier’s two costs, the two halves of IS with class names', async () => {
  await open({ height: 1600, host: { scoring: { ...QUIET, history: [recordOf('now', runOf())] } } });
  const reading = (id: string) => inspector.id(`plot-${id}-plot`).getAttribute('aria-valuetext');
  const toggle = (name: string) => inspector.id(`score-row-${name}`).getByRole('button').first().click();
  await toggle('FID');
  await inspector.id('plot-fid-against-1-over-n-plot').focus();
  await press('Home');
  await eventually(() => reading('fid-against-1-over-n')).toMatch(
    /^1\/N = 0 \(endless N\); FID: –; fitted line: 0\.460\d$/,
  );
  await press('ArrowRight');
  await eventually(() => reading('fid-against-1-over-n')).toMatch(
    /^1\/N = 0\.002 \(N = 500\); FID: 0\.6284; fitted line/,
  );
  await toggle('Frontier integral');
  await inspector.id('plot-frontier-plot').focus();
  await press('End');
  await eventually(() => reading('frontier')).toMatch(/^point 12 of 12; type I: 0\.1344; type II: /);
  await eventually(() => text('plot-frontier')).toContain('(quality)');
  await toggle('Inception Score');
  const heads = inspector.page.locator('.scores-details figure h3');
  await eventually(async () => (await heads.allTextContents()).slice(0, 2)).toEqual([
    'Per sample: sharp?',
    'Over all: even?',
  ]);
  await inspector.id('plot-is-average-plot').focus();
  await press('Home');
  await eventually(() => reading('is-average')).toContain('meadow');
  await inspector.id('plot-is-average-table').locator('summary').click();
  await eventually(() => inspector.id('plot-is-average-table').locator('tbody tr').count()).toBe(7);
  await inspector.id('plot-is-sharpness-plot').focus();
  await press('End');
  await eventually(() => reading('is-sharpness')).toMatch(
    /^largest probability 0\.975; share of the samples: 0\.8/,
  );
});

test('the form: scores, N, seed, class and truncation are what is asked for', async () => {
  await open();
  await inspector.id('scores-check-kid').uncheck();
  await inspector.id('scores-check-is').check();
  await eventually(() => text('scores-n-hint')).toContain('Quick.');
  await inspector.id('scores-n').click();
  await inspector.id('scores-n').locator('vscode-option').last().click();
  await inspector.id('scores-n-other').locator('input').fill('100');
  await press('Enter');
  await eventually(() => text('scores-n-hint')).toContain(
    'No more samples than the extractor has features (128)',
  );
  await inspector.id('scores-seed').locator('input').fill('7');
  await press('Enter');
  await inspector.id('scores-class').click();
  await inspector.id('scores-class').locator('vscode-option').nth(4).click();
  await inspector.id('scores-truncation').fill('2');
  await inspector.id('scores-run').click();
  const wish = (await asked().once())?.wish;
  expect(wish).toMatchObject({ samples: 100, seed: 7, classes: 3 });
  expect(wish?.source).toMatchObject({ layout: 'stream', truncation: { mode: 'resample', threshold: 2 } });
  expect(wish?.scores).not.toContain('kid');
  expect(wish?.scores).toContain('is');
});

test('a preset sets scores, N and resize at once, and says what the published value is made with', async () => {
  await open();
  const preset = async (name: string) => {
    await inspector.id('scores-preset').click();
    await inspector.id('scores-preset').locator('vscode-option').getByText(name, { exact: true }).click();
  };
  await preset('CMMD');
  await eventually(() => text('scores-preset-note')).toContain(
    'of 768 features; this extractor has 128, so the value is one of its own',
  );
  await eventually(() => inspector.id('scores-check-cmmd').isChecked()).toBe(true);
  expect(await inspector.once(() => inspector.id('scores-check-fid').isChecked())).toBe(false);
  await inspector.shot('scores-preset');
  await preset('FID');
  // Another choice of any part makes it one's own again.
  await inspector.id('scores-check-kid').check();
  await eventually(() => inspector.id('scores-preset-note').count()).toBe(0);
  await inspector.id('scores-n').click();
  await inspector.id('scores-n').locator('vscode-option').first().click();
  await inspector.id('scores-run').click();
  const wish = (await asked().once())?.wish;
  expect(wish).toMatchObject({ scores: ['fid', 'kid'], samples: 2000, resize: 'torch' });
});

test('what each score measures shows on focus; what is impossible says why and cannot be checked', async () => {
  const scoringSetup = setupOf({
    reference: {
      ...{ label: 'stats.npz', place: '/x/stats.npz', problem: null },
      description: { kind: 'statistics', name: 'stats.npz', sha256: 'ab', count: 0, skipped: [] },
    },
  });
  await open({ host: { scoringSetup } });
  await eventually(() => text('scores-reference-part')).toContain(
    'statistics, of how many images is not said',
  );
  await inspector.id('scores-check-fid').focus();
  await eventually(() => text('scores-about')).toContain('taken as one Gaussian cloud');
  const kid = inspector.id('scores-check-kid');
  await kid.focus();
  await eventually(() => text('scores-about')).toContain('this reference has statistics only');
  await eventually(() => kid.getAttribute('aria-disabled')).toBe('true');
  await kid.evaluate((element) => (element as HTMLElement).click());
  expect(await inspector.once(() => kid.isChecked())).toBe(false);
  await inspector.id('scores-run').click();
  expect((await asked().once())?.wish?.scores).toEqual(['fid']);
});

test('without a reference: a way on with the Inception Score alone', async () => {
  await open({ host: { scoringSetup: setupOf({ reference: null, isDemo: false }) } });
  expect(await inspector.once(() => inspector.id('scores-demo').count())).toBe(0);
  await inspector.id('scores-without').click();
  await inspector.id('scores-run').click();
  expect((await asked().once())?.wish?.scores).toEqual(['is', 'is-infinity', 'vendi']);
});

test('parts are chosen from menus; one that is broken says what is wrong, and nothing can be run with it', async () => {
  const broken = { label: 'gone.zip', place: '/x/gone.zip', description: null, problem: 'It is not there.' };
  await open({
    host: {
      scoringSetup: setupOf({
        reference: broken,
        recent: { extractors: [], references: [{ id: 'r9', label: 'train.zip', place: '/data' }] },
      }),
    },
  });
  await eventually(() => text('scores-reference-part')).toContain('It is not there.');
  await eventually(() => text('scores-time')).toBe('The reference cannot be used; choose another.');
  await inspector.id('scores-run').click();
  expect(await requests('startScores').once()).toEqual([]);
  await inspector.id('scores-reference').click();
  await inspector.id('scores-reference-recent-0').click();
  await eventually(() => text('scores-reference-part')).toContain('2,000 images');
  expect(await requests('chooseScoring').once()).toEqual([
    { choice: { part: 'reference', from: 'recent', recent: 'r9' } },
  ]);
  await inspector.id('scores-extractor').click();
  await eventually(() => text('scores-extractor-inception')).toBe('FID Inception (Set Up First)…');
});

test('cancelled: what was made is kept, and it goes on from there', async () => {
  await open({ host: { scoreStep: 200 } });
  await inspector.id('scores-run').click();
  await inspector.id('scores-cancel').click();
  await eventually(() => text('scores-interrupted')).toMatch(/[\d,]+ of 2,000 images are kept/);
  await eventually(() => text('notice')).toBe('Cancelled. What was made is kept.');
  await inspector.host((host) => {
    host.scoreStep = 5;
  });
  await inspector.id('scores-go-on').click();
  await inspector.id('scores-result').waitFor();
  const [first, second] = await requests('startScores').atLeast(2);
  expect(second).toEqual(first);
  expect(await inspector.once(() => inspector.id('scores-interrupted').count())).toBe(0);
});

test('how long: on demand, and before a start that takes long; then it has to be asked for again', async () => {
  await open();
  await inspector.id('scores-how-long').click();
  await eventually(() => text('scores-time')).toBe('about 39 s at 52 img/s');
  await inspector.id('scores-n').click();
  await inspector.id('scores-n').locator('vscode-option').nth(3).click();
  // Another question: the trial no longer speaks of it.
  await eventually(() => text('scores-time')).toBe('');
  await eventually(() => text('scores-n-hint')).toContain('What papers use.');
  await inspector.host((host) => {
    host.trial = { ...host.trial, rate: 3, eta: 4 * 3_600_000, missing: 50_000 };
  });
  await inspector.id('scores-run').click();
  await eventually(() => text('scores-time')).toContain('about 4 h at 3 img/s');
  await eventually(() => text('scores-time')).toContain('remote window on a machine with a GPU');
  expect(await requests('startScores').once()).toEqual([]);
  await eventually(async () => (await text('scores-run'))?.trim()).toBe('Run All the Same');
  await inspector.id('scores-run').click();
  expect((await asked().once())?.wish.samples).toBe(50_000);
});

test('a short trial before a start goes on by itself; one that is stopped does not', async () => {
  await open({ host: { trialDelay: 300 } });
  await inspector.id('scores-n').click();
  await inspector.id('scores-n').locator('vscode-option').nth(2).click();
  await inspector.id('scores-run').click();
  await eventually(() => text('scores-time')).toContain('Making 32 images');
  await inspector.id('scores-stop-trying').click();
  await eventually(() => text('scores-time')).toBe('');
  expect(await requests('startScores').once()).toEqual([]);
  await inspector.id('scores-run').click();
  expect((await asked().once())?.wish.samples).toBe(10_000);
});

test('an edit of the Units tab: asked with it, and its difference in words', async () => {
  inspector = await openInspector({ width: 1200, height: 860 });
  await inspector.settled();
  // After the page that goes has kept its state, before the one that comes reads it.
  await inspector.page.addInitScript(
    (given) => {
      const state = JSON.parse(sessionStorage.getItem('state') ?? '{}');
      const edits = { edits: given, view: 'after', focused: null, name: null };
      sessionStorage.setItem('state', JSON.stringify({ ...state, edits }));
    },
    [edit, { ...edit, id: 'e2', name: 'One tree', samples: [{ seed: 3, classIndex: 3 }] }],
  );
  await inspector.page.reload();
  await inspector.settled();
  await show();
  await eventually(() => text('scores-edit')).toContain('Score this edit: “Trees off”');
  await eventually(() => text('scores-edit')).toContain('“One tree” holds for chosen samples only');
  await inspector.id('scores-edited').click();
  await inspector.id('scores-run').click();
  await inspector.id('scores-result').waitFor();
  expect((await asked().once())?.edits.map(({ name }) => name)).toEqual(['Trees off']);
  await eventually(() => text('scores-result')).toContain(
    'Under “Trees off”: the same 2,000 latents before and after.',
  );
  await eventually(() => text('score-says-Precision')).toBe('worse');
  await eventually(() => text('score-says-FID')).toBe('holds 0: may be no change');
  await eventually(() => text('score-row-Precision')).toContain('−0.110');
});

test('an error: why, what to do, another try; the last values stay', async () => {
  const scoreFailure: ErrorData = {
    ...{ code: 'extractor.nonFinite', message: 'The extractor makes NaN.', advice: 'Choose another.' },
    next: ['retry', 'showLog'],
  };
  await open({
    host: { scoreFailure, scoreStep: 5, scoring: { ...QUIET, history: [recordOf('now', runOf())] } },
  });
  await inspector.id('scores-run').click();
  await eventually(() => text('scores-error')).toContain('The extractor makes NaN. Choose another.');
  expect(await inspector.once(() => inspector.id('score-row-FID').count())).toBe(1);
  await inspector.host((host) => {
    host.scoreFailure = null;
  });
  await inspector.id('scores-error').getByTestId('next-retry').click();
  await requests('startScores')
    .eventually((all) => all.length)
    .toBe(2);
  await eventually(() => inspector.id('scores-error').count()).toBe(0);
});

test('the engine is told of once; when it is back the history is read without a run being begun', async () => {
  const error: ErrorData = {
    code: 'engine.crashed',
    message: 'It broke.',
    advice: 'Again.',
    next: ['retry'],
  };
  await open({ host: { fail: { scoring: error } } });
  await eventually(() => text('scores-error')).toContain('It broke.');
  await inspector.host((host) => host.notify('engineState', { state: 'crashed' }));
  await eventually(() => inspector.id('scores-error').count()).toBe(0);
  await inspector.host(
    (host, record) => {
      host.fail = {};
      host.scoring = { history: [record], unreadable: 1, running: null, interrupted: null };
      host.notify('engineState', { state: 'ready' });
    },
    recordOf('now', runOf()),
  );
  await inspector.id('score-row-FID').waitFor();
  await eventually(() => text('scores-warning')).toContain('1 line of the history could not be read');
  expect(await requests('startScores').once()).toEqual([]);
});

test('one that another page or the palette begins shows here too; a choice made there comes into the form', async () => {
  await open();
  await inspector.host((host) => {
    const progress = { phase: 'samples', done: 256, total: 2000 } as const;
    host.scoring = { ...host.scoring, running: { job: 'job-3', progress } };
    host.notify('scoresChanged', { progress, ended: false });
  });
  await eventually(() => text('scores-progress')).toContain('256 of 2,000');
  await inspector.host((host) => {
    const { wish } = host.scoringSetup;
    host.scoringSetup = { ...host.scoringSetup, wish: { ...wish, samples: 5000 } };
    host.notify('scoringSetupChanged', {});
  });
  await eventually(() => text('scores-n-hint')).toContain('A compromise');
});

test('a model that makes images of images has no scores, and says so', async () => {
  inspector = await openInspector({ host: { model: translatorModel() } });
  await inspector.page.getByRole('tab', { name: 'Scores' }).click();
  await eventually(() => text('scores-not-yet')).toContain('Scores are for generators');
});
