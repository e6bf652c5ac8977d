// Four bundles from one tree: the host (extension), the engine process, the command line, and the page.
// Natives stay outside (`onnxruntime-node`, `sharp`): they are brought in by the allow-list of .vscodeignore.
import { readFile, rm, writeFile } from 'node:fs/promises';
import esbuild from 'esbuild';
import { thirdPartyNotices } from './scripts/lib/notices.mjs';

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');
const { version } = JSON.parse(await readFile('package.json', 'utf8'));

/** @type {import('esbuild').BuildOptions} */
const common = {
  bundle: true,
  sourcemap: production ? false : 'linked',
  minify: production,
  // The licences go into one file instead, with those of the packages that travel beside the bundles.
  legalComments: 'none',
  metafile: true,
  logLevel: 'info',
  define: {
    'process.env.NODE_ENV': JSON.stringify(production ? 'production' : 'development'),
    __GENSCOPE_VERSION__: JSON.stringify(version),
  },
};

/** @type {import('esbuild').BuildOptions} */
const node = {
  ...common,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['vscode', 'onnxruntime-node', 'sharp'],
};

/** @type {import('esbuild').BuildOptions[]} */
const bundles = [
  { ...node, entryPoints: { extension: 'src/extension.ts' }, outdir: 'dist' },
  { ...node, entryPoints: { engine: 'src/engine/main.ts' }, outdir: 'dist' },
  { ...node, entryPoints: { cli: 'src/cli.ts' }, outdir: 'dist', banner: { js: '#!/usr/bin/env node' } },
  {
    ...common,
    entryPoints: { main: 'webview/main.tsx' },
    outdir: 'dist/webview',
    platform: 'browser',
    target: 'chrome120',
    format: 'iife',
    jsx: 'automatic',
    jsxImportSource: 'preact',
  },
];

await rm('dist', { recursive: true, force: true });
if (watch) {
  for (const options of bundles) await (await esbuild.context(options)).watch();
} else {
  const results = await Promise.all(bundles.map((options) => esbuild.build(options)));
  const metafiles = results.flatMap(({ metafile }) => (metafile ? [metafile] : []));
  await writeFile('dist/THIRD_PARTY_NOTICES.txt', thirdPartyNotices('.', metafiles));
}
