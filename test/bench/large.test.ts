/** A 1.5 GB generator: how long until its graph is read, and how much memory that takes, in a process of its own. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import esbuild from 'esbuild';
import { it } from 'vitest';
import { writeLargeGenerator } from './support/largeModel.ts';
import { figure, print } from './support/report.ts';

const ROUNDS = 5;

it('opening 1.5 GB', { timeout: 300_000 }, async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'genscope-large-'));
  try {
    const file = path.join(folder, 'large.onnx');
    const size = writeLargeGenerator(file, 640, 102);
    const script = path.join(folder, 'open.cjs');
    await esbuild.build({
      stdin: { contents: OPEN, resolveDir: path.resolve(import.meta.dirname, '../..'), loader: 'ts' },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile: script,
      external: ['onnxruntime-node', 'sharp'],
      logLevel: 'error',
    });
    const rounds = Array.from({ length: ROUNDS }, () =>
      JSON.parse(execFileSync(process.execPath, [script, file], { encoding: 'utf8' })),
    );
    print('opening a 1.5 GB generator', [
      figure('size of the file', 'GB', [size / 1e9]),
      figure(
        'parameters found',
        'M',
        rounds.map(({ parameters }) => parameters / 1e6),
      ),
      figure(
        'graph read, roles guessed',
        'ms',
        rounds.map(({ ms }) => ms),
        { text: '< 2000 ms', holds: (ms) => ms < 2000 },
      ),
      figure(
        'memory added',
        'MB',
        rounds.map(({ rss }) => rss / 1e6),
        { text: '< 150 MB', holds: (mb) => mb < 150 },
      ),
    ]);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

const OPEN = `
import { openModelFile } from './src/engine/modelFile.ts';
import { guessRoles } from './src/engine/loadGenerator.ts';
const before = process.memoryUsage.rss();
const started = performance.now();
const file = openModelFile({ path: process.argv[2] });
guessRoles(file);
const ms = performance.now() - started;
console.log(JSON.stringify({ ms, rss: process.memoryUsage.rss() - before, parameters: file.opened.parameters }));
`;
