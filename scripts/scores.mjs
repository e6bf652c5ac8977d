/**
 * `node scripts/scores.mjs [--samples 2000] [--json FILE]`: the scores of every checkpoint of the demo, as a Markdown
 * table with intervals, and how each score ranks the checkpoints (Spearman's correlation with the training step). Builds
 * nothing: `npm run build` comes first. Features are kept in .cache, so that a second run takes seconds.
 */
import { spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, execPath } from 'node:process';
import { parseArgs } from 'node:util';
import { CACHE, Complaint, fail, ROOT } from './lib/proc.mjs';

/** @typedef {{ score: string, name: string, value: number, interval: [number, number] | null, n: number, warnings: string[] }} Value */
/** @typedef {{ step: number, scores: Value[] }} Row */

const DEMO = join(ROOT, 'media', 'demo');
const SCORES = 'fid,fid-infinity,kid,precision,recall,density,coverage,frontier,is,is-infinity';

/**
 * @param {string} model
 * @param {readonly string[]} more
 * @returns {Promise<Value[]>}
 */
function score(model, more) {
  const words = [
    ...[join(ROOT, 'dist', 'cli.js'), 'score', model],
    ...['--reference', join(DEMO, 'reference.zip'), '--extractor', join(DEMO, 'extractor.onnx')],
    ...['--scores', SCORES, '--json', '--cache', join(CACHE, 'scores'), ...more],
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve(JSON.parse(text).scores);
      else reject(new Complaint(`genscope score ${model} ended with ${code ?? signal}.`));
    });
  });
}

/**
 * Ranks from 1, ties shared evenly.
 * @param {readonly number[]} values
 */
function ranks(values) {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal + 1) / 2;
  });
}

/**
 * Spearman's ρ: Pearson's correlation of the ranks.
 * @param {readonly number[]} x
 * @param {readonly number[]} y
 */
function spearman(x, y) {
  const [a, b] = [ranks(x), ranks(y)];
  const middle = (x.length + 1) / 2;
  let [both, first, second] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [Number(a[i]) - middle, Number(b[i]) - middle];
    both += p * q;
    first += p * p;
    second += q * q;
  }
  return both / Math.sqrt(first * second);
}

/** @param {number} value */
function digits(value) {
  const size = Math.abs(value);
  return value.toFixed(size === 0 ? 3 : Math.max(0, Math.min(5, 2 - Math.floor(Math.log10(size)))));
}

/** @param {Value} value */
function cell({ value, interval }) {
  if (interval === null) return digits(value);
  return `${digits(value)} <sub>${digits(interval[0])}–${digits(interval[1])}</sub>`;
}

/** @param {readonly Row[]} rows */
function table(rows) {
  const names = rows[0]?.scores.map(({ name }) => name) ?? [];
  const lines = [
    `| step | ${names.join(' | ')} |`,
    `|---|${'---|'.repeat(names.length)}`,
    ...rows.map(({ step, scores }) => `| ${step.toLocaleString('en')} | ${scores.map(cell).join(' | ')} |`),
    `| ρ with the step | ${names.map((_, k) => correlation(rows, k)).join(' | ')} |`,
  ];
  return lines.join('\n');
}

/**
 * @param {readonly Row[]} rows
 * @param {number} k which value
 */
function correlation(rows, k) {
  const steps = rows.map(({ step }) => step);
  return spearman(
    steps,
    rows.map(({ scores }) => Number(scores[k]?.value)),
  ).toFixed(2);
}

async function main() {
  const { values } = parseArgs({
    args: argv.slice(2),
    options: { samples: { type: 'string', default: '2000' }, json: { type: 'string' } },
  });
  const folder = join(DEMO, 'checkpoints');
  const files = readdirSync(folder).filter((name) => name.endsWith('.onnx'));
  /** @type {Row[]} */
  const rows = [];
  for (const name of files.sort()) {
    console.error(name);
    const step = Number(/\d+/.exec(name)?.[0]);
    rows.push({ step, scores: await score(join(folder, name), ['--samples', values.samples]) });
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows)}\n`);
  console.log(table(rows));
}

main().catch(fail);
