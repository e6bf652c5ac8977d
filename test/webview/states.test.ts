/** What happens when things go slowly, wrong, or away: progress, errors, banners, roles, jobs, reload. */
import { afterAll, afterEach, expect, test } from 'vitest';
import type { ErrorData } from '../../src/shared/kernel/errors.ts';
import type { PageMethod } from '../../src/shared/pageProtocol.ts';
import {
  closeBrowser,
  eventually,
  type Inspector,
  type Options,
  openInspector,
  pixelsOf,
} from './support/inspector.ts';
import { mappedModel, translatorModel, unknownModel } from './support/models.ts';
import { scene } from './support/scenes.ts';

let inspector: Inspector;
const open = async (options: Options = {}) => {
  inspector = await openInspector({ width: 640, height: 720, ...options });
  return inspector;
};
const requests = <T = Record<string, unknown>>(method: PageMethod) => inspector.requests<T>(method);

afterEach(async () => {
  expect(inspector.complaints).toEqual([]);
  await inspector.close();
});
afterAll(closeBrowser);

const SLOW_AFTER = 300;
const FRAME = 17;
/** Moves the slider; milliseconds from then until progress shows, or null when the pictures are there before. */
const untilProgress = (truncation: number) =>
  inspector.id('truncation').evaluate(async (element, value) => {
    const since = performance.now();
    (element as HTMLInputElement).value = String(value);
    element.dispatchEvent(new Event('input', { bubbles: true }));
    const stage = document.querySelector('[data-testid=stage]');
    for (let begun = false; ; begun ||= stage?.getAttribute('aria-busy') === 'true') {
      if (document.querySelector('[data-testid=progress]')) return performance.now() - since;
      if (begun && stage?.getAttribute('aria-busy') === 'false') return null;
      await new Promise(requestAnimationFrame);
    }
  }, truncation);

test('progress comes after 300 ms with the time left, and Cancel keeps what is drawn', async () => {
  await open();
  await inspector.settled();
  await inspector.host((host) => Object.assign(host, { batch: 1, batchDelay: 250 }));
  const took = await untilProgress(2);
  expect(took).toBeGreaterThan(SLOW_AFTER - FRAME);
  await eventually(() => inspector.id('status').textContent()).toMatch(/^sampling \d+ of 16 · \d+ s left$/);
  await eventually(() => inspector.id('spoken').textContent()).toContain('sampling');
  await inspector.shot('progress-dark');
  await inspector.id('cancel').click();
  await eventually(() => inspector.id('status').textContent()).toBe('Cancelled');
  await pixelsOf(inspector.page.locator('.cell canvas').first()).toEqual(scene(0, 0, 2));
  await inspector.count('cancelled').eventually().toBe(1);
  await inspector.id('sample-again').click();
  await inspector.settled();
  await eventually(() => inspector.page.locator('.cell').count()).toBe(16);
});

test('fast work shows no progress at all', async () => {
  await open();
  await inspector.settled();
  for (const truncation of [2, 1, 2.5]) {
    // On a busy machine the work may not be fast; what is shown then is not shown early.
    const took = await untilProgress(truncation);
    expect(took ?? Number.POSITIVE_INFINITY).toBeGreaterThan(SLOW_AFTER - FRAME);
    await inspector.settled();
  }
});

test('a model that cannot be opened: one sentence, advice, and buttons that work', async () => {
  const describe: ErrorData = {
    code: 'model.checkpoint',
    message: 'generator.pt is a PyTorch checkpoint, not an ONNX graph.',
    advice: 'Export it to ONNX first; the code for that is one click away.',
    next: ['copyExportCode', 'openDemo', 'retry'],
    detail: 'zip archive with data.pkl',
  };
  await open({ theme: 'light', host: { fail: { describe } } });
  const failure = inspector.id('failure');
  await failure.waitFor();
  await eventually(() => failure.getAttribute('data-code')).toBe('model.checkpoint');
  await eventually(() => failure.textContent()).toContain(describe.advice);
  expect(await inspector.once(() => failure.getByText(describe.detail ?? '').isVisible())).toBe(false);
  await failure.locator('summary').click();
  await eventually(() => failure.getByText(describe.detail ?? '').isVisible()).toBe(true);
  await inspector.shot('failure-light');
  await inspector.id('next-copyExportCode').click();
  await eventually(() => inspector.id('notice').textContent()).toBe('Copied the export code');
  expect(await requests('copy').once()).toEqual([{ what: 'exportCode' }]);
  await inspector.id('next-openDemo').click();
  await requests('nextStep')
    .eventually()
    .toEqual([{ step: 'openDemo' }]);
  await inspector.host((host) => {
    host.fail = {};
  });
  await inspector.id('next-retry').click();
  await inspector.settled();
});

