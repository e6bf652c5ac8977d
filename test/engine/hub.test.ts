/** Downloading against a hub on this machine: what is fetched, what is kept, and what happens when it goes wrong. */
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { downloadFromHub } from '../../src/engine/hub/hub.ts';
import { openSegmenter } from '../../src/engine/segmenter/segmenter.ts';
import { temporaryFolder, until } from './support/engine.ts';
import { COMMIT, startHub } from './support/fakeHub.ts';
import { ask, contentOf, MODEL, PARITY, repository, transfers } from './support/hubRequests.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe('a download', () => {
  it('fetches both JSON files and the best model, into the layout of the Python libraries', async () => {
    const hub = await startHub(repository());
    const { request, progress, repo } = ask(hub);
    const { folder, commit, warnings } = await downloadFromHub(request);
    expect(commit).toBe(COMMIT);
    expect(warnings).toEqual([]);
    expect(folder).toBe(path.join(repo, 'snapshots', COMMIT));
    expect((fs.readdirSync(folder, { recursive: true }) as string[]).sort()).toEqual([
      'config.json',
      'onnx',
      MODEL,
      'preprocessor_config.json',
    ]);
    for (const name of ['config.json', 'preprocessor_config.json', MODEL]) {
      expect(contentOf(folder, name).equals(hub.files.get(name) as Buffer)).toBe(true);
      expect(fs.readlinkSync(path.join(folder, name))).toMatch(/^(\.\.\/)+blobs\/[0-9a-f]+$/);
    }
    expect(
      fs
        .readdirSync(path.join(repo, 'blobs'))
        .map(({ length }) => length)
        .sort(),
    ).toEqual([40, 40, 64]);
    expect(fs.readFileSync(path.join(repo, 'refs', 'main'), 'utf8')).toBe(COMMIT);
    const total = ['config.json', 'preprocessor_config.json', MODEL].reduce(
      (sum, name) => sum + (hub.files.get(name)?.length ?? 0),
      0,
    );
    expect(progress.at(-1)).toMatchObject({ loaded: total, total });
    const loaded = progress.map((step) => step.loaded);
    expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
  });

  it('opens as a segmenter', async () => {
    const hub = await startHub(repository());
    const { folder } = await downloadFromHub(ask(hub).request);
    const segmenter = await openSegmenter(folder, { threads: 1 });
    expect(segmenter.description.name).toBe('org/segmenter');
    expect(segmenter.description.concepts).toHaveLength(60);
    await segmenter.release();
  });

  it('brings the files that the weights are in, and they open', async () => {
    const read = (name: string) => fs.readFileSync(path.join(PARITY, 'small', 'external', name));
    const files = new Map(
      ['config.json', 'preprocessor_config.json', MODEL, 'onnx/model.onnx_data'].map((name) => [
        name,
        read(name),
      ]),
    );
    const hub = await startHub(files);
    const { request, progress } = ask(hub);
    const { folder } = await downloadFromHub(request);
    expect(contentOf(folder, 'onnx/model.onnx_data').equals(read('onnx/model.onnx_data'))).toBe(true);
    expect(progress.at(-1)?.total).toBe([...files.values()].reduce((sum, { length }) => sum + length, 0));
    const segmenter = await openSegmenter(folder, { threads: 1 });
    expect(segmenter.description.concepts).toEqual(['red', 'green', 'blue', 'dark']);
    await segmenter.release();
  });

  it('asks one thing of a branch it has, and nothing of a commit', async () => {
    const hub = await startHub(repository());
    const { request } = ask(hub);
    const first = await downloadFromHub(request);
    hub.requests.length = 0;
    expect(await downloadFromHub(request)).toEqual(first);
    expect(hub.requests).toEqual(['GET /api/models/org/segmenter/revision/main']);
    hub.requests.length = 0;
    expect(await downloadFromHub({ ...request, revision: COMMIT })).toEqual(first);
    expect(hub.requests).toEqual([]);
  });

  it('of a branch that has moved fetches only what has changed', async () => {
    const hub = await startHub(repository());
    const { request } = ask(hub);
    await downloadFromHub(request);
    hub.requests.length = 0;
    hub.trouble.commit = 'beef'.padEnd(40, '1');
    hub.files.set('config.json', Buffer.from('{"id2label":{"0":"one"}}'));
    const { folder, commit } = await downloadFromHub(request);
    expect(commit).toBe(hub.trouble.commit);
    expect(transfers(hub)).toEqual([`GET /org/segmenter/resolve/${commit}/config.json`]);
    expect(contentOf(folder, MODEL).equals(hub.files.get(MODEL) as Buffer)).toBe(true);
  });

  it('without a network uses what a branch had last time, and says so', async () => {
    const hub = await startHub(repository());
    const { request } = ask(hub);
    const { folder } = await downloadFromHub(request);
    await hub.close();
    const offline = await downloadFromHub(request);
    expect(offline.folder).toBe(folder);
    expect(offline.warnings).toEqual([expect.stringContaining('fetched earlier')]);
  });

  it('takes the quantised model where there is no other, and says so', async () => {
    const files = repository();
    files.delete(MODEL);
    files.set(
      'onnx/model_quantized.onnx',
      fs.readFileSync(path.join(PARITY, 'models', 'upernet', 'model.onnx')),
    );
    const hub = await startHub(files);
    const { warnings } = await downloadFromHub(ask(hub).request);
    expect(warnings).toEqual([expect.stringContaining('quantised')]);
  });

  it('of files that were named fetches those', async () => {
    const hub = await startHub(repository());
    const { folder } = await downloadFromHub(ask(hub, { files: ['README.md', 'config.json'] }).request);
    expect(fs.readdirSync(folder).sort()).toEqual(['README.md', 'config.json']);
  });

  it('honours HF_ENDPOINT, HF_TOKEN and HF_HUB_CACHE', async () => {
    const hub = await startHub(repository());
    const cache = temporaryFolder();
    vi.stubEnv('HF_ENDPOINT', `${hub.endpoint}/`);
    vi.stubEnv('HF_TOKEN', 'hf_secret');
    vi.stubEnv('HF_HUB_CACHE', cache);
    const signal = new AbortController().signal;
    const { folder } = await downloadFromHub({
      id: 'org/segmenter',
      revision: 'main',
      signal,
      onProgress: () => undefined,
    });
    expect(folder.startsWith(cache)).toBe(true);
    expect([...hub.tokens]).toEqual(['Bearer hf_secret']);
  });
});

