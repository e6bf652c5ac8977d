/**
 * k-means: Lloyd's algorithm from k-means++ seeds, several times, the best kept.
 * Sources: Lloyd 1982; Arthur & Vassilvitskii, "k-means++: the advantages of careful seeding", 2007 (the greedy variant,
 * 2 + ⌊ln k⌋ candidates a centre, that its section 5.1 names and scikit-learn uses).
 */
import { NumpyRandom } from '../latent/numpyRandom.ts';
import type { Rows } from './distances.ts';
import type { LinearAlgebra } from './types.ts';

export interface Clusters {
  readonly k: number;
  /** Of each row, 0…k − 1. */
  readonly labels: Int32Array;
  /** float32 [k, columns] */
  readonly centres: Float32Array;
  /** Σ ‖x − its centre‖² */
  readonly inertia: number;
  /** Rounds of the restart that was kept. */
  readonly rounds: number;
}

export interface ClusterOptions {
  readonly k: number;
  readonly restarts: number;
  readonly rounds: number;
  readonly seed: number;
}

const BLOCK = 2048;
const SEEDS_AT_ONCE = 8;

/**
 * Every cluster has a row: one that loses all takes the row that is farthest from its centre. With fewer different rows
 * than k there are as many clusters as those.
 *
 * @param pause called after each round and each few seeds; throws to stop
 */
export async function kMeans(
  rows: Rows,
  options: ClusterOptions,
  algebra: LinearAlgebra,
  pause: () => Promise<void>,
): Promise<Clusters> {
  const random = new NumpyRandom(options.seed);
  let best: Clusters | undefined;
  for (let restart = 0; restart < options.restarts; restart++) {
    const found = await lloyd(
      rows,
      await seeds(rows, Math.min(options.k, rows.rows), random, pause),
      options.rounds,
      algebra,
      pause,
    );
    if (best === undefined || found.inertia < best.inertia) best = found;
  }
  return best as Clusters;
}

/** Rows that become the first centres, [k] or fewer where the rest coincide with them. */
async function seeds(
  rows: Rows,
  k: number,
  random: NumpyRandom,
  pause: () => Promise<void>,
): Promise<Int32Array> {
  const n = rows.rows;
  const candidates = 2 + Math.floor(Math.log(k));
  const nearest = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  const chosen: number[] = [];
  let total = Number.POSITIVE_INFINITY;
  while (chosen.length < k && total > 0) {
    let best = -1;
    let bestDistances: Float64Array | undefined;
    let bestTotal = Number.POSITIVE_INFINITY;
    for (const at of random.uniforms(chosen.length === 0 ? 1 : candidates)) {
      const row = chosen.length === 0 ? Math.floor(at * n) : drawn(nearest, at * total);
      const distances = new Float64Array(n);
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const distance = Math.min(nearest[i] as number, square(rows, i, row));
        distances[i] = distance;
        sum += distance;
      }
      if (sum >= bestTotal) continue;
      best = row;
      bestDistances = distances;
      bestTotal = sum;
    }
    if (best < 0 || bestDistances === undefined) break;
    chosen.push(best);
    // Thousands of seeds among many rows take hours: they can be called off too.
    if (chosen.length % SEEDS_AT_ONCE === 0) await pause();
    nearest.set(bestDistances);
    total = bestTotal;
  }
  return Int32Array.from(chosen);
}

/** The index at which the running sum of the weights passes a value. */
function drawn(weights: Float64Array, value: number): number {
  let sum = 0;
  let last = 0;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i] as number;
    if (weight === 0) continue;
    sum += weight;
    last = i;
    if (sum > value) return i;
  }
  return last;
}

