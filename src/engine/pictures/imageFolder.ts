/** Which pictures lie in folders: found by their endings, in the order of their paths; and which are left out, and why. */
import type { Dirent, Stats } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { codeOf, NOT_REGULAR, reasonOf } from '../../shared/files/readSmall.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { HIDDEN, isPicture, isResourceFork, unreadableFormat } from '../files/formats.ts';
import { nextTurn, throwIfCancelled } from '../kernel/queue.ts';
import { leftOutInWords, type Skipped } from './imageSource.ts';
import { LISTING } from './labels.ts';

export interface FoundImages {
  /** Full paths, sorted by code units: the same order on every machine. */
  readonly files: readonly string[];
  /** Pictures that are not among them, and folders that could not be read; full paths, in the same order. */
  readonly leftOut: readonly Skipped[];
  /** Files called `dataset.json`, which may say classes. */
  readonly listings: readonly string[];
  /** Counts of what is left out, in words. */
  readonly warnings: readonly string[];
}

/**
 * The files among `inputs` as they are, whatever their endings, and the pictures in its folders, read through. Hidden
 * files and folders are left out. Links are followed to files and folders inside the chosen folder only.
 * @throws GenscopeError `input.invalid` for an input that is not there or cannot be read; `request.cancelled`
 */
export async function findImages(inputs: readonly string[], signal: AbortSignal): Promise<FoundImages> {
  const found = { files: new Set<string>(), listings: new Set<string>(), leftOut: new Map<string, string>() };
  for (const input of inputs) {
    const full = path.resolve(input);
    const stat = await fs.stat(full).catch((thrown: unknown) => {
      throw inputError(full, thrown);
    });
    if (stat.isDirectory()) await readThrough(full, found, signal);
    else if (stat.isFile()) found.files.add(full);
    else throw inputError(full, Object.assign(new Error(full), { code: NOT_REGULAR }));
  }
  const leftOut = [...found.leftOut]
    .map(([file, reason]) => ({ file, reason }))
    .sort((a, b) => byCodeUnits(a.file, b.file));
  return {
    files: [...found.files].sort(byCodeUnits),
    leftOut,
    listings: [...found.listings].sort(byCodeUnits),
    warnings: leftOut.length === 0 ? [] : [leftOutInWords(leftOut)],
  };
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface Found {
  readonly files: Set<string>;
  readonly listings: Set<string>;
  readonly leftOut: Map<string, string>;
}

interface Waiting {
  readonly folder: string;
  /** Where it and the folders that hold it really are: a link to one of them would lead round in a circle. */
  readonly within: readonly string[];
  /** Whether a name on the way begins with a dot. */
  readonly hidden: boolean;
}

async function readThrough(root: string, found: Found, signal: AbortSignal): Promise<void> {
  const realRoot = await fs.realpath(root);
  const waiting: Waiting[] = [{ folder: root, within: [realRoot], hidden: false }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    throwIfCancelled(signal);
    const { folder, within } = next;
    for (const entry of await entriesOf(folder, root, found.leftOut)) {
      const full = path.join(folder, entry.name);
      const hidden = next.hidden || entry.name.startsWith('.');
      const place = entry.isSymbolicLink() ? await linkTarget(full, realRoot) : placeOf(entry, full, within);
      if (place.kind === 'folder') {
        if (within.includes(place.real)) {
          found.leftOut.set(full, 'It is a link to a folder that holds it.');
          continue;
        }
        waiting.push({ folder: full, within: [...within, place.real], hidden });
      } else add(found, full, entry.name, place, hidden);
    }
    await nextTurn();
  }
}

type Place =
  | { readonly kind: 'folder'; readonly real: string }
  | { readonly kind: 'file' }
  /** Whether it leads to a folder, or nowhere, is not known. */
  | { readonly kind: 'none'; readonly reason: string; readonly folder: boolean };

function placeOf(entry: Dirent, full: string, within: readonly string[]): Place {
  if (entry.isDirectory()) return { kind: 'folder', real: path.join(within.at(-1) ?? full, entry.name) };
  if (entry.isFile()) return { kind: 'file' };
  return { kind: 'none', reason: 'It is no regular file, but a pipe or a device.', folder: false };
}

function add(found: Found, full: string, name: string, place: Place, hidden: boolean): void {
  const unreadable = unreadableFormat(name);
  const looksLikePicture = isPicture(name) || unreadable !== null;
  if (isResourceFork(name)) return;
  if (place.kind === 'none') {
    if (looksLikePicture || place.folder) found.leftOut.set(full, place.reason);
  } else if (hidden) {
    if (looksLikePicture) found.leftOut.set(full, HIDDEN);
  } else if (name === LISTING) found.listings.add(full);
  else if (unreadable !== null) found.leftOut.set(full, unreadable);
  else if (isPicture(name)) found.files.add(full);
}

async function entriesOf(folder: string, root: string, leftOut: Map<string, string>): Promise<Dirent[]> {
  try {
    return await fs.readdir(folder, { withFileTypes: true });
  } catch (thrown) {
    if (folder === root) throw inputError(folder, thrown);
    leftOut.set(folder, `The folder cannot be read: ${reasonOf(thrown)}.`);
    return [];
  }
}

async function linkTarget(link: string, realRoot: string): Promise<Place> {
  let real: string;
  let stat: Stats;
  try {
    real = await fs.realpath(link);
    stat = await fs.stat(real);
  } catch (thrown) {
    const nowhere = codeOf(thrown) === 'ENOENT';
    const reason = nowhere ? 'It is a link that leads nowhere.' : `It is a link, and ${reasonOf(thrown)}.`;
    return { kind: 'none', reason, folder: false };
  }
  const inside = path.relative(realRoot, real);
  if (inside === '..' || inside.startsWith(`..${path.sep}`) || path.isAbsolute(inside))
    return { kind: 'none', reason: 'It is a link that leads out of the folder.', folder: stat.isDirectory() };
  if (stat.isDirectory()) return { kind: 'folder', real };
  if (stat.isFile()) return { kind: 'file' };
  return { kind: 'none', reason: 'It is a link to a pipe or a device.', folder: false };
}

function inputError(file: string, thrown: unknown): GenscopeError {
  const code = codeOf(thrown);
  const gone = code === 'ENOENT' || code === 'ENOTDIR';
  return new GenscopeError(
    'input.invalid',
    gone ? `There is no file or folder at ${file}.` : `${file} could not be read: ${reasonOf(thrown)}.`,
    gone ? 'Choose the pictures again.' : 'Check that you may read it.',
    { next: ['retry'], detail: String(thrown) },
  );
}
