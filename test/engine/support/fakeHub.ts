/** A hub of the test's own: the three endpoints that a download asks, and ways to go wrong. */
import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export const COMMIT = 'c0ffee'.padEnd(40, '0');
const ID = 'org/segmenter';

export interface FakeHub {
  readonly id: string;
  readonly endpoint: string;
  /** `METHOD path` of every request, with the range of a transfer. */
  readonly requests: string[];
  readonly tokens: Set<string>;
  readonly files: Map<string, Buffer>;
  /** Changed by a test: how this hub is ill. */
  trouble: {
    status?: number;
    /** Cut the connection after so many bytes, so many times. */
    cutAfter?: number;
    cuts?: number;
    damaged?: boolean;
    noRanges?: boolean;
    /** A pause between pieces of 1 kB. */
    slowMs?: number;
    commit?: string;
    html?: boolean;
  };
  close(): Promise<void>;
}

/** @param large names of files that are kept by their SHA-256, as Git LFS does */
export async function startHub(
  files: ReadonlyMap<string, Buffer>,
  large: RegExp = /\.onnx/,
  id = ID,
): Promise<FakeHub> {
  const server = http.createServer((request, response) => {
    answer(hub, large, request, response).catch((thrown: unknown) => {
      response.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  const hub: FakeHub = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    tokens: new Set(),
    files: new Map(files),
    id,
    trouble: {},
    close,
  };
  onTestFinished(close);
  return hub;
}

async function answer(
  hub: FakeHub,
  large: RegExp,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', hub.endpoint);
  const range = request.headers.range;
  hub.requests.push(`${request.method} ${url.pathname}${range ? ` ${range}` : ''}`);
  hub.tokens.add(request.headers.authorization ?? '');
  if (hub.trouble.status) return void response.writeHead(hub.trouble.status).end('no');
  if (hub.trouble.html)
    return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>');
  const commit = hub.trouble.commit ?? COMMIT;
  if (url.pathname.startsWith(`/api/models/${hub.id}/revision/`)) {
    const siblings = [...hub.files.keys()].map((rfilename) => ({ rfilename }));
    return json(response, {
      _id: '1',
      id: hub.id,
      sha: commit,
      siblings,
      lastModified: '2026-01-01T00:00:00Z',
    });
  }
  if (url.pathname === `/api/models/${hub.id}/paths-info/${commit}`) {
    const { paths } = JSON.parse(await bodyOf(request)) as { paths: string[] };
    return json(
      response,
      paths.flatMap((path) => pathInfo(path, hub.files.get(path), large)),
    );
  }
  const prefix = `/${hub.id}/resolve/${commit}/`;
  const file = url.pathname.startsWith(prefix) ? hub.files.get(url.pathname.slice(prefix.length)) : undefined;
  if (file === undefined) return void response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
  await send(hub, file, range, response);
}

function pathInfo(path: string, data: Buffer | undefined, large: RegExp): object[] {
  if (data === undefined) return [];
  const oid = createHash('sha1').update(`blob ${data.length}\0`).update(data).digest('hex');
  const sha256 = createHash('sha256').update(data).digest('hex');
  const lfs = { oid: sha256, size: data.length, pointerSize: 130 };
  return [{ path, type: 'file', oid, size: data.length, ...(large.test(path) ? { lfs } : {}) }];
}

async function send(
  { trouble }: FakeHub,
  file: Buffer,
  range: string | undefined,
  response: http.ServerResponse,
): Promise<void> {
  const from = trouble.noRanges ? 0 : Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
  const data = Buffer.from(file.subarray(from));
  if (trouble.damaged && data.length > 0) data[data.length - 1] = (data.at(-1) as number) ^ 1;
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': data.length });
  for (let at = 0; at < data.length; at += 1024) {
    if (trouble.cutAfter !== undefined && at >= trouble.cutAfter && (trouble.cuts ?? 0) > 0) {
      trouble.cuts = (trouble.cuts ?? 0) - 1;
      // What was written has to leave first, or there would be nothing to go on from.
      await new Promise((resolve) => setTimeout(resolve, 20));
      response.destroy();
      return;
    }
    response.write(data.subarray(at, at + 1024));
    if (trouble.slowMs) await new Promise((resolve) => setTimeout(resolve, trouble.slowMs));
  }
  response.end();
}

function json(response: http.ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function bodyOf(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
