/**
 * What scores cost beside NumPy and SciPy doing the same work in the same run. Nothing is asserted: timings are measured,
 * not tested. Python with numpy and scipy is used where there is one (`PYTHON` names it); without, our own times alone.
 *
 * `GENSCOPE_BENCH_ROWS` (default 50,000) sets the rows of precision and recall: at 50,000 × 2048 it takes minutes.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, it } from 'vitest';
import { NumpyRandom } from '../../src/algorithms/latent/numpyRandom.ts';
import { CentredRows, centreOf } from '../../src/algorithms/linalg/distances.ts';
import { nearestAcross } from '../../src/algorithms/linalg/nearest.ts';
import { fid } from '../../src/algorithms/scores/fid.ts';
import { frechetParts, frechetReference } from '../../src/algorithms/scores/frechet.ts';
import { scoreById } from '../../src/algorithms/scores/registry.ts';
import { Moments } from '../../src/algorithms/stats/moments.ts';
import { RuntimeAlgebra } from '../../src/engine/runtime/matmul.ts';
import { inputs } from '../unit/scores/support.ts';
import { figure, print } from './support/report.ts';

const D = 2048;
const PEER_ROWS = 10_000;
const ROWS = Number(process.env.GENSCOPE_BENCH_ROWS ?? 50_000);
const PYTHON = process.env.PYTHON ?? 'python3';
const SCRIPT = path.join(import.meta.dirname, 'scores_numpy.py');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'genscope-bench-'));
const algebra = new RuntimeAlgebra();
let python = false;

beforeAll(() => {
  python = spawnSync(PYTHON, ['-c', 'import numpy, scipy']).status === 0;
  if (!python) console.log(`No ${PYTHON} with numpy and scipy: our times without theirs.`);
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

it('FID from 2048-d statistics', { timeout: 3_600_000 }, async () => {
  const [a, b] = [await statistics(1, 1), await statistics(2, 1.1)];
  const times: number[] = [];
  const processor: number[] = [];
  let root = 0;
  for (let run = 0; run < 3; run++) {
    const { ms, cpu, value } = await timed(async () =>
      frechetParts(a, await frechetReference(b, algebra), algebra),
    );
    times.push(ms);
    processor.push(cpu);
    root = value.root;
  }
  const figures = [figure('FID from statistics', 'ms', times), figure('its processor time', 'ms', processor)];
  if (python) {
    const file = path.join(folder, 'covariances.bin');
    fs.writeFileSync(file, new Uint8Array(a.covariance.buffer));
    fs.appendFileSync(file, new Uint8Array(b.covariance.buffer));
    const theirs = numpy('fid', file, D);
    const ratio = (of: number) => times.map((time) => of / time);
    figures.push(
      figure('scipy.linalg.sqrtm', 'ms', [theirs.sqrtm as number]),
      figure('numpy.linalg.eigh', 'ms', [theirs.eigh as number]),
      figure('times faster than sqrtm', '×', ratio(theirs.sqrtm as number), {
        text: '≥ 4',
        holds: (value) => value >= 4,
      }),
      figure(
        'of eigh (stretch)',
        '×',
        times.map((time) => time / (theirs.eigh as number)),
        {
          text: '≤ 2',
          holds: (value) => value <= 2,
        },
      ),
      figure('relative difference of the trace', '', [Math.abs(root / (theirs.trace as number) - 1)]),
    );
  }
  print('scores, FID', figures);
});

it('FID with its interval, 2,000 × 2048: what the jackknife adds', { timeout: 3_600_000 }, async () => {
  const [generated, reference] = [features(2000, 5), await statistics(2, 1.1)];
  const given = (interval: string) => {
    const one = inputs(generated, null, { algebra, options: { interval } });
    return { ...one, reference: { features: null, statistics: reference, logits: null, labels: null } };
  };
  const plain = await timed(() => fid.compute(given('none')));
  const whole = await timed(() => fid.compute(given('jackknife')));
  const once = await timed(async () =>
    frechetParts(await statistics(1, 1), await frechetReference(reference, algebra), algebra),
  );
  print('scores, FID interval', [
    figure('FID with fit and interval', 'ms', [whole.ms]),
    figure('FID with fit, without interval', 'ms', [plain.ms]),
    figure('20 replicates, in distances from statistics', '×', [(whole.cpu - plain.cpu) / once.cpu], {
      text: '< 20',
      holds: (value) => value < 20,
    }),
  ]);
});

it.each([
  [2000, 'fid,vendi,mauve'],
  [PEER_ROWS, 'fid,vendi,kid,prd'],
])('processor time beside the peers’, %i × 2048', { timeout: 7_200_000 }, async (rows, standard) => {
  const ids = (process.env.GENSCOPE_BENCH_SCORES ?? standard).split(',');
  const [generated, reference] = [features(rows, 1), features(rows, 2)];
  const file = path.join(folder, `peers-${rows}.bin`);
  fs.writeFileSync(file, new Uint8Array(generated.values.buffer));
  fs.appendFileSync(file, new Uint8Array(reference.values.buffer));
  const theirs = hasPeers() ? peers(file, rows, ids) : {};
  const own = new RuntimeAlgebra(1);
  const figures = [];
  for (const id of ids) {
    const spent = async (interval: string) => {
      const options = interval === 'none' ? { interval } : {};
      return (
        await timed(() => scoreById(id).compute(inputs(generated, reference, { algebra: own, options })))
      ).cpu;
    };
    const cpu = await spent('jackknife');
    figures.push(figure(`${id}, with its interval`, 'ms', [cpu]));
    // The others’ intervals cost next to nothing beside their values.
    if (id === 'fid' || id === 'vendi') figures.push(figure(`${id}, the value`, 'ms', [await spent('none')]));
    for (const [name, time] of Object.entries(theirs)) {
      if (!name.startsWith(`${id}: `)) continue;
      figures.push(
        figure(name, 'ms', [time]),
        figure(`with its interval, of ${name}`, '×', [cpu / time], {
          text: '≤ 1',
          holds: (value) => value <= 1,
        }),
      );
    }
  }
  await own.release();
  print(`scores, peers, N = ${rows}`, figures);
});

it(`precision and recall, ${ROWS} × 2048`, { timeout: 7_200_000 }, () => {
  const file = path.join(folder, 'features.bin');
  const descriptor = fs.openSync(file, 'w');
  for (let from = 0; from < 2 * ROWS; from += 1000)
    fs.writeSync(descriptor, new Uint8Array(features(1000, from).values.buffer));
  fs.closeSync(descriptor);
  // In a process of its own, so that its memory is its own.
  const ours = run(bundle(), [file, String(ROWS), String(D)]);
  const figures = [
    figure('precision, recall, density, coverage with intervals', 's', [(ours.wall as number) / 1000]),
    figure('peak memory, features included', 'MB', [ours.peakMB as number], {
      text: '< 1500',
      holds: (value) => value < 1500,
    }),
  ];
  if (python) {
    const theirs = numpy('prdc', file, ROWS, ROWS, D);
    figures.push(
      figure('NumPy, float32: precision and recall alone', 's', [(theirs.wall as number) / 1000]),
      figure('times faster than NumPy', '×', [(theirs.wall as number) / (ours.wall as number)], {
        text: '≥ 1',
        holds: (value) => value >= 1,
      }),
      figure('difference of precision', '', [(ours.precision as number) - (theirs.precision as number)]),
      figure('difference of recall', '', [(ours.recall as number) - (theirs.recall as number)]),
    );
  }
  print('scores, precision and recall', figures);
});

it('nearest neighbours of 1,000 samples among 50,000 × 2048', { timeout: 3_600_000 }, async () => {
  const [samples, images] = [features(1000, 1), features(ROWS, 2)];
  const centre = centreOf(images);
  const [a, b] = [new CentredRows(samples, centre), new CentredRows(images, centre)];
  const [ours, bare]: [number[], number[]] = [[], []];
  for (let run = 0; run < 3; run++) {
    bare.push((await timed(() => bareProducts(a, b))).ms);
    ours.push((await timed(() => nearestAcross(a, b, 5, algebra, async () => {}))).ms);
  }
  print('scores, nearest neighbours', [
    figure('5 nearest of each', 'ms', ours),
    figure('float32 products of the same blocks alone', 'ms', bare),
    figure(
      'share of the products’ speed',
      '×',
      ours.map((ms, i) => (bare[i] as number) / ms),
      { text: '≥ 0.5', holds: (value) => value >= 0.5 },
    ),
  ]);
});

/** The limit: the products that distances are made of, of blocks made beforehand. */
async function bareProducts(a: CentredRows, b: CentredRows): Promise<void> {
  const left = a.block(0, a.source.rows);
  const right = b.block(0, 2048);
  for (let from = 0; from < b.source.rows; from += 2048)
    await algebra.productF32(left, right, { m: a.source.rows, k: D, n: 2048, transposeB: true });
}

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; cpu: number; value: T }> {
  const before = process.cpuUsage();
  const start = performance.now();
  const value = await work();
  const { user, system } = process.cpuUsage(before);
  return { ms: performance.now() - start, cpu: (user + system) / 1000, value };
}

