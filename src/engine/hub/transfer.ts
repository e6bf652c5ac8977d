/**
 * One file of the hub into its blob. The library's own `downloadFileToCacheDir` starts over after a cut connection and
 * trusts what arrives; here the rest is asked for (an HTTP range) and the whole is checked against the hub's hash before
 * it gets its name.
 */
import { createHash, type Hash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { ReadableStream } from 'node:stream/web';
import { setTimeout as pause } from 'node:timers/promises';
import { asGenscopeError, cancelled, GenscopeError } from '../../shared/kernel/errors.ts';
import { diskFull } from './request.ts';

export interface HubFile {
  readonly name: string;
  readonly size: number;
  /** SHA-256 of a large file, Git's SHA-1 of a small one: 64 or 40 hex digits; with `kind`, at least the head of it. */
  readonly hash: string;
  readonly kind?: 'sha256';
}

export interface TransferOptions {
  readonly signal: AbortSignal;
  /** Bytes from `from` on; a failure's own error comes from `failure`. */
  readonly open: (from: number) => Promise<ReadableStream<Uint8Array>>;
  readonly failure: () => GenscopeError | null;
  /** The server gives no part of a file. */
  readonly rangesRefused: () => boolean;
  readonly onBytes: (loaded: number) => void;
}

/** How often a broken connection is taken up again before the person is told. */
const RETRIES = 3;
const FIRST_PAUSE_MS = 250;

/** @throws GenscopeError `hub.*`, `request.cancelled`; the file system's own errors */
export async function transfer(file: HubFile, blob: string, options: TransferOptions): Promise<void> {
  const part = `${blob}.incomplete`;
  fs.mkdirSync(path.dirname(blob), { recursive: true });
  requireSpace(part, file.size);
  for (let retry = 0; ; retry++) {
    try {
      await append(file, part, options);
      break;
    } catch (thrown) {
      const error = options.signal.aborted ? cancelled() : brokenOff(thrown, options);
      if (!(error instanceof GenscopeError) || error.code !== 'hub.unreachable' || retry === RETRIES)
        throw error;
      if (options.rangesRefused()) fs.rmSync(part, { force: true });
      await pause(FIRST_PAUSE_MS * 2 ** retry);
    }
  }
  await check(file, part, options.signal);
  fs.renameSync(part, blob);
}

/** File-system errors stay themselves; what ended a stream is what the transport says, else a broken connection. */
function brokenOff(thrown: unknown, { failure }: TransferOptions): unknown {
  if (thrown instanceof GenscopeError) return thrown;
  if (typeof (thrown as NodeJS.ErrnoException)?.syscall === 'string') return thrown;
  return (
    failure() ??
    new GenscopeError(
      'hub.unreachable',
      'The connection to the hub broke off.',
      'Try again: what has arrived is kept, and only the rest is fetched.',
      { next: ['retry'], detail: asGenscopeError(thrown).detail ?? String(thrown) },
    )
  );
}

async function append(file: HubFile, part: string, options: TransferOptions): Promise<void> {
  const there = fs.statSync(part, { throwIfNoEntry: false })?.size ?? 0;
  // Longer than the whole: left by something else.
  const from = there > file.size ? 0 : there;
  const handle = await fs.promises.open(part, from === 0 ? 'w' : 'a');
  try {
    options.onBytes(from);
    if (from === file.size) return;
    let loaded = from;
    for await (const chunk of await options.open(from)) {
      if (options.signal.aborted) throw cancelled();
      await handle.writeFile(chunk);
      loaded += chunk.length;
      options.onBytes(loaded);
    }
    if (loaded < file.size) throw new Error(`${file.name} ended after ${loaded} of ${file.size} bytes`);
  } finally {
    await handle.close();
  }
}

async function check(file: HubFile, part: string, signal: AbortSignal): Promise<void> {
  const found = await hashOf(file, part, signal);
  if (found.startsWith(file.hash)) return;
  // Wrong bytes are no beginning to go on from.
  fs.rmSync(part, { force: true });
  throw new GenscopeError(
    'hub.damaged',
    `${file.name} arrived damaged: its hash is not the one that it should have.`,
    'Download it again; if it happens twice, a proxy on the way changes it.',
    { next: ['retry'], detail: `expected ${file.hash}, got ${found}` },
  );
}

async function hashOf({ hash, kind }: HubFile, part: string, signal: AbortSignal): Promise<string> {
  const digest: Hash =
    kind === 'sha256' || hash.length === 64
      ? createHash('sha256')
      : createHash('sha1').update(`blob ${fs.statSync(part).size}\0`);
  for await (const chunk of fs.createReadStream(part, { highWaterMark: 4 << 20 })) {
    if (signal.aborted) throw cancelled();
    digest.update(chunk as Buffer);
  }
  return digest.digest('hex');
}

/** Before the first byte: a download that cannot end is better not begun. */
function requireSpace(part: string, size: number): void {
  const there = fs.statSync(part, { throwIfNoEntry: false })?.size ?? 0;
  const { bavail, bsize } = fs.statfsSync(path.dirname(part));
  if (bavail * bsize >= size - there) return;
  throw diskFull(path.dirname(part), `${size - there} bytes needed, ${bavail * bsize} free`);
}
