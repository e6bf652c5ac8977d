/** The command line as a process of its own. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from './engine.ts';

export const CLI = path.join(ROOT, 'dist', 'cli.js');

export function genscope(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** The same where writing any file under `folder` fails as on a full disk. */
export function genscopeOnFullDisk(folder: string, ...args: string[]) {
  const preload = path.join(import.meta.dirname, 'fullDisk.cjs');
  const env = { ...process.env, NODE_OPTIONS: `--require ${JSON.stringify(preload)}`, GENSCOPE_FULL: folder };
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', env });
  return { status, stdout, stderr };
}

/** Data of a .npy file with its header's literal. */
export function readNpy(file: string) {
  const bytes = fs.readFileSync(file);
  const length = bytes.readUInt16LE(8);
  return { header: bytes.subarray(10, 10 + length).toString(), data: bytes.subarray(10 + length) };
}
