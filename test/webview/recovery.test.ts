/** What comes back after something went wrong: files that change, failures that go away, forms that can be left. */
import { afterAll, afterEach, expect, test } from 'vitest';
import type { ErrorData } from '../../src/shared/kernel/errors.ts';
import type { PageMethod } from '../../src/shared/pageProtocol.ts';
import {
  closeBrowser,
  eventually,
  type Inspector,
  type Options,
  openInspector,
} from './support/inspector.ts';
import { unknownModel } from './support/models.ts';

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

const EMPTY: ErrorData = {
  code: 'model.truncated',
  message: 'generator.onnx ends in the middle.',
  advice: 'Copy it again.',
  next: ['showLog'],
};
const kept = () => inspector.page.evaluate(() => JSON.parse(sessionStorage.getItem('state') ?? 'null'));

test('a file that changed under the page: pictures stay and are not mixed, Reload draws the new ones', async () => {
  await open();
  await inspector.settled();
  await inspector.host((host) => {
    host.stamp = 'second';
  });
  await inspector.id('count').click();
  await inspector.id('count').locator('vscode-option').getByText('25', { exact: true }).click();
  await inspector.id('banner-changed').waitFor();
  expect(await inspector.once(() => inspector.id('banner-error').count())).toBe(0);
  expect(await inspector.once(() => inspector.page.locator('.cell canvas[data-drawn="3/3"]').count())).toBe(
    1,
  );
  expect(await requests('sample').once()).toMatchObject([
    { stamp: 'first' },
    { stamp: 'first', plan: { count: 9 } },
  ]);
  await inspector.id('reload').click();
  await inspector.settled();
  expect(await inspector.once(() => inspector.id('banner-changed').count())).toBe(0);
  // All of them anew, once: none of the first file passes for the second's.
  expect((await requests('sample').once()).slice(2)).toMatchObject([
    { stamp: 'second', plan: { count: 25 } },
  ]);
});

test('a file that changed before its first picture is described again without asking', async () => {
  await open({ host: { replacedBy: 'second' } });
  await inspector.settled();
  expect(await requests('sample').once()).toMatchObject([{ stamp: 'first' }, { stamp: 'second' }]);
  expect(await inspector.once(() => inspector.id('banner-changed').count())).toBe(0);
});

test('a failure goes away by itself when the file is written again, or the host says so', async () => {
  await open({ host: { fail: { describe: EMPTY } } });
  await inspector.id('failure').waitFor();
  await inspector.host((host) => host.notify('modelChanged', { reason: 'changed' }));
  await inspector.host((host) => host.notify('modelChanged', { reason: 'changed' }));
  await requests('describe')
    .eventually((all) => all.length)
    .toBe(2);
  // Several changes are one look; it is still broken, and says so.
  expect((await requests('describe').once()).length).toBe(2);
  expect(await inspector.once(() => inspector.id('failure').count())).toBe(1);
  await inspector.host((host) => {
    host.fail = {};
    host.notify('modelChanged', { reason: 'created' });
  });
  await inspector.settled();
  expect(await inspector.once(() => inspector.id('banner-created').count())).toBe(0);
});

test('a refusal goes away when the host says retry; pictures on show do not', async () => {
  const model = unknownModel();
  await open({ host: { model: { ...model, needsAnswers: false, refusal: EMPTY } } });
  await inspector.id('failure').waitFor();
  await inspector.host((host) => {
    host.model = { ...host.model, refusal: null };
    host.notify('retry', {});
  });
  await inspector.settled();
  const before = (await requests('describe').once()).length;
  await inspector.host((host) => host.notify('retry', {}));
  expect((await requests('describe').once()).length).toBe(before);
});

test('sampling that failed before the first picture starts over when the file changes', async () => {
  await open({ host: { fail: { sample: { ...EMPTY, code: 'model.nonFinite' } } } });
  await inspector.id('failure').waitFor();
  await inspector.host((host) => {
    host.fail = {};
    host.notify('modelChanged', { reason: 'changed' });
  });
  await inspector.settled();
  expect(await inspector.once(() => inspector.id('failure').count())).toBe(0);
});

test('a file that breaks under a failed first picture is told, and comes back', async () => {
  await open({ host: { fail: { sample: { ...EMPTY, code: 'model.nonFinite' } } } });
  await inspector.id('failure').waitFor();
  await inspector.host((host) => {
    host.fail = { describe: { ...(host.fail.sample as ErrorData), code: 'model.empty' } };
    host.notify('modelChanged', { reason: 'changed' });
  });
  await inspector.page.locator('[data-code="model.empty"]').waitFor();
  await inspector.host((host) => {
    host.fail = {};
  });
  await inspector.id('next-retry').click();
  await inspector.settled();
});