test('an error while pictures are on show leaves them, and Try Again tries again', async () => {
  await open();
  await inspector.settled();
  await inspector.host((host) => {
    host.fail = {
      sample: {
        code: 'model.nonFinite',
        message: 'The pictures hold NaN.',
        advice: 'Check the weights.',
        next: ['retry', 'showLog'],
      },
    };
  });
  await inspector.id('reroll').click();
  await inspector.id('banner-error').waitFor();
  await eventually(() => inspector.id('banner-error').textContent()).toContain(
    'The pictures hold NaN. Check the weights.',
  );
  expect(await inspector.once(() => inspector.page.locator('.cell canvas[data-drawn="3/3"]').count())).toBe(
    1,
  );
  await inspector.host((host) => {
    host.fail = {};
  });
  await inspector.id('next-retry').click();
  await inspector.settled();
  expect(await inspector.once(() => inspector.id('banner-error').count())).toBe(0);
});

test('an error before the first picture takes the place of the pictures', async () => {
  await open({
    host: {
      fail: {
        sample: {
          code: 'model.nonFinite',
          message: 'The pictures hold NaN.',
          advice: 'Check the weights.',
          next: ['retry'],
        },
      },
    },
  });
  await inspector.id('failure').waitFor();
  await eventually(() => inspector.id('seed').isVisible()).toBe(true);
});

test('the engine crashes: one sentence, Restart and Show Log, the picture stays and its size too', async () => {
  await open();
  await inspector.settled();
  const before = await inspector.page.locator('.cell canvas').first().boundingBox();
  await inspector.host((host) => host.notify('engineState', { state: 'crashed' }));
  await inspector.id('banner-engine').waitFor();
  await eventually(() => inspector.id('engine').getAttribute('data-state')).toBe('crashed');
  await eventually(
    async () => (await inspector.page.locator('.cell canvas').first().boundingBox())?.width,
  ).toBe(before?.width);
  await inspector.shot('crashed-dark');
  await inspector.id('next-showLog').click();
  await inspector.id('next-restartEngine').click();
  await requests('nextStep')
    .eventually()
    .toEqual([{ step: 'showLog' }, { step: 'restartEngine' }]);
  await inspector.host((host) => host.notify('engineState', { state: 'ready' }));
  await eventually(() => inspector.id('banner-engine').count()).toBe(0);
});

test('the file changes, and vanishes', async () => {
  await open();
  await inspector.settled();
  await inspector.host((host) => host.notify('modelChanged', { reason: 'deleted' }));
  await eventually(() => inspector.id('banner-deleted').textContent()).toContain(
    'generator.onnx was deleted; the picture stays.',
  );
  await inspector.host((host) => host.notify('modelChanged', { reason: 'changed' }));
  await inspector.id('reload').click();
  await eventually(() => inspector.id('banner-changed').count()).toBe(0);
  await inspector.settled();
  expect((await requests('describe').once()).length).toBe(2);
  expect((await requests('sample').once()).length).toBe(2);
});

test('unsure roles are asked before anything is drawn, and a read-only folder is said', async () => {
  await open({ host: { model: unknownModel(), saved: false } });
  await inspector.id('roles-form').waitFor();
  await eventually(() => inspector.id('roles-form').textContent()).toContain('generator.genscope.json');
  expect(await requests('sample').once()).toEqual([]);
  await inspector.id('role-choice-in_1').click();
  await inspector.id('role-choice-in_1').locator('vscode-option').nth(2).click();
  await inspector.shot('roles-dark');
  await inspector.id('use-roles').click();
  await inspector.settled();
  expect(await requests('answerRoles').once()).toMatchObject([
    { roles: { inputs: { in_0: { role: 'latent' }, in_1: { role: 'constant', value: 0 } } } },
  ]);
  await eventually(() => inspector.id('banner-warning').textContent()).toContain('read-only');
});

test('the Model drawer asks for layers and hash when it opens', async () => {
  await open();
  await inspector.settled();
  expect(await requests('describe').once()).toEqual([{ depth: 'quick' }]);
  await inspector.id('facts').click();
  await inspector.id('layer-strip').waitFor();
  const words = () => inspector.id('model-drawer').textContent();
  for (const part of ['Latent', 'certain', '256 units', '3fb1c2d4e5f6', 'opset', '1.05 M'])
    await eventually(async () => (await words())?.toLowerCase()).toContain(part.toLowerCase());
  await inspector.shot('model-dark');
  await inspector.page.keyboard.press('Escape');
  expect(await inspector.once(() => inspector.id('model-drawer').count())).toBe(0);
  await eventually(() =>
    inspector.page.evaluate(() => document.activeElement?.getAttribute('data-testid')),
  ).toBe('facts');
});

