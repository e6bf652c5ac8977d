/** A segmenter downloaded by the jobs' process, as a job: from a hub on this machine. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { Jobs } from '../../src/host/process/jobs.ts';
import { DEMO, ROOT, startEngine, temporaryFolder } from './support/engine.ts';
import { type FakeHub, startHub } from './support/fakeHub.ts';

const UPERNET = path.join(ROOT, 'test', 'parity', 'segmenter', 'models', 'upernet');

function repository(model = path.join(UPERNET, 'model.onnx')): Map<string, Buffer> {
  const read = (name: string) => fs.readFileSync(path.join(UPERNET, name));
  return new Map([
    ['config.json', read('config.json')],
    ['preprocessor_config.json', read('preprocessor_config.json')],
    ['onnx/model.onnx', fs.readFileSync(model)],
  ]);
}

function download({ endpoint }: FakeHub) {
  const { client } = startEngine({ name: 'jobs', hardCancelMs: 10_000 });
  const jobs = new Jobs();
  const params = {
    ...{ id: 'org/segmenter', revision: 'main', endpoint },
    cacheDir: path.join(temporaryFolder(), 'hub'),
  };
  const start = () =>
    jobs.start({
      kind: 'downloadSegmenter',
      title: 'Download org/segmenter',
      total: 0,
      run: async ({ signal, report }) =>
        (await client.request('downloadSegmenter', params, { signal, onProgress: report })).folder,
    });
  return { client, jobs, params, start };
}

it('fetches it with progress in bytes, and tries it out', async () => {
  const hub = await startHub(repository());
  const bytes = [...hub.files.values()].reduce((sum, file) => sum + file.length, 0);
  const { client, jobs, start, params } = download(hub);
  const ended = await jobs.finished(start());
  expect(ended).toMatchObject({ state: 'done', progress: { done: bytes, total: bytes } });
  const folder = ended?.result ?? '';
  expect(folder.startsWith(params.cacheDir)).toBe(true);
  const { segmenter } = await client.request('describeSegmenter', { folder });
  expect(segmenter.concepts.length).toBeGreaterThan(1);
});

it('is cancelled while bytes flow, and goes on where it stopped', async () => {
  const hub = await startHub(repository());
  hub.trouble = { slowMs: 20 };
  const { jobs, start } = download(hub);
  const first = start();
  await new Promise<void>((resolve) => {
    jobs.subscribe(([job]) => {
      if ((job?.progress.done ?? 0) > 20_000) resolve();
    });
  });
  jobs.cancel(first);
  expect(await jobs.finished(first)).toMatchObject({ state: 'cancelled' });
  hub.trouble = {};
  expect(await jobs.finished(start())).toMatchObject({ state: 'done' });
  expect(hub.requests.at(-1)).toMatch(/onnx bytes=\d{4,}-/);
});

it('refuses what arrived and is no segmenter', async () => {
  const hub = await startHub(repository(DEMO));
  const { jobs, start } = download(hub);
  const { error } = (await jobs.finished(start())) ?? {};
  expect(error?.code).toMatch(/^segmenter\./);
});