test('every failure of a file or its sidecar can be tried again; roles are not offered without a description', async () => {
  const describe: ErrorData = { ...EMPTY, code: 'sidecar.invalid', next: ['answerRoles'] };
  await open({ host: { fail: { describe } } });
  await inspector.id('failure').waitFor();
  expect(await inspector.once(() => inspector.id('next-answerRoles').count())).toBe(0);
  await inspector.host((host) => {
    host.fail = {};
  });
  await inspector.id('next-retry').click();
  await inspector.settled();
});

test('answers that do not hold: the form stays with the choices, and says why', async () => {
  const refusal: ErrorData = { ...EMPTY, code: 'sidecar.invalid', next: ['answerRoles'] };
  const answerRoles: ErrorData = {
    code: 'runtime.failed',
    message: 'The model does not run with these roles.',
    advice: 'Choose another latent.',
    next: ['answerRoles', 'showLog'],
  };
  await open({ host: { model: { ...unknownModel(), refusal }, fail: { answerRoles } } });
  await inspector.id('failure').waitFor();
  await inspector.id('next-answerRoles').click();
  await inspector.id('role-choice-in_1').click();
  await inspector.id('role-choice-in_1').locator('vscode-option').nth(2).click();
  await inspector.id('use-roles').click();
  await inspector.id('roles-error').waitFor();
  const words = () => inspector.id('roles-error').textContent();
  await eventually(words).toContain('The model does not run with these roles. Choose another latent.');
  expect(await inspector.once(() => inspector.id('next-answerRoles').count())).toBe(0);
  await eventually(() => inspector.id('use-roles').getAttribute('aria-disabled')).toBe('false');
  await inspector.shot('roles-error-dark');
  await inspector.host((host) => {
    host.fail = {};
  });
  await inspector.id('use-roles').click();
  await inspector.settled();
  expect((await requests('answerRoles').once()).at(-1)).toMatchObject({
    roles: { inputs: { in_1: { role: 'constant' } } },
  });
});

test('the roles form of a refused model can be left', async () => {
  const refusal: ErrorData = { ...EMPTY, code: 'sidecar.invalid', next: ['answerRoles'] };
  await open({ host: { model: { ...unknownModel(), refusal } } });
  await inspector.id('next-answerRoles').click();
  await inspector.id('cancel-roles').click();
  await inspector.id('failure').waitFor();
});

test('which model it is is kept before anything loads, and costs no kept state', async () => {
  await open({ host: { fail: { describe: EMPTY }, describeDelay: 0 } });
  await eventually(() => kept()).toEqual({ schema: 1, tab: 'samples', model: 'file:///demo/generator.onnx' });
  await inspector.id('failure').waitFor();
  await inspector.host((host) => {
    host.fail = {};
  });
  await inspector.id('next-retry').click();
  await inspector.settled();
  await inspector.id('seed').locator('input').fill('77');
  await inspector.page.keyboard.press('Enter');
  await inspector.settled();
  // The next page fails; the state of the page before outlives it.
  await inspector.page.reload();
  await eventually(async () => (await kept())?.samples?.seed).toBe(77);
  await inspector.id('failure').waitFor();
  await inspector.page.reload();
  await inspector.id('failure').waitFor();
  expect(await inspector.once(async () => (await kept()).samples.seed)).toBe(77);
});

test('closing the Model drawer calls its request off', async () => {
  await open();
  await inspector.settled();
  await inspector.host((host) => {
    host.describeDelay = 300;
  });
  await inspector.id('facts').click();
  await requests('describe')
    .eventually((all) => all.length)
    .toBe(2);
  await inspector.page.keyboard.press('Escape');
  await inspector.count('cancelled').eventually().toBe(1);
  expect(await inspector.once(() => inspector.id('banner-error').count())).toBe(0);
});

test('a save that goes on as a job is said to be saved when the job is done', async () => {
  await open({ host: { job: 'grid-1' } });
  await inspector.settled();
  await inspector.id('save').click();
  await inspector.id('save-grid').click();
  await eventually(() => inspector.id('notice').textContent()).toBe('Saving in the background');
  await inspector.host((host) => {
    const job = { id: 'grid-1', kind: 'exportSamples', title: 'Saving grid.png', startedAt: 0 } as const;
    const progress = { done: 16, total: 16 };
    host.notify('jobsChanged', { jobs: [{ ...job, state: 'running', progress }] });
    setTimeout(
      () =>
        host.notify('jobsChanged', { jobs: [{ ...job, state: 'done', progress, result: '/tmp/grid.png' }] }),
      100,
    );
  });
  await inspector.id('job').waitFor();
  await eventually(() => inspector.id('notice').textContent()).toBe('Saving in the background');
  await eventually(() => inspector.id('notice').textContent()).toBe('Saved /tmp/grid.png');
});