test('the layers of a U-Net: down and up again, by keyboard, and as a table', async () => {
  await open({ host: { model: translatorModel() } });
  await inspector.id('facts').click();
  await inspector.id('layer-strip').waitFor();
  const blocks = inspector.page.locator('.layer-block strong');
  await eventually(() => blocks.allTextContents()).toEqual(['64²', '32²', '16²', '32²', '64²']);
  const facts = inspector.id('layer-facts');
  await eventually(() => facts.textContent()).toContain('stemRelu32 × 64 × 64');
  await inspector.page.locator('[data-layer="0"]').focus();
  for (let i = 0; i < 3; i++) await inspector.page.keyboard.press('ArrowRight');
  await eventually(() => facts.textContent()).toBe('res1Add128 × 16 × 1668 % of the work comes after it');
  await eventually(() => inspector.page.locator('.layer[tabindex="0"]').count()).toBe(1);
  await inspector.page.locator('[data-layer="9"]').hover();
  await eventually(() => facts.textContent()).toContain('up1');
  await inspector.id('layer-table').locator('summary').click();
  const rows = inspector.id('layer-table').locator('tbody tr');
  await eventually(() => rows.count()).toBe(11);
  await eventually(() => rows.nth(1).innerText()).toBe('down1\tRelu\t64 × 32 × 32\t86 %');
  const words = () => inspector.id('model-drawer').textContent();
  for (const part of ['Image to image', '64×64, 3 channels', 'Rows of a batch of 3'])
    await eventually(words).toContain(part);
});

test('a mapping network: ψ on the slider, what it is in the drawer, the other ways among the options', async () => {
  await open({ host: { model: mappedModel() } });
  await inspector.settled();
  const slider = inspector.id('truncation');
  await eventually(() => slider.getAttribute('aria-label')).toBe('Truncation ψ');
  await eventually(() => slider.getAttribute('max')).toBe('1.5');
  await eventually(() => inspector.page.locator('.slider-value').textContent()).toBe('Off');
  await slider.fill('0.7');
  await inspector.settled();
  const source = { truncation: { mode: 'psi', psi: 0.7 } };
  expect((await requests('sample').once()).at(-1)).toMatchObject({ plan: { source } });
  await inspector.id('more-options').click();
  await inspector.id('truncation-mode').getByText('Drawing again').click();
  await inspector.settled();
  expect((await requests('sample').once()).at(-1)).toMatchObject({
    plan: { source: { truncation: { mode: 'none' } } },
  });
  await eventually(() => slider.getAttribute('aria-label')).toBe('Truncation');
  await inspector.page.keyboard.press('Escape');
  await inspector.id('facts').click();
  await eventually(() => inspector.id('model-drawer').textContent()).toContain(
    'w has 512 components, at w.Its mean w̄, for ψ, is that of 10,000 mapped latents',
  );
  // What was chosen holds, though ψ is what such a model starts with.
  await inspector.page.reload();
  await inspector.settled();
  await eventually(() => slider.getAttribute('aria-label')).toBe('Truncation');
});

test('an embedding is fed from a .npy; codes and w are said in words', async () => {
  const model = unknownModel();
  const embedding = { role: 'embedding' } as const;
  const codes = { role: 'codes', entries: 512 } as const;
  const latent = { role: 'latent', space: 'w+' } as const;
  const ask = { reason: 'It could be several things.', certainty: 'ask' } as const;
  const tensor = { dtype: 'float32', shape: ['N', 512] };
  const inputs = [
    { name: 'text', ...tensor, guess: { ...ask, role: embedding, options: [embedding, latent] } },
    { name: 'indices', ...tensor, guess: { ...ask, role: codes, options: [codes] } },
    { name: 'styles', ...tensor, guess: { ...ask, role: latent, options: [latent] } },
  ];
  await open({ host: { model: { ...model, inputs } } });
  const form = inspector.id('roles-form');
  await form.waitFor();
  const words = () => form.textContent();
  for (const part of ['places 0–511 in a codebook', 'a row for each layer', 'fed with zeros'])
    await eventually(words).toContain(part);
  await inspector.id('choose-npy-text').click();
  await eventually(() => inspector.id('embedding-text').textContent()).toContain('texts.npy');
  await inspector.shot('roles-embedding-dark');
  await inspector.host((host) => {
    host.embedding = null;
  });
  await inspector.id('choose-npy-text').click();
  await inspector.quiet();
  await inspector.id('use-roles').click();
  await inspector.settled();
  expect(await requests('answerRoles').once()).toMatchObject([
    { roles: { inputs: { text: { role: 'embedding', file: 'texts.npy' }, indices: codes, styles: latent } } },
  ]);
});