describe('a connection that is cut', () => {
  it('is taken up where it broke off', async () => {
    const hub = await startHub(repository());
    hub.trouble = { cutAfter: 30_000, cuts: 1 };
    const { folder } = await downloadFromHub(ask(hub).request);
    expect(contentOf(folder, MODEL).equals(hub.files.get(MODEL) as Buffer)).toBe(true);
    const ranges = transfers(hub).filter((line) => line.includes('bytes='));
    expect(ranges).toHaveLength(1);
    const from = Number(/bytes=(\d+)-/.exec(ranges[0] ?? '')?.[1]);
    expect(from).toBeGreaterThan(0);
    expect(from).toBeLessThanOrEqual(30_720);
  });

  it('again and again is told, and what has arrived is kept for the next time', async () => {
    const hub = await startHub(repository());
    hub.trouble = { cutAfter: 10_000, cuts: 4 };
    const { request, repo } = ask(hub);
    await expect(downloadFromHub(request)).rejects.toMatchObject({
      code: 'hub.unreachable',
      next: ['retry'],
    });
    const [part] = fs.readdirSync(path.join(repo, 'blobs')).filter((name) => name.endsWith('.incomplete'));
    const size = fs.statSync(path.join(repo, 'blobs', part ?? '')).size;
    expect(size).toBeGreaterThan(10_000);
    hub.requests.length = 0;
    const { folder } = await downloadFromHub(request);
    expect(transfers(hub)).toEqual([expect.stringContaining(` bytes=${size}-`)]);
    expect(contentOf(folder, MODEL).equals(hub.files.get(MODEL) as Buffer)).toBe(true);
    expect(fs.readdirSync(path.join(repo, 'blobs')).filter((name) => name.endsWith('.incomplete'))).toEqual(
      [],
    );
  });

  it('is begun anew where the hub gives no parts of files', async () => {
    const hub = await startHub(repository());
    hub.trouble = { cutAfter: 30_000, cuts: 1, noRanges: true };
    const { folder } = await downloadFromHub(ask(hub).request);
    expect(contentOf(folder, MODEL).equals(hub.files.get(MODEL) as Buffer)).toBe(true);
  });
});