/** Features whose variances fall as those of an image network do. */
function features(rows: number, seed: number) {
  const values = new NumpyRandom(seed).normals(rows * D);
  for (let i = 0; i < values.length; i++)
    values[i] = (values[i] as number) / Math.sqrt(1 + (i % D) / 8) + 0.4;
  return { rows, columns: D, values };
}

async function statistics(seed: number, scale: number) {
  const moments = new Moments(D, algebra);
  const { values } = features(3000, seed);
  await moments.add(values.map((value) => value * scale));
  return { size: D, mean: moments.state.mean, covariance: moments.covariance(), n: 3000 };
}

function numpy(...parameters: (string | number)[]): Record<string, number> {
  // This machine may slow OpenBLAS down by a kernel chosen for older builds: the comparison is with NumPy at its best.
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...env } = process.env;
  const output = execFileSync(PYTHON, [SCRIPT, ...parameters.map(String)], { env, encoding: 'utf8' });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '{}') as Record<string, number>;
}

/** Found, not imported: without torchvision some of them only import beside the stand-ins of the script. */
function hasPeers(): boolean {
  const code =
    "from importlib.util import find_spec as f; import sys; sys.exit(not all(map(f, ['torch', 'torch_fidelity', 'pytorch_fid', 'sklearn'])))";
  return spawnSync(PYTHON, ['-c', code]).status === 0;
}

/** One thread each: processor time of waiting threads is nobody's work. */
function peers(file: string, rows: number, ids: readonly string[]): Record<string, number> {
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...rest } = process.env;
  const script = path.join(import.meta.dirname, 'scores_peers.py');
  const given = [script, file, String(rows), String(D), ids.join(',')];
  const output = execFileSync(PYTHON, given, { env: { ...rest, OMP_NUM_THREADS: '1' }, encoding: 'utf8' });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '{}') as Record<string, number>;
}

function run(script: string, parameters: readonly string[]): Record<string, number> {
  const output = execFileSync(process.execPath, [script, ...parameters], { encoding: 'utf8' });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '{}') as Record<string, number>;
}

/** support/manifoldsProcess.ts as one file that Node runs. */
function bundle(): string {
  const root = path.resolve(import.meta.dirname, '../..');
  const file = path.join(root, '.cache', 'bench-manifolds.mjs');
  execFileSync(
    process.execPath,
    [
      path.join(root, 'node_modules/esbuild/bin/esbuild'),
      path.join(import.meta.dirname, 'support/manifoldsProcess.ts'),
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--external:onnxruntime-node',
      `--outfile=${file}`,
      '--log-level=error',
    ],
    { stdio: 'inherit' },
  );
  return file;
}
