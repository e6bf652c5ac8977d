/**
 * Peak memory and time of opening, editing and sampling, each in a process of its own, against a bare session of the
 * runtime that makes one sample. What a Node process takes before it does anything is in all of them.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { it } from 'vitest';
import { writeGeneratorOf256 } from './support/madeUpModels.ts';
import { figure, print } from './support/report.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const CLI = path.join(ROOT, 'dist', 'cli.js');
const ROUNDS = 3;
const GOAL = { text: '≤ 1.2', holds: (ratio: number) => ratio <= 1.2 };

const BARE = `
process.env.ORT_DISABLE_TELEMETRY = '1';
const ort = require('onnxruntime-node');
ort.InferenceSession.create(process.argv[1], { executionProviders: ['cpu'], logSeverityLevel: 4 }).then(async (session) => {
  const feeds = {};
  for (const { name, type, shape } of session.inputMetadata) {
    const dims = shape.map((dim) => (typeof dim === 'number' ? dim : 1));
    const size = dims.reduce((a, b) => a * b, 1);
    const data = type === 'int64' ? new BigInt64Array(size) : new Float32Array(size).fill(0.1);
    feeds[name] = new ort.Tensor(type, data, dims);
  }
  await session.run(feeds);
  console.log(JSON.stringify({ peak: process.resourceUsage().maxRSS / 1024 }));
});`;

/** Says the peak of the child that works, as it ends. */
const PEAK = `if (process.env.GENSCOPE_CHILD) process.on('exit', () =>
  require('fs').writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS / 1024)));`;

interface Measured {
  readonly peak: number;
  readonly ms: number;
}

function bare(model: string): Measured {
  const started = performance.now();
  const { peak } = JSON.parse(
    execFileSync(process.execPath, ['-e', BARE, model], { cwd: ROOT, encoding: 'utf8' }),
  );
  return { peak, ms: performance.now() - started };
}

function genscope(folder: string, args: readonly string[]): Measured {
  const [preload, file] = ['peak.cjs', 'peak.txt'].map((name) => path.join(folder, name)) as [string, string];
  fs.writeFileSync(preload, PEAK);
  const env = { ...process.env, NODE_OPTIONS: `--require ${preload}`, PEAK_FILE: file };
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [CLI, ...args], { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return { peak: Number(fs.readFileSync(file, 'utf8')), ms: performance.now() - started };
}

it('memory of opening, editing and sampling', { timeout: 1_200_000 }, () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'genscope-memory-'));
  try {
    const models = {
      'mem20 (20 convolutions at 1024²)': path.join(ROOT, 'test/fixtures/field/mem20.onnx'),
      'zoo’s largest (esrgan excepted: stylegan3-unfused)': path.join(
        ROOT,
        'test/fixtures/zoo/models/stylegan3-unfused.ts.op17.onnx',
      ),
      '256² made up': writeGeneratorOf256(path.join(folder, 'made-up.onnx')),
    };
    for (const [name, model] of Object.entries(models)) {
      const described = JSON.parse(
        execFileSync(process.execPath, [CLI, 'describe', model, '--json'], {
          encoding: 'utf8',
          maxBuffer: 2 ** 28,
        }),
      );
      const layer = described.layers.at(-1)?.tensor ?? described.layers[0]?.tensor;
      const edit = path.join(folder, 'edit.json');
      fs.writeFileSync(
        edit,
        JSON.stringify({ schema: 1, edits: [{ layer, units: [0], scale: 0, shift: 0 }] }),
      );
      const png = path.join(folder, 'a.png');
      const work: Readonly<Record<string, readonly string[]>> = {
        'opening (describe)': ['describe', model, '--json'],
        'one sample': ['sample', model, '--count', '1', '--out', png],
        ...(layer !== undefined && {
          'one sample edited': ['edit', model, '--edit', edit, '--count', '1', '--sample', png],
        }),
      };
      const rounds = Array.from({ length: ROUNDS }, () => ({
        bare: bare(model),
        ours: Object.entries(work).map(([what, args]) => ({ what, ...genscope(folder, args) })),
      }));
      const of = (what: string, pick: (one: Measured) => number) =>
        rounds.map(({ ours }) => pick(ours.find((one) => one.what === what) as Measured));
      print(`memory, ${name}`, [
        figure(
          'bare session, peak',
          'MB',
          rounds.map((round) => round.bare.peak),
        ),
        figure(
          'bare session',
          'ms',
          rounds.map((round) => round.bare.ms),
        ),
        ...Object.keys(work).flatMap((what) => [
          figure(
            `${what}, peak`,
            'MB',
            of(what, ({ peak }) => peak),
          ),
          figure(
            `${what}, peak / bare`,
            '×',
            of(what, ({ peak }) => peak).map((peak, i) => peak / (rounds[i]?.bare.peak ?? 1)),
            GOAL,
          ),
          figure(
            what,
            'ms',
            of(what, ({ ms }) => ms),
          ),
        ]),
      ]);
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});
