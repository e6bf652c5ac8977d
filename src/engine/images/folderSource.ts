/** The pictures of a folder, read through. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { GenscopeError } from '../../shared/errors.ts';
import { findImages } from '../imageFolder.ts';
import { throwIfCancelled } from '../queue.ts';
import { type ImageSource, noPictures } from './imageSource.ts';
import { parseLabels } from './labels.ts';

/** Hashes of folders met before, by the names, sizes and times of all their files. */
const known = new Map<string, string>();

/** @throws GenscopeError `input.invalid`, `reference.invalid` for a folder without pictures, `request.cancelled` */
export async function openFolderSource(folder: string, signal: AbortSignal): Promise<ImageSource> {
  const root = path.resolve(folder);
  const { files, warnings } = await findImages([root], signal);
  if (files.length === 0) throw noPictures(root);
  const names = files.map((file) => path.relative(root, file).split(path.sep).join('/'));
  const listing = path.join(root, 'dataset.json');
  const labels = fs.existsSync(listing) ? parseLabels(fs.readFileSync(listing, 'utf8'), names) : null;
  return {
    kind: 'folder',
    name: path.basename(root),
    names,
    labels: labels?.labels ?? null,
    warnings: [...warnings, ...(labels?.warnings ?? [])],
    sha256: (given) => hashFolder(files, names, labels?.labels ?? null, given),
    read: (i) => readPicture(files[i] as string),
    close() {},
  };
}

async function readPicture(file: string): Promise<Uint8Array> {
  try {
    return await fs.promises.readFile(file);
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code ?? 'unknown error';
    const says = code === 'ENOENT' ? 'It is not there any more.' : `It could not be read (${code}).`;
    throw new GenscopeError('input.invalid', says, 'Check the file.', { detail: String(thrown) });
  }
}

/** Of names, contents and classes: a picture that is moved to another name may change the order. */
async function hashFolder(
  files: readonly string[],
  names: readonly string[],
  labels: Int32Array | null,
  signal: AbortSignal,
): Promise<string> {
  const states = files.map((file) => {
    const stat = fs.statSync(file, { throwIfNoEntry: false });
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
    // One that cannot be read is skipped later, and said so then.
    const bytes = await fs.promises.readFile(file).catch(() => new Uint8Array(0));
    all.update(`${names[i]}\0${labels?.[i] ?? ''}\0`).update(createHash('sha256').update(bytes).digest());
  }
  const hash = all.digest('hex');
  known.set(key, hash);
  return hash;
}