describe('what arrives wrong', () => {
  it.each([
    ['a large file by its SHA-256', /\.onnx/],
    ['a small one by Git’s SHA-1', /nothing/],
  ])('is found out and thrown away: %s', async (_what, large) => {
    const hub = await startHub(repository(), large);
    const { request, repo } = ask(hub, { files: [MODEL] });
    hub.trouble.damaged = true;
    await expect(downloadFromHub(request)).rejects.toMatchObject({
      code: 'hub.damaged',
      message: expect.stringContaining(MODEL),
    });
    expect(fs.readdirSync(path.join(repo, 'blobs'))).toEqual([]);
    hub.trouble.damaged = false;
    const { folder } = await downloadFromHub(request);
    expect(contentOf(folder, MODEL).equals(hub.files.get(MODEL) as Buffer)).toBe(true);
  });

  it('a part that was left damaged is found out, too', async () => {
    const hub = await startHub(repository());
    hub.trouble = { cutAfter: 10_000, cuts: 4 };
    const { request, repo } = ask(hub);
    await expect(downloadFromHub(request)).rejects.toMatchObject({ code: 'hub.unreachable' });
    const [part = ''] = fs
      .readdirSync(path.join(repo, 'blobs'))
      .filter((name) => name.endsWith('.incomplete'));
    const file = path.join(repo, 'blobs', part);
    const bytes = fs.readFileSync(file);
    bytes[5] = (bytes[5] as number) ^ 255;
    fs.writeFileSync(file, bytes);
    await expect(downloadFromHub(request)).rejects.toMatchObject({ code: 'hub.damaged' });
    expect((await downloadFromHub(request)).commit).toBe(COMMIT);
  });
});

describe('what the hub does not give', () => {
  it.each([
    [401, 'hub.denied', /private/],
    [403, 'hub.denied', /private/],
    [404, 'hub.notFound', /no org\/segmenter/],
    [429, 'hub.unreachable', /too often/],
    [500, 'hub.unreachable', /500/],
  ])('status %i: %s', async (status, code, says) => {
    const hub = await startHub(repository());
    hub.trouble.status = status;
    await expect(downloadFromHub(ask(hub).request)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(says),
    });
  });

  it('a file that the repository lacks', async () => {
    const files = repository();
    files.delete('preprocessor_config.json');
    files.delete(MODEL);
    files.delete('onnx/model_quantized.onnx');
    const hub = await startHub(files);
    await expect(downloadFromHub(ask(hub).request)).rejects.toMatchObject({
      code: 'hub.notFound',
      message: 'org/segmenter has no preprocessor_config.json and onnx/model.onnx.',
    });
    expect(transfers(hub)).toEqual([]);
  });

  it('a hub that is not there', async () => {
    const hub = await startHub(repository());
    await hub.close();
    await expect(downloadFromHub(ask(hub).request)).rejects.toMatchObject({
      code: 'hub.unreachable',
      message: expect.stringContaining('127.0.0.1'),
    });
  });

  it('a login page instead of a hub', async () => {
    const hub = await startHub(repository());
    hub.trouble.html = true;
    await expect(downloadFromHub(ask(hub).request)).rejects.toMatchObject({
      code: 'hub.unreachable',
      message: expect.stringContaining('no Hugging Face hub'),
    });
  });

  it.each([
    ['../../etc/passwd', 'main', undefined],
    ['org/name/more', 'main', undefined],
    ['org/segmenter', '../main', undefined],
    ['org/segmenter', 'main', ['../config.json']],
    ['org/segmenter', 'main', ['/etc/passwd']],
    ['org/segmenter', 'main', ['C:evil']],
  ])('names that lead out of the cache: %s at %s, %s', async (id, revision, files) => {
    const hub = await startHub(repository());
    const more = files ? { id, revision, files } : { id, revision };
    await expect(downloadFromHub(ask(hub, more).request)).rejects.toMatchObject({ code: 'input.invalid' });
    expect(hub.requests).toEqual([]);
  });

  it.each(['ftp://hub', 'hub.example'])('an address that is none: %s', async (endpoint) => {
    const hub = await startHub(repository());
    await expect(downloadFromHub(ask(hub, { endpoint }).request)).rejects.toMatchObject({
      code: 'input.invalid',
    });
  });

  it('a token that is none', async () => {
    const hub = await startHub(repository());
    await expect(downloadFromHub(ask(hub, { token: 'secret' }).request)).rejects.toMatchObject({
      code: 'hub.denied',
    });
    expect(hub.requests).toEqual([]);
  });
});

