/** The packaged extension, as a person would install it. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CACHE, hashFiles, ROOT, run, step } from './proc.mjs';

const TARGET = 'linux-x64';
/**
 * What decides the package's content. Not `dist`: packaging builds it anew (vscode:prepublish), so its content before
 * says nothing of the content after.
 */
const SOURCES = [
  ...[
    'src',
    'webview',
    'media',
    'esbuild.mjs',
    '.vscodeignore',
    'scripts/package.mjs',
    'scripts/lib/notices.mjs',
  ],
  ...[
    'package.json',
    'package.nls.json',
    'package-lock.json',
    'tsconfig.base.json',
    'README.md',
    'CHANGELOG.md',
    'LICENSE',
  ],
];

/** @type {typeof import('./vsix.d.mts').packageVsix} */
export async function packageVsix() {
  const folder = join(CACHE, 'vsix');
  const file = join(folder, `genscope-${TARGET}-${await hashFiles(await listSources())}.vsix`);
  if (existsSync(file)) return file;

  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // Under another name until it is whole, so that an interrupted run leaves nothing that looks like a package.
  const partial = join(folder, 'partial.vsix');
  await step('package the extension', () =>
    run(process.execPath, [join(ROOT, 'scripts', 'package.mjs'), TARGET, '--out', partial]),
  );
  await rename(partial, file);
  return file;
}

async function listSources() {
  const files = [];
  for (const source of SOURCES) {
    const path = join(ROOT, source);
    const inside = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => undefined);
    if (!inside) files.push(path);
    else
      files.push(
        ...inside
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath ?? entry.path, entry.name)),
      );
  }
  return files.sort();
}
