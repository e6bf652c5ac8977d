/** Which pictures lie in folders: found by their endings, in the order of their paths. */
import type { Dirent } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { GenscopeError } from '../shared/errors.ts';
import { nextTurn, throwIfCancelled } from './queue.ts';

/** Formats that are pictures to a person; one that cannot be decoded here is said to be so when it is its turn. */
const PICTURES = new Set([
  '.png',
  '.jpg',
  '.jpeg',
  '.jfif',
  '.webp',
  '.gif',
  '.tif',
  '.tiff',
  '.bmp',
  '.avif',
]);

/** Whether a name ends like a picture's. */
export function isPicture(name: string): boolean {
  return PICTURES.has(path.extname(name).toLowerCase());
}

export interface FoundImages {
  /** Full paths, sorted by code units: the same order on every machine. */
  readonly files: readonly string[];
  /** Folders that could not be read, and links that lead elsewhere. */
  readonly warnings: readonly string[];
}

/**
 * The files among `inputs` as they are, whatever their endings, and the pictures in its folders, read through. Hidden
 * files and folders are passed over. Links are followed to files inside the chosen folder only.
 * @throws GenscopeError `input.invalid` for an input that is not there or cannot be read; `request.cancelled`
 */
export async function findImages(inputs: readonly string[], signal: AbortSignal): Promise<FoundImages> {
  const files = new Set<string>();
  const warnings: string[] = [];
  for (const input of inputs) {
    const full = path.resolve(input);
    const stat = await fs.stat(full).catch((thrown: unknown) => {
      throw inputError(full, thrown);
    });
    if (stat.isDirectory()) await readThrough(full, files, warnings, signal);
    else files.add(full);
  }
  return { files: [...files].sort(byCodeUnits), warnings };
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

async function readThrough(
  root: string,
  files: Set<string>,
  warnings: string[],
  signal: AbortSignal,
): Promise<void> {
  const waiting = [root];
  let linked = 0;
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    throwIfCancelled(signal);
    for (const entry of await entriesOf(folder, root, warnings)) {
      const full = path.join(folder, entry.name);
      if (entry.isDirectory()) waiting.push(full);
      else if (!isPicture(entry.name)) continue;
      else if (entry.isFile() || (entry.isSymbolicLink() && (await staysInside(full, root)))) files.add(full);
      else linked++;
    }
    await nextTurn();
  }
  if (linked > 0)
    warnings.push(
      linked === 1
        ? `One picture in ${root} is a link that leads out of the folder; it is left out.`
        : `${linked} pictures in ${root} are links that lead out of the folder; they are left out.`,
    );
}

async function entriesOf(folder: string, root: string, warnings: string[]): Promise<Dirent[]> {
  try {
    const entries = await fs.readdir(folder, { withFileTypes: true });
    return entries.filter(({ name }) => !name.startsWith('.'));
  } catch (thrown) {
    if (folder === root) throw inputError(folder, thrown);
    warnings.push(`The folder ${folder} could not be read (${codeOf(thrown)}); its pictures are left out.`);
    return [];
  }
}

async function staysInside(link: string, root: string): Promise<boolean> {
  try {
    const target = await fs.realpath(link);
    const inside = path.relative(await fs.realpath(root), target);
    return !inside.startsWith('..') && !path.isAbsolute(inside) && (await fs.stat(target)).isFile();
  } catch {
    // A link to nothing leads nowhere inside, either.
    return false;
  }
}

function codeOf(thrown: unknown): string {
  return (thrown as NodeJS.ErrnoException).code ?? String(thrown);
}

function inputError(file: string, thrown: unknown): GenscopeError {
  const code = codeOf(thrown);
  const gone = code === 'ENOENT' || code === 'ENOTDIR';
  return new GenscopeError(
    'input.invalid',
    gone ? `There is no file or folder at ${file}.` : `${file} could not be read (${code}).`,
    gone ? 'Choose the pictures again.' : 'Check that you may read it.',
    { next: ['retry'], detail: String(thrown) },
  );
}
