/**
 * The published file of weights, fetched after the person has agreed. GitHub serves ranges, so a broken download goes
 * on where it stopped; the hex in the file's name is the head of its SHA-256, which is checked before it gets its name.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { ReadableStream } from 'node:stream/web';
import { cancelled, GenscopeError } from '../../shared/kernel/errors.ts';
import type { WorkProgress } from '../../shared/protocol.ts';
import { transfer } from '../hub/transfer.ts';

export interface DownloadOptions {
  readonly url: string;
  /** Where the file and what has arrived of it are kept. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** In bytes. */
  readonly report: (progress: WorkProgress) => void;
}

const EVERY_MS = 100;

/**
 * @returns the file; at once where it has been downloaded before
 * @throws GenscopeError `hub.unreachable`, `hub.notFound`, `hub.damaged`, `hub.diskFull`, `request.cancelled`
 */
export async function downloadWeights(options: DownloadOptions): Promise<string> {
  const { url, folder, signal, report } = options;
  const name = decodeURIComponent(path.posix.basename(new URL(url).pathname));
  const head = /-([0-9a-f]{8})\.\w+$/.exec(name)?.[1];
  if (head === undefined)
    throw new GenscopeError(
      'input.invalid',
      `${name} has no checksum in its name, so it could not be checked.`,
      'Download it yourself and give the file.',
    );
  const file = path.join(folder, name);
  if (fs.existsSync(file)) return file;
  const source = new Source(url, signal);
  const size = await source.size();
  let last = 0;
  try {
    await transfer({ name, size, hash: head, kind: 'sha256' }, file, {
      signal,
      open: (from) => source.open(from),
      failure: () => source.failure,
      rangesRefused: () => source.refused,
      onBytes: (loaded) => {
        const now = performance.now();
        if (loaded < size && now - last < EVERY_MS) return;
        last = now;
        report({ done: loaded, total: size, message: name });
      },
    });
  } catch (thrown) {
    throw diskError(thrown, folder);
  }
  return file;
}

/** One address, asked for its size and for what is missing. */
class Source {
  failure: GenscopeError | null = null;
  /** It was asked for the rest and gave the whole. */
  refused = false;
  readonly #url: string;
  readonly #signal: AbortSignal;

  constructor(url: string, signal: AbortSignal) {
    this.#url = url;
    this.#signal = signal;
  }

  async size(): Promise<number> {
    const response = await this.#ask('HEAD', {});
    const size = Number(response.headers.get('content-length'));
    if (size > 0) return size;
    throw this.#fail(unreachable(this.#url, 'the server does not say how large the file is'));
  }

  async open(from: number): Promise<ReadableStream<Uint8Array>> {
    this.refused = false;
    const response = await this.#ask('GET', from > 0 ? { range: `bytes=${from}-` } : {});
    if (from > 0 && response.status !== 206) {
      await response.body?.cancel();
      this.refused = true;
      throw this.#fail(unreachable(this.#url, 'no ranges'));
    }
    if (response.body === null) throw this.#fail(unreachable(this.#url, 'an empty answer'));
    return response.body as ReadableStream<Uint8Array>;
  }

  async #ask(method: string, headers: Record<string, string>): Promise<Response> {
    this.failure = null;
    let response: Response;
    try {
      response = await fetch(this.#url, { method, headers, signal: this.#signal });
    } catch (thrown) {
      const why =
        thrown instanceof Error ? `${thrown.message} ${String(thrown.cause ?? '')}` : String(thrown);
      throw this.#fail(this.#signal.aborted ? cancelled() : unreachable(this.#url, why));
    }
    if (response.ok) return response;
    await response.body?.cancel();
    throw this.#fail(
      response.status === 404
        ? new GenscopeError(
            'hub.notFound',
            `There is no file at ${this.#url}.`,
            'Download it yourself and give the file.',
          )
        : unreachable(this.#url, `HTTP ${response.status}`),
    );
  }

  #fail(error: GenscopeError): GenscopeError {
    this.failure = error;
    return error;
  }
}

function unreachable(url: string, why: string): GenscopeError {
  return new GenscopeError(
    'hub.unreachable',
    `The weights cannot be downloaded from ${new URL(url).host}.`,
    'Check the network and any proxy, and try again (what has arrived is kept), or give the file if you have it.',
    { next: ['retry'], detail: why },
  );
}

function diskError(thrown: unknown, folder: string): unknown {
  const { code } = thrown as NodeJS.ErrnoException;
  if (thrown instanceof GenscopeError || code === undefined) return thrown;
  if (code !== 'ENOSPC' && code !== 'EDQUOT')
    return new GenscopeError(
      'output.notWritable',
      `${folder} cannot be written to (${code}).`,
      'Choose another cache folder.',
    );
  return new GenscopeError(
    'hub.diskFull',
    `The disk of ${folder} is full.`,
    'Free some space; what has arrived is kept.',
    {
      next: ['retry'],
    },
  );
}
