/** The pictures of a zip archive: read from it as they are needed, never unpacked to disk. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { cancelled } from '../../shared/errors.ts';
import { isPicture } from '../imageFolder.ts';
import { ZipArchive } from '../runtime/zipFile.ts';
import { type ImageSource, noPictures } from './imageSource.ts';
import { parseLabels } from './labels.ts';

/** The file of one picture: larger is no picture. */
const MOST_BYTES = 2 ** 29;
/** Where StyleGAN's data sets keep their classes. */
const LISTING = 'dataset.json';

/** @throws GenscopeError `input.invalid` for what is no zip archive, `reference.invalid` without pictures in it */
export async function openZipSource(file: string): Promise<ImageSource> {
  const zip = await ZipArchive.open(file);
  try {
    const names = zip.entries
      .map(({ name }) => name)
      .filter((name) => isPicture(name) && !isHidden(name))
      // By code units, as StyleGAN's own reader sorts them.
      .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    if (names.length === 0) throw noPictures(path.basename(file));
    const text = zip.has(LISTING) ? new TextDecoder().decode(await zip.read(LISTING)) : null;
    const labels = text === null ? null : parseLabels(text, names);
    return {
      kind: 'zip',
      name: path.basename(file),
      names,
      labels: labels?.labels ?? null,
      warnings: labels?.warnings ?? [],
      sha256: (signal) => hashFile(file, signal),
      read: (i) => zip.read(names[i] as string, MOST_BYTES),
      close: () => zip.close(),
    };
  } catch (thrown) {
    zip.close();
    throw thrown;
  }
}

/** What macOS puts beside each file of an archive ends in .png too. */
function isHidden(name: string): boolean {
  return name.split('/').some((part) => part.startsWith('.') || part === '__MACOSX');
}

async function hashFile(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of fs.createReadStream(file, { highWaterMark: 4 << 20 })) {
    if (signal.aborted) throw cancelled();
    hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}
