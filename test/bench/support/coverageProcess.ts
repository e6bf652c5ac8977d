/**
 * One part of scripts/coverage.mjs: draws samples, computes scores, and adds a line of JSON for each draw to a file, of which
 * the draws that are there already are passed over. `node coverage.mjs FILE DRAWS [SCORES]`, names separated by commas.
 */
import fs from 'node:fs';
import { withInterval } from '../../../src/algorithms/scores/bothSides.ts';
import { scoreById } from '../../../src/algorithms/scores/registry.ts';
import { RuntimeAlgebra } from '../../../src/engine/runtime/matmul.ts';
import { gaussian, inputs } from '../../unit/scores/support.ts';

const D = 16;
const SIZES = [500, 1000, 2500];
/** Those that cost little first, so that the first hours fill most of the table. */
const PHASES = [
  ['precision', 'recall', 'density', 'coverage', 'authpct', 'realism', 'vendi', 'frontier'],
  ['fid', 'kid', 'prd', 'cmmd', 'ct', 'ndb'],
  ['mauve'],
];

const [file = '', draws = '0', only] = process.argv.slice(2);
const algebra = new RuntimeAlgebra(1);
const there = new Set<string>();
if (fs.existsSync(file)) {
  for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue;
    const { score, n, mode, draw } = JSON.parse(line) as Record<string, string | number>;
    there.add(`${score} ${n} ${mode} ${draw}`);
  }
}
for (const scores of only === undefined ? PHASES : [only.split(',')]) {
  for (let draw = 0; draw < Number(draws); draw++) {
    for (const n of SIZES) for (const mode of ['held', 'anew']) await one(scores, draw, n, mode);
  }
}
await algebra.release();

async function one(scores: readonly string[], draw: number, n: number, mode: string): Promise<void> {
  const reference = gaussian(n, D, mode === 'held' ? 7 : 500_000 + draw);
  const generated = gaussian(n, D, 1000 + draw, 0.2, 1.1);
  const shared = new Map<string, unknown>();
  const sharedReference = new Map<string, unknown>();
  for (const id of scores) {
    if (there.has(`${id} ${n} ${mode} ${draw}`)) continue;
    const given = { ...inputs(generated, reference, { algebra }), shared, sharedReference };
    const start = process.cpuUsage();
    const values = await withInterval(scoreById(id), given);
    const found = values.map(({ name, value, interval }) => ({ name, value, interval }));
    const cpu = process.cpuUsage(start).user / 1e6;
    fs.appendFileSync(file, `${JSON.stringify({ score: id, n, mode, draw, cpu, values: found })}\n`);
  }
}