test('jobs: progress, cancel, reveal, dismiss', async () => {
  await open();
  await inspector.settled();
  await inspector.host((host) =>
    host.notify('jobsChanged', {
      jobs: [
        {
          id: 'a',
          kind: 'exportSamples',
          title: 'Saving 10000 samples',
          state: 'running',
          progress: { done: 2300, total: 10000, eta: 74000 },
          startedAt: 0,
        },
        {
          id: 'b',
          kind: 'encodeAnimation',
          title: 'Encoding a.gif',
          state: 'done',
          progress: { done: 1, total: 1 },
          startedAt: 0,
          result: '/tmp/a.gif',
        },
      ],
    }),
  );
  const jobs = inspector.id('job');
  await eventually(() => jobs.first().textContent()).toContain('2300 of 10000 · 1 min left');
  await jobs.first().getByText('Cancel').click();
  await jobs.nth(1).getByText('Reveal').click();
  await requests('cancelJob')
    .eventually()
    .toEqual([{ id: 'a' }]);
  await requests('revealJob')
    .eventually()
    .toEqual([{ id: 'b' }]);
  await inspector.shot('jobs-dark');
  await jobs.nth(1).getByRole('button', { name: 'Dismiss' }).click();
  await eventually(() => jobs.count()).toBe(1);
});

test('a reload brings the page back as it was', async () => {
  await open();
  await inspector.settled();
  await inspector.id('seed').locator('input').fill('100');
  await inspector.page.keyboard.press('Enter');
  await inspector.page.locator('.cell[data-seed="103"]').click();
  await inspector.page.locator('.cell[data-seed="105"]').click({ modifiers: ['Control'] });
  await inspector.page.locator('.cell[data-seed="108"]').dblclick();
  await inspector.settled();
  await inspector.page.reload();
  await inspector.settled();
  await eventually(() => inspector.id('large').getAttribute('data-key')).toBe('108/3');
  await inspector.page.keyboard.press('Escape');
  await inspector.settled();
  await eventually(() => inspector.page.locator('.cell[aria-selected=true]').count()).toBe(2);
});

test('messages that are none of ours, and frames that do not add up, are refused', async () => {
  await open();
  await inspector.settled();
  await inspector.page.evaluate(() => {
    window.postMessage({ type: 'webpackOk' }, '*');
    window.postMessage('hello', '*');
    window.postMessage({ jsonrpc: '2.0', method: 'engineState', params: { state: 'on fire' } }, '*');
    window.postMessage({ jsonrpc: '2.0', method: 'jobsChanged', params: 7 }, '*');
  });
  await inspector.quiet();
  await eventually(() => inspector.id('engine').getAttribute('data-state')).toBe('ready');
  await inspector.host((host) => {
    host.malformed = true;
  });
  await inspector.id('reroll').click();
  await inspector.id('banner-error').waitFor();
  expect(await inspector.once(() => inspector.page.locator('.cell canvas[data-drawn="3/3"]').count())).toBe(
    1,
  );
});

test('what the engine warns of is shown once, until sent away', async () => {
  await open({ host: { warnings: ['The batch axis is fixed, so samples run one at a time.'] } });
  await inspector.settled();
  await inspector.id('banner-warning').waitFor();
  await inspector.id('banner-warning').getByRole('button', { name: 'Dismiss' }).click();
  await inspector.id('reroll').click();
  await inspector.settled();
  expect(await inspector.once(() => inspector.id('banner-warning').count())).toBe(0);
});

test('a model that is no generator says so, and offers to say what its inputs mean', async () => {
  const refusal: ErrorData = {
    code: 'model.notGenerator',
    message: 'classifier.onnx takes a picture and gives 1000 numbers: a classifier.',
    advice: 'Open the generator instead.',
    next: ['openDemo', 'answerRoles'],
  };
  await open({ host: { model: { ...unknownModel(), needsAnswers: false, refusal } } });
  await inspector.id('failure').waitFor();
  await eventually(() => inspector.id('failure').textContent()).toContain('a classifier');
  expect(await requests('sample').once()).toEqual([]);
  await inspector.id('next-answerRoles').click();
  await inspector.id('roles-form').waitFor();
});
