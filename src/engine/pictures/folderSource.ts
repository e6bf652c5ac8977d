/** The pictures of a folder, read through. */

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { openRegular, readSmallFile, readSmallText } from '../../shared/files/readSmall.ts';
import { statIfThere } from '../../shared/files/there.ts';
import { asGenscopeError, GenscopeError } from '../../shared/kernel/errors.ts';
import { throwIfCancelled } from '../kernel/queue.ts';
import { findImages } from './imageFolder.ts';
import { type ImageSource, noPictures } from './imageSource.ts';
import { MOST_LISTING_BYTES, readLabels } from './labels.ts';
import { MOST_BYTES } from './zipSource.ts';

/** Hashes of folders met before, by the names, sizes and times of all their files. */
const known = new Map<string, string>();

/** @throws GenscopeError `input.invalid`, `reference.invalid` for a folder without pictures, `request.cancelled` */
export async function openFolderSource(folder: string, signal: AbortSignal): Promise<ImageSource> {
  const root = path.resolve(folder);
  const found = await findImages([root], signal);
  const { files } = found;
  const nameOf = (file: string) => path.relative(root, file).split(path.sep).join('/');
  const leftOut = found.leftOut.map(({ file, reason }) => ({ file: nameOf(file), reason }));
  if (files.length === 0) throw noPictures(root, leftOut);
  const names = files.map(nameOf);
  const warnings: string[] = [];
  const listings = found.listings.map((file) => ({ name: nameOf(file), text: readListing(file, warnings) }));
  const { labels, warnings: unusable } = readLabels(listings, names);
  return {
    kind: 'folder',
    name: path.basename(root),
    names,
    leftOut,
    labels,
    warnings: [...warnings, ...unusable],
    sha256: (given) => hashFolder(files, names, labels, given),
    read: async (i) => readPictureFile(files[i] as string),
    close() {},
  };
}

/** Classes are a help: a listing that cannot be read is said to be so, and the pictures stay. */
function readListing(file: string, warnings: string[]): string | null {
  try {
    return readSmallText(file, { most: MOST_LISTING_BYTES, what: 'The listing of classes' });
  } catch (thrown) {
    warnings.push(`${asGenscopeError(thrown).message} No classes are used.`);
    return null;
  }
}

/** @throws GenscopeError `input.invalid` for one that is gone, is no regular file or no picture by its size */
export function readPictureFile(file: string): Uint8Array<ArrayBuffer> {
  const bytes = readSmallFile(file, { most: MOST_BYTES, what: 'The picture' });
  if (bytes !== null) return bytes;
  throw new GenscopeError('input.invalid', 'It is not there any more.', `Check ${path.basename(file)}.`);
}

/** Of names, contents and classes: a picture that is moved to another name may change the order. */
async function hashFolder(
  files: readonly string[],
  names: readonly string[],
  labels: Int32Array | null,
  signal: AbortSignal,
): Promise<string> {
  const states = files.map((file) => {
    const stat = statIfThere(file);
    return `${file}|${stat?.size}|${stat?.mtimeMs}`;
  });
  const key = createHash('sha256')
    .update(states.join('\n'))
    .update(labels?.join() ?? '')
    .digest('hex');
  const before = known.get(key);
  if (before !== undefined) return before;
  const all = createHash('sha256');
  for (const [i, file] of files.entries()) {
    throwIfCancelled(signal);
    all.update(`${names[i]}\0${labels?.[i] ?? ''}\0`).update(await hashOrNothing(file));
  }
  const hash = all.digest('hex');
  known.set(key, hash);
  return hash;
}

/** One that cannot be read is skipped later, and said so then. */
async function hashOrNothing(file: string): Promise<Buffer> {
  const hash = createHash('sha256');
  try {
    const { descriptor } = openRegular(file);
    const stream = fs.createReadStream(file, { fd: descriptor, start: 0, highWaterMark: 4 << 20 });
    for await (const chunk of stream) hash.update(chunk as Buffer);
    return hash.digest();
  } catch {
    return createHash('sha256').digest();
  }
}
