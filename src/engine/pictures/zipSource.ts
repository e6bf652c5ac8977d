/** The pictures of a zip archive: read from it as they are needed, never unpacked to disk. */
import path from 'node:path';
import { asGenscopeError } from '../../shared/kernel/errors.ts';
import { HIDDEN, isHidden, isPicture, isResourceFork, unreadableFormat } from '../files/formats.ts';
import { ZipArchive } from '../files/zipFile.ts';
import { hashFile } from './hashFile.ts';
import { type ImageSource, noPictures, type Skipped } from './imageSource.ts';
import { LISTING, type Listing, MOST_LISTING_BYTES, readLabels } from './labels.ts';

/** The file of one picture: larger is no picture. */
export const MOST_BYTES = 2 ** 29;

/** @throws GenscopeError `input.invalid` for what is no zip archive, `reference.invalid` without pictures in it */
export async function openZipSource(file: string): Promise<ImageSource> {
  const zip = await ZipArchive.open(file);
  try {
    const { pictures, listings: places, leftOut } = sorted(zip.entries.map(({ name }) => name));
    // By code units, as StyleGAN's own reader sorts them.
    const names = [...pictures.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    if (names.length === 0) throw noPictures(path.basename(file), leftOut);
    const warnings: string[] = [];
    const listings: Listing[] = [];
    for (const [name, entry] of places)
      listings.push({ name, text: await readListing(zip, entry, warnings) });
    const labels = readLabels(listings, names);
    return {
      kind: 'zip',
      name: path.basename(file),
      names,
      leftOut,
      labels: labels.labels,
      warnings: [...warnings, ...labels.warnings],
      sha256: (signal) => hashFile(file, signal),
      read: (i) => zip.read(pictures.get(names[i] as string) as string, MOST_BYTES),
      close: () => zip.close(),
    };
  } catch (thrown) {
    zip.close();
    throw thrown;
  }
}

interface Sorted {
  /** Entries by the names that people read: without the `./` that some tools put in front. */
  readonly pictures: Map<string, string>;
  readonly listings: Map<string, string>;
  readonly leftOut: readonly Skipped[];
}

function sorted(entries: readonly string[]): Sorted {
  const pictures = new Map<string, string>();
  const listings = new Map<string, string>();
  const leftOut: Skipped[] = [];
  for (const entry of entries) {
    // As if unpacked into a folder of its own, which nothing leads out of.
    const name = path.posix.normalize(`/${entry}`).slice(1);
    if (isResourceFork(name)) continue;
    const unreadable = unreadableFormat(name);
    if (isHidden(name)) {
      if (isPicture(name) || unreadable !== null) leftOut.push({ file: name, reason: HIDDEN });
    } else if (path.posix.basename(name) === LISTING) listings.set(name, entry);
    else if (unreadable !== null) leftOut.push({ file: name, reason: unreadable });
    else if (isPicture(name)) {
      if (pictures.has(name))
        leftOut.push({ file: name, reason: 'The archive holds it twice; the last one counts.' });
      pictures.set(name, entry);
    }
  }
  return { pictures, listings, leftOut };
}

/** Classes are a help: a listing that cannot be read is said to be so, and the pictures stay. */
async function readListing(zip: ZipArchive, entry: string, warnings: string[]): Promise<string | null> {
  try {
    return new TextDecoder().decode(await zip.read(entry, MOST_LISTING_BYTES));
  } catch (thrown) {
    const { code, message } = asGenscopeError(thrown);
    if (code !== 'input.invalid') throw thrown;
    warnings.push(`${entry} is not used, and no classes with it: ${message}`);
    return null;
  }
}
