/**
 * The one way in which a file beside the real work is read whole: settings, labels, edits, answers. Such files come with
 * models from anywhere, so what lies under the name may be a pipe that never ends, a link to a device, or 4 GB: only a
 * regular file of a sensible size is read. For engine, host and command line.
 */
import fs from 'node:fs';
import path from 'node:path';
import { type ErrorCode, GenscopeError } from '../kernel/errors.ts';

export interface SmallFile {
  /** Bytes that such a file never has more of. */
  readonly most: number;
  /** What it is to a person: “The sidecar”. */
  readonly what: string;
  /** Default: `input.invalid`. */
  readonly code?: ErrorCode;
  /** What to do about one that cannot be read. */
  readonly advice?: string;
}

/** JSON written by people and programs about one network. */
export const MOST_JSON_BYTES = 64 * 2 ** 20;

/**
 * Null where there is nothing under that name.
 * @throws GenscopeError with the given code for a folder, a pipe, a device, a file that is too large or may not be read
 */
export function readSmallFile(file: string, wish: SmallFile): Uint8Array<ArrayBuffer> | null {
  let opened: RegularFile;
  try {
    opened = openRegular(file);
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw refusal(file, wish, reasonOf(thrown), thrown);
  }
  try {
    if (opened.size > wish.most)
      throw refusal(file, wish, `it has ${inWords(opened.size)}, and may have ${inWords(wish.most)}`);
    const bytes = new Uint8Array(opened.size);
    let at = 0;
    for (let got = 1; got > 0 && at < bytes.length; at += got)
      got = fs.readSync(opened.descriptor, bytes, at, bytes.length - at, at);
    return at === bytes.length ? bytes : bytes.slice(0, at);
  } catch (thrown) {
    throw thrown instanceof GenscopeError ? thrown : refusal(file, wish, reasonOf(thrown), thrown);
  } finally {
    fs.closeSync(opened.descriptor);
  }
}

/** The same as UTF-8. */
export function readSmallText(file: string, wish: SmallFile): string | null {
  const bytes = readSmallFile(file, wish);
  return bytes === null ? null : new TextDecoder().decode(bytes);
}

/** A file that was read before, and has to be there still. @throws GenscopeError `input.invalid` */
export function requireSmall(file: string): Uint8Array<ArrayBuffer> {
  const bytes = readSmallFile(file, { most: MOST_JSON_BYTES, what: 'The file' });
  if (bytes !== null) return bytes;
  throw new GenscopeError('input.invalid', `There is no ${path.resolve(file)} any more.`, 'Put it back.');
}

export interface RegularFile {
  readonly descriptor: number;
  readonly size: number;
}

/**
 * Opens what is a file of bytes, and nothing else: a pipe would wait for its writer for ever.
 * @throws Error with a `code`: the file system's own, or NOT_REGULAR
 */
export function openRegular(file: string): RegularFile {
  // Asked first: opening some devices already does something.
  requireRegular(fs.statSync(file), file);
  // Without waiting, should it have become a pipe since.
  const descriptor = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
  try {
    const stat = fs.fstatSync(descriptor);
    requireRegular(stat, file);
    return { descriptor, size: stat.size };
  } catch (thrown) {
    fs.closeSync(descriptor);
    throw thrown;
  }
}

export const NOT_REGULAR = 'NOT_REGULAR';

function requireRegular(stat: fs.Stats, file: string): void {
  if (stat.isFile()) return;
  throw Object.assign(new Error(file), { code: stat.isDirectory() ? 'EISDIR' : NOT_REGULAR });
}

/** Why a file cannot be read, as the end of a sentence. */
export function reasonOf(thrown: unknown): string {
  const code = codeOf(thrown);
  if (code === 'EISDIR') return 'it is a folder';
  if (code === NOT_REGULAR) return 'it is no regular file, but a pipe or a device';
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'it is not there';
  if (code === 'EACCES' || code === 'EPERM') return 'you may not read it';
  if (code === 'ELOOP') return 'it is a link that leads round in a circle';
  return code || String(thrown);
}

export function codeOf(thrown: unknown): string {
  return (thrown as NodeJS.ErrnoException | null)?.code ?? '';
}

/** “3.2 GB” */
export function inWords(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`;
}

function refusal(
  file: string,
  { what, code = 'input.invalid', advice = 'Check the file, or choose another one.' }: SmallFile,
  why: string,
  thrown?: unknown,
): GenscopeError {
  return new GenscopeError(code, `${what} ${path.resolve(file)} cannot be read: ${why}.`, advice, {
    ...(thrown !== undefined && { detail: String(thrown) }),
  });
}
