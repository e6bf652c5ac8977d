/**
 * JSON that is kept for another time, with a checksum over all of it: a byte that a disk has lost must not come back as a
 * number. The checksum is the object's first member, so that the file stays JSON for everybody else.
 */

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { writeFileAtomic } from './atomic.ts';
import { statIfThere } from './there.ts';

const SEAL = /^\{"checksum":"([0-9a-f]{64})",/;

/** @param value an object with at least one member */
export function seal(value: object): string {
  const text = JSON.stringify(value);
  const rest = text.slice(1);
  return `{"checksum":"${sumOf(rest)}",${rest}`;
}

/** What `seal` was given, or null where the text is not what it made. */
export function unseal(text: string): unknown {
  const found = SEAL.exec(text);
  if (found === null) return null;
  const rest = text.slice(found[0].length);
  return sumOf(rest) === found[1] ? (JSON.parse(`{${rest}`) as unknown) : null;
}

export type Kept =
  | { readonly state: 'absent' }
  | { readonly state: 'damaged' }
  | { readonly state: 'whole'; readonly value: unknown };

/** @throws GenscopeError `output.notWritable` */
export function writeSealed(file: string, value: object): void {
  writeFileAtomic(file, seal(value));
}

/** Reads what `writeSealed` wrote; the file stays where it is, whatever it is. */
export function readSealed(file: string): Kept {
  let text: string;
  try {
    // Not a device or a pipe that somebody has put there: reading those may never end.
    const there = statIfThere(file);
    if (there === undefined) return { state: 'absent' };
    if (!there.isFile()) return { state: 'absent' };
    text = fs.readFileSync(file, 'utf8');
  } catch (thrown) {
    const isGone = ['ENOENT', 'ENOTDIR'].includes((thrown as NodeJS.ErrnoException).code ?? '');
    return { state: isGone ? 'absent' : 'damaged' };
  }
  const value = unseal(text);
  return value === null ? { state: 'damaged' } : { state: 'whole', value };
}

/**
 * The same of a file in a cache: a damaged one is set aside under another name, so that the next answer can take its place
 * and somebody can still look at it.
 */
export function readKept(file: string): Kept & { readonly setAside?: string } {
  const kept = readSealed(file);
  return kept.state === 'damaged' ? { ...kept, setAside: setAside(file) } : kept;
}

/** Gives a damaged file another name. @returns that name; the file's own where it could not be moved */
export function setAside(file: string): string {
  const aside = `${file}.damaged`;
  try {
    fs.renameSync(file, aside);
    return aside;
  } catch {
    // A folder that may only be read: what is made anew is then not kept either, which its writer says.
    return file;
  }
}

function sumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
