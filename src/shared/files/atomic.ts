/**
 * The one way in which a file is written: beside its place, under a name that no other process and no other writer of
 * this one has, and renamed once it is whole. Whatever ends the writing (a full disk, a crash), what was there before is
 * there still. For engine, host and command line; the page writes no files.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { GenscopeError } from '../kernel/errors.ts';

/** `name.<pid>-<random>.part`; the pid tells later whether its writer is still there. */
const PART = /\.(\d+)-[0-9a-f]{12}\.part$/;

function partOf(file: string): string {
  return `${file}.${process.pid}-${randomBytes(6).toString('hex')}.part`;
}

export class AtomicFile {
  /** The place as it was named. */
  readonly file: string;
  /** Where a link leads: writing through one must not replace it. */
  readonly #target: string;
  /** The same as `#target` for what is no plain file (/dev/stdout, a pipe): nothing can be renamed over that. */
  readonly #part: string;
  #descriptor: number | null;

  /** @throws GenscopeError `output.notWritable` */
  constructor(file: string) {
    this.file = file;
    try {
      this.#target = resolveLinks(file);
      const there = fs.statSync(this.#target, { throwIfNoEntry: false });
      if (there?.isDirectory()) throw Object.assign(new Error(file), { code: 'EISDIR' });
      const plain = there === undefined || there.isFile();
      this.#part = plain ? partOf(this.#target) : this.#target;
      // Who may read the file that was there may read the new one, and nobody else.
      this.#descriptor = fs.openSync(this.#part, plain ? 'wx' : 'w', there?.isFile() ? there.mode : 0o666);
    } catch (thrown) {
      throw writeError(file, thrown);
    }
  }

  /** @throws GenscopeError `output.notWritable`; the part is gone then */
  write(bytes: Uint8Array): void {
    try {
      if (this.#descriptor === null) throw new Error('It was closed before.');
      for (let at = 0; at < bytes.length; )
        at += fs.writeSync(this.#descriptor, bytes, at, Math.min(bytes.length - at, MOST_AT_ONCE));
    } catch (thrown) {
      this.abandon();
      throw writeError(this.file, thrown);
    }
  }

  /** Puts the file in its place. @throws GenscopeError `output.notWritable`; what was there before is there still */
  commit(): void {
    try {
      this.#close();
      if (this.#part !== this.#target) fs.renameSync(this.#part, this.#target);
    } catch (thrown) {
      this.abandon();
      throw writeError(this.file, thrown);
    }
  }

  /** Takes away what was written so far. After `commit` it does nothing. */
  abandon(): void {
    try {
      this.#close();
    } finally {
      if (this.#part !== this.#target) fs.rmSync(this.#part, { force: true });
    }
  }

  #close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = null;
    if (descriptor !== null) fs.closeSync(descriptor);
  }
}

/** Linux writes at most this much in one call, and Node refuses more than 2 GiB. */
const MOST_AT_ONCE = 2 ** 30;

/** @throws GenscopeError `output.notWritable`; what was there before is there still */
export function writeFileAtomic(file: string, content: string | Uint8Array): void {
  const out = new AtomicFile(file);
  out.write(typeof content === 'string' ? new TextEncoder().encode(content) : content);
  out.commit();
}

/** For a place that must be writable before hours of work. @throws GenscopeError `output.notWritable` */
export function requireWritable(file: string): void {
  new AtomicFile(file).abandon();
}

/** The folder of a file to be written, made. @throws GenscopeError `output.notWritable` */
export function makeFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true });
    fs.accessSync(folder, fs.constants.W_OK);
  } catch (thrown) {
    throw writeError(folder, thrown);
  }
}

/** Parts whose writer was killed. Of caches only: in a person's folder nothing is deleted that was not asked for. */
export function removeStaleParts(folder: string): void {
  for (const name of fs.readdirSync(folder)) {
    const pid = PART.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) fs.rmSync(path.join(folder, name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // Somebody else's process is one, too.
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function resolveLinks(file: string): string {
  const full = path.resolve(file);
  const isLink = fs.lstatSync(full, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  if (!isLink) return full;
  if (fs.existsSync(full)) return fs.realpathSync(full);
  // It leads to nothing yet: the file is made where it leads.
  return path.resolve(path.dirname(full), fs.readlinkSync(full));
}

/** Why a place could not be written, in our words. */
export function writeError(file: string, thrown: unknown): GenscopeError {
  if (thrown instanceof GenscopeError) return thrown;
  const code = (thrown as NodeJS.ErrnoException).code;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new GenscopeError(
    'output.notWritable',
    `${file} could not be written: ${REASONS[code ?? ''] ?? code ?? String(thrown)}.`,
    full ? 'Make room there, or choose another place.' : 'Choose another place.',
    { detail: String(thrown) },
  );
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  EFBIG: 'the file would be larger than may be there',
  EACCES: 'you may not write there',
  EPERM: 'you may not write there',
  EROFS: 'you may not write there',
  EEXIST: 'a file stands where a folder is needed',
  ENOTDIR: 'a file stands where a folder is needed',
  EISDIR: 'it is a folder',
  ENOENT: 'its folder is not there',
  ENAMETOOLONG: 'its name is too long',
};
