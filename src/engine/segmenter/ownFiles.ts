/**
 * Models in the Hugging Face cache are links: snapshots/<commit>/onnx/model.onnx → blobs/<hash>. ONNX Runtime follows the
 * one to the model, but not those to external weights, which would leave the model's folder. Those models are laid out a
 * second time, as hard links beside the blobs: no byte is copied.
 */

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { statIfThere } from '../../shared/files/there.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';

/** @returns `file`, or one of the same name that has its weights beside it */
export function asOwnFiles(file: string, externalFiles: readonly string[]): string {
  const folder = path.dirname(file);
  const inside = externalFiles.filter(
    (name) => !path.isAbsolute(name) && !name.split(/[\\/]/).includes('..'),
  );
  if (
    inside.length === 0 ||
    ![...inside, path.basename(file)].some((name) => isLink(path.join(folder, name)))
  )
    return file;
  const real = [path.basename(file), ...inside].map(
    (name) => [name, realPath(path.join(folder, name))] as const,
  );
  const present = real.filter(([, target]) => target !== null) as (readonly [string, string])[];
  const key = createHash('sha256')
    .update(JSON.stringify(present.map(state)))
    .digest('hex')
    .slice(0, 16);
  const model = present[0]?.[1] ?? file;
  const near = path.join(path.dirname(path.dirname(model)), 'genscope', key);
  // A cache that may only be read (a shared one) gets its copies in the temporary folder.
  const problem = layOut(present, near);
  if (problem === null) return path.join(near, path.basename(file));
  const temporary = path.join(os.tmpdir(), 'genscope-weights', key);
  const second = layOut(present, temporary);
  if (second === null) return path.join(temporary, path.basename(file));
  throw new GenscopeError(
    'output.notWritable',
    'The weights of the segmenter are links, and could not be laid out as files.',
    'Free some disk space, or copy the segmenter to a folder of its own.',
    { detail: `${String(problem)}\n${String(second)}` },
  );
}

function isLink(file: string): boolean {
  return fs.lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function realPath(file: string): string | null {
  return fs.existsSync(file) ? fs.realpathSync(file) : null;
}

/** What has changed when the files have. */
function state([name, target]: readonly [string, string]): readonly unknown[] {
  const { size, mtimeMs } = fs.statSync(target);
  return [name, target, size, mtimeMs];
}

/** @returns what went wrong; null when all files are there */
function layOut(files: readonly (readonly [string, string])[], folder: string): unknown {
  try {
    for (const [name, target] of files) place(target, path.join(folder, name));
    return null;
  } catch (thrown) {
    return thrown;
  }
}

function place(target: string, file: string): void {
  const there = statIfThere(file);
  if (there && there.size === fs.statSync(target).size) return;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  // Under another name until it is whole: a second engine may be doing the same.
  const part = `${file}.${process.pid}.part`;
  fs.rmSync(part, { force: true });
  try {
    fs.linkSync(target, part);
  } catch {
    // Another disk, or a file system without hard links: then bytes it is.
    fs.copyFileSync(target, part);
  }
  fs.renameSync(part, file);
}