describe('a download that is called off', () => {
  it('stops in the middle of a file, and goes on from there', async () => {
    const hub = await startHub(repository());
    hub.trouble.slowMs = 20;
    const { request, abort, progress, repo } = ask(hub);
    const running = downloadFromHub(request);
    const outcome = expect(running).rejects.toMatchObject({ code: 'request.cancelled' });
    await until(() => progress.some(({ file, loaded }) => file === MODEL && loaded > 8000));
    abort.abort();
    await outcome;
    expect(
      fs.readdirSync(path.join(repo, 'blobs')).filter((name) => name.endsWith('.incomplete')),
    ).toHaveLength(1);
    hub.trouble.slowMs = 0;
    hub.requests.length = 0;
    await downloadFromHub({ ...request, signal: new AbortController().signal });
    expect(transfers(hub)).toEqual([expect.stringMatching(/ bytes=[1-9]\d*-/)]);
  });

  it('before it has begun asks nothing', async () => {
    const hub = await startHub(repository());
    const { request, abort } = ask(hub);
    abort.abort();
    await expect(downloadFromHub(request)).rejects.toMatchObject({ code: 'request.cancelled' });
    expect(hub.requests).toEqual([]);
  });
});

describe('a disk', () => {
  it('with too little space is told before anything is fetched', async () => {
    const hub = await startHub(repository());
    const statfs = fs.statfsSync(temporaryFolder());
    vi.spyOn(fs, 'statfsSync').mockReturnValue({ ...statfs, bavail: 0 });
    await expect(downloadFromHub(ask(hub).request)).rejects.toMatchObject({ code: 'hub.diskFull' });
    expect(transfers(hub)).toEqual([]);
  });

  it('that fills up in the middle keeps what has arrived', async () => {
    const hub = await startHub(repository());
    const { request, repo } = ask(hub);
    const open = fs.promises.open;
    vi.spyOn(fs.promises, 'open').mockImplementation(async (...args) => {
      const handle = await open(...args);
      let written = 0;
      const write = handle.writeFile.bind(handle);
      handle.writeFile = async (data) => {
        written += (data as Uint8Array).length;
        if (written > 20_000)
          throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC', syscall: 'write' });
        await write(data);
      };
      return handle;
    });
    await expect(downloadFromHub(request)).rejects.toMatchObject({
      code: 'hub.diskFull',
      message: expect.stringContaining('full'),
    });
    vi.restoreAllMocks();
    expect(fs.readdirSync(path.join(repo, 'blobs')).some((name) => name.endsWith('.incomplete'))).toBe(true);
    expect((await downloadFromHub(request)).commit).toBe(COMMIT);
  });
});
