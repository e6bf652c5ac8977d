/** A process that reads float32 features of both sides from a file and prints their manifolds' values, time and memory. */
import fs from 'node:fs';
import { manifolds } from '../../../src/algorithms/scores/manifolds.ts';
import type { Matrix } from '../../../src/algorithms/scores/types.ts';
import { RuntimeAlgebra } from '../../../src/engine/runtime/matmul.ts';
import { inputs } from '../../unit/scores/support.ts';

const [file = '', rows = '0', columns = '0'] = process.argv.slice(2);
const descriptor = fs.openSync(file, 'r');

function side(which: number): Matrix {
  const bytes = Number(rows) * Number(columns) * 4;
  const values = new Float32Array(bytes / 4);
  fs.readSync(descriptor, values, 0, bytes, which * bytes);
  return { rows: Number(rows), columns: Number(columns), values };
}

const given = inputs(side(0), side(1), {
  algebra: new RuntimeAlgebra(),
  report: (share) => process.stderr.write(`\r${(share * 100).toFixed(0)} %`),
});
const start = performance.now();
const found = await manifolds(given, { k: 3, kDensity: 5 });
const wall = performance.now() - start;
const peakMB = process.resourceUsage().maxRSS / 1024;
const { precision, recall, density, coverage } = found;
console.log(
  JSON.stringify({
    wall,
    peakMB,
    precision: precision.value,
    recall: recall.value,
    density: density.value,
    coverage: coverage.value,
  }),
);