async function lloyd(
  rows: Rows,
  from: Int32Array,
  most: number,
  algebra: LinearAlgebra,
  pause: () => Promise<void>,
): Promise<Clusters> {
  const { columns, values } = rows;
  const k = from.length;
  const centres = new Float32Array(k * columns);
  from.forEach((row, c) => {
    centres.set(values.subarray(row * columns, (row + 1) * columns), c * columns);
  });
  let assigned = await assign(rows, centres, k, algebra);
  for (let round = 1; ; round++) {
    await pause();
    move(rows, assigned, centres, k);
    const next = await assign(rows, centres, k, algebra);
    const settled = next.labels.every((label, i) => label === assigned.labels[i]);
    assigned = next;
    if (settled || round >= most) {
      return {
        k,
        labels: next.labels,
        centres,
        inertia: next.squares.reduce((a, b) => a + b, 0),
        rounds: round,
      };
    }
  }
}

interface Assignment {
  readonly labels: Int32Array;
  /** Squared distance to the centre, [rows] */
  readonly squares: Float64Array;
}

/** Each row to its nearest centre; the first of those equally near by the rounded products. */
async function assign(
  rows: Rows,
  centres: Float32Array,
  k: number,
  algebra: LinearAlgebra,
): Promise<Assignment> {
  const { rows: n, columns, values } = rows;
  const labels = new Int32Array(n);
  const squares = new Float64Array(n);
  const norms = new Float64Array(k);
  for (let c = 0; c < k; c++) {
    for (let j = 0; j < columns; j++)
      norms[c] = (norms[c] as number) + (centres[c * columns + j] as number) ** 2;
  }
  for (let from = 0; from < n; from += BLOCK) {
    const to = Math.min(n, from + BLOCK);
    const block = values.subarray(from * columns, to * columns);
    const products = await algebra.productF32(block, centres, {
      m: to - from,
      k: columns,
      n: k,
      transposeB: true,
    });
    for (let i = from; i < to; i++) {
      let least = Number.POSITIVE_INFINITY;
      let label = 0;
      for (let c = 0, at = (i - from) * k; c < k; c++, at++) {
        const distance = (norms[c] as number) - 2 * (products[at] as number);
        if (distance < least) {
          least = distance;
          label = c;
        }
      }
      labels[i] = label;
      squares[i] = squareTo(rows, i, centres, label);
    }
  }
  fillEmpty(labels, squares, k);
  return { labels, squares };
}

/** A cluster without rows takes the row that is worst off, from one that has others. */
function fillEmpty(labels: Int32Array, squares: Float64Array, k: number): void {
  const counts = new Int32Array(k);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  for (let c = 0; c < k; c++) {
    if ((counts[c] as number) > 0) continue;
    let worst = -1;
    for (let i = 0; i < labels.length; i++) {
      if ((counts[labels[i] as number] as number) < 2) continue;
      if (worst < 0 || (squares[i] as number) > (squares[worst] as number)) worst = i;
    }
    if (worst < 0) return;
    const before = labels[worst] as number;
    counts[before] = (counts[before] as number) - 1;
    counts[c] = 1;
    labels[worst] = c;
    squares[worst] = 0;
  }
}

/** Centres to the means of their rows. */
function move({ columns, values }: Rows, { labels }: Assignment, centres: Float32Array, k: number): void {
  const sums = new Float64Array(k * columns);
  const counts = new Int32Array(k);
  labels.forEach((label, i) => {
    counts[label] = (counts[label] as number) + 1;
    for (let j = 0; j < columns; j++) {
      sums[label * columns + j] = (sums[label * columns + j] as number) + (values[i * columns + j] as number);
    }
  });
  for (let c = 0; c < k; c++) {
    const count = counts[c] as number;
    if (count === 0) continue;
    for (let j = 0; j < columns; j++) centres[c * columns + j] = (sums[c * columns + j] as number) / count;
  }
}

function square(rows: Rows, i: number, j: number): number {
  return squareTo(rows, i, rows.values, j);
}

function squareTo({ columns, values }: Rows, i: number, others: Float32Array, j: number): number {
  let sum = 0;
  for (let l = 0, at = i * columns, to = j * columns; l < columns; l++, at++, to++) {
    sum += ((values[at] as number) - (others[to] as number)) ** 2;
  }
  return sum;
}
