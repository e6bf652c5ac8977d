/** Setting FID's Inception up: the download with all that can go wrong, and files that are none. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { downloadWeights } from '../../src/engine/inception/download.ts';
import { setUpInception } from '../../src/engine/inception/setUp.ts';
import type { WorkProgress } from '../../src/shared/protocol.ts';
import { genscope } from './support/cli.ts';
import { ROOT, temporaryFolder } from './support/engine.ts';

const WEIGHTS = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7919) % 251));
const NAME = `pt_inception-2015-12-05-${createHash('sha256').update(WEIGHTS).digest('hex').slice(0, 8)}.pth`;

interface Trouble {
  status?: number;
  /** Break the connection after so many bytes, so many times. */
  cutAfter?: number;
  cuts?: number;
  noRanges?: boolean;
  content?: Buffer;
}

async function serve(trouble: Trouble = {}) {
  const requests: string[] = [];
  let cuts = trouble.cuts ?? 0;
  const server = http.createServer((request, response) => {
    const range = request.headers.range;
    requests.push(`${request.method}${range ? ` ${range}` : ''}`);
    if (trouble.status) return void response.writeHead(trouble.status).end();
    const content = trouble.content ?? WEIGHTS;
    if (request.method === 'HEAD')
      return void response.writeHead(200, { 'content-length': content.length }).end();
    const from = range && !trouble.noRanges ? Number(/\d+/.exec(range)?.[0]) : 0;
    const body = content.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': body.length });
    if (cuts-- > 0) return void response.write(body.subarray(0, trouble.cutAfter), () => response.destroy());
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(close);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/releases/${NAME}`,
    requests,
    close,
  };
}

function download(url: string, folder = temporaryFolder(), signal = new AbortController().signal) {
  const seen: WorkProgress[] = [];
  const done = downloadWeights({ url, folder, signal, report: (progress) => seen.push(progress) });
  return { done, seen, folder };
}

describe('the download', () => {
  it('tells its bytes, is checked, and is not fetched again', async () => {
    const { url, requests } = await serve();
    const { done, seen, folder } = download(url);
    const file = await done;
    expect(fs.readFileSync(file).equals(WEIGHTS)).toBe(true);
    expect(seen.at(-1)).toMatchObject({ done: WEIGHTS.length, total: WEIGHTS.length });
    await download(url, folder).done;
    expect(requests).toEqual(['HEAD', 'GET']);
  });

  it('goes on where the connection broke off', async () => {
    const { url, requests } = await serve({ cutAfter: 70_000, cuts: 1 });
    const { done } = download(url);
    expect(fs.readFileSync(await done).equals(WEIGHTS)).toBe(true);
    expect(requests.at(-1)).toMatch(/^GET bytes=[1-9]\d*-$/);
  });

  it('starts over where the server gives no parts', async () => {
    const { url } = await serve({ cutAfter: 70_000, cuts: 1, noRanges: true });
    expect(fs.readFileSync(await download(url).done).equals(WEIGHTS)).toBe(true);
  });

  it('with the wrong checksum is thrown away', async () => {
    const content = Buffer.from(WEIGHTS);
    content[9] = 255;
    const { url } = await serve({ content });
    const { done, folder } = download(url);
    await expect(done).rejects.toMatchObject({ code: 'hub.damaged' });
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it('from a dead network says so, and keeps what has arrived', async () => {
    const { url, close } = await serve({ cutAfter: 20_000, cuts: 99 });
    const { done, folder } = download(url);
    await expect(done).rejects.toMatchObject({ code: 'hub.unreachable' });
    const [part] = fs.readdirSync(folder);
    expect(fs.statSync(path.join(folder, part as string)).size).toBeGreaterThanOrEqual(20_000);
    close();
    await expect(download(url, folder).done).rejects.toMatchObject({ code: 'hub.unreachable' });
    expect(fs.readdirSync(folder)).toEqual([part]);
  });

  it.each([
    [404, 'hub.notFound'],
    [503, 'hub.unreachable'],
  ])('answered by %i', async (status, code) => {
    const { url } = await serve({ status });
    await expect(download(url).done).rejects.toMatchObject({ code });
  });

  it('can be called off', async () => {
    const { url } = await serve();
    const controller = new AbortController();
    controller.abort();
    await expect(download(url, temporaryFolder(), controller.signal).done).rejects.toMatchObject({
      code: 'request.cancelled',
    });
  });
});

describe('a file of weights', () => {
  const FILES = path.join(ROOT, 'test', 'parity', 'inception');
  const setUp = (file: string, folder = path.join(temporaryFolder(), 'inception')) =>
    setUpInception({ file, folder, signal: new AbortController().signal, report: () => {} });

  it.each(['zip.pth', 'legacy.pth'])('of another network (%s) is refused by name', async (name) => {
    await expect(setUp(path.join(FILES, name))).rejects.toMatchObject({
      code: 'extractor.invalid',
      message: `${name} is not FID’s Inception: it has no “Conv2d_1a_3x3.conv.weight”.`,
    });
  });

  it('that is not what its name says is refused by its checksum', async () => {
    const file = path.join(temporaryFolder(), 'pt_inception-2015-12-05-6726825d.pth');
    fs.copyFileSync(path.join(FILES, 'zip.pth'), file);
    await expect(setUp(file)).rejects.toMatchObject({
      code: 'extractor.invalid',
      message: expect.stringMatching(/its SHA-256 begins with [0-9a-f]{8}, not 6726825d/),
    });
  });

  it.each<[string, (folder: string) => string, string]>([
    ['not there', (folder) => path.join(folder, 'gone.pth'), 'extractor.missing'],
    ['cut off', (folder) => cut(folder, 'zip.pth'), 'extractor.invalid'],
    ['cut off, in the old format', (folder) => cut(folder, 'legacy.pth'), 'extractor.invalid'],
    ['a text', (folder) => write(folder, 'hello'), 'extractor.invalid'],
  ])('%s', async (_, make, code) => {
    const folder = temporaryFolder();
    const target = path.join(folder, 'inception');
    await expect(setUp(make(folder), target)).rejects.toMatchObject({ code });
    expect(fs.readdirSync(folder).filter((name) => name.startsWith('inception'))).toEqual([]);
  });

  function cut(folder: string, name: string): string {
    const file = path.join(folder, name);
    const bytes = fs.readFileSync(path.join(FILES, name));
    fs.writeFileSync(file, bytes.subarray(0, bytes.length - 40));
    return file;
  }

  function write(folder: string, text: string): string {
    const file = path.join(folder, 'weights.pth');
    fs.writeFileSync(file, text);
    return file;
  }
});

describe('genscope setup-inception', () => {
  it('downloads nothing without a yes', async () => {
    const { url, requests } = await serve();
    const { status, stderr } = genscope(
      'setup-inception',
      '--download',
      '--url',
      url,
      '--cache',
      temporaryFolder(),
    );
    expect(status).toBe(2);
    expect(stderr).toContain('--yes');
    expect(requests).toEqual([]);
  });

  it('and score say what is missing', () => {
    const cache = temporaryFolder();
    expect(genscope('setup-inception').status).toBe(2);
    const { status, stderr } = genscope(
      'stats',
      ROOT,
      '--extractor',
      'inception',
      '--cache',
      cache,
      '--out',
      's.npz',
    );
    expect(status).toBe(2);
    expect(stderr).toContain('genscope setup inception --download');
  });
});
