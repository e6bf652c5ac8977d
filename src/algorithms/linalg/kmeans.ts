/**
 * k-means: Lloyd's algorithm from k-means++ seeds, several times, the best kept.
 * Sources: Lloyd 1982; Arthur & Vassilvitskii, "k-means++: the advantages of careful seeding", 2007 (the greedy variant,
 * 2 + ⌊ln k⌋ candidates a centre, that its section 5.1 names and scikit-learn uses).
 */
import { NumpyRandom } from '../latent/numpyRandom.ts';
import { distanceRounding, type Rows } from './distances.ts';
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
  /** Where the first centres come from; k-means++ without it. */
  readonly start?: 'k-means++' | 'random';
  /** Told of what each restart found, the one that is kept among them. */
  readonly each?: (found: Clusters) => void;
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
  const normed = { ...rows, norms: normsOf(rows) };
  const k = Math.min(options.k, rows.rows);
  let best: Clusters | undefined;
  for (let restart = 0; restart < options.restarts; restart++) {
    const start =
      options.start === 'random'
        ? randomRows(rows, k, random)
        : await seeds(normed, k, random, algebra, pause);
    const found = await lloyd(normed, start, options.rounds, algebra, pause);
    options.each?.(found);
    if (best === undefined || found.inertia < best.inertia) best = found;
  }
  return best as Clusters;
}

/** Different rows drawn at random, as faiss starts; fewer than k where there are no more. */
function randomRows({ rows, columns, values }: Rows, k: number, random: NumpyRandom): Int32Array {
  const seen = new Set<string>();
  const chosen: number[] = [];
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  for (const row of random.permutation(rows)) {
    if (chosen.length === k) break;
    const key = bytes.toString('latin1', row * columns * 4, (row + 1) * columns * 4);
    if (seen.has(key)) continue;
    seen.add(key);
    chosen.push(row);
  }
  return Int32Array.from(chosen);
}

/** Rows that become the first centres, [k] or fewer where the rest coincide with them. */
async function seeds(
  rows: Normed,
  k: number,
  random: NumpyRandom,
  algebra: LinearAlgebra,
  pause: () => Promise<void>,
): Promise<Int32Array> {
  const n = rows.rows;
  const candidates = 2 + Math.floor(Math.log(k));
  const nearest = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  const chosen: number[] = [];
  let total = Number.POSITIVE_INFINITY;
  while (chosen.length < k && total > 0) {
    const tried = Array.from(random.uniforms(chosen.length === 0 ? 1 : candidates), (at) =>
      chosen.length === 0 ? Math.floor(at * n) : drawn(nearest, at * total),
    );
    const squares = await squaresTo(rows, tried, algebra);
    let best = 0;
    let bestTotal = Number.POSITIVE_INFINITY;
    for (let c = 0; c < tried.length; c++) {
      let sum = 0;
      for (let i = 0, at = c * n; i < n; i++, at++) {
        const square = squares[at] as number;
        const known = nearest[i] as number;
        sum += square < known ? square : known;
      }
      if (sum >= bestTotal) continue;
      best = c;
      bestTotal = sum;
    }
    if (bestTotal === Number.POSITIVE_INFINITY) break;
    chosen.push(tried[best] as number);
    // Thousands of seeds among many rows take hours: they can be called off too.
    if (chosen.length % SEEDS_AT_ONCE === 0) await pause();
    for (let i = 0, at = best * n; i < n; i++, at++) {
      if ((squares[at] as number) < (nearest[i] as number)) nearest[i] = squares[at] as number;
    }
    total = bestTotal;
  }
  return Int32Array.from(chosen);
}

/** Squared distances of all rows to some of them, [chosen, rows]; from the differences where rounding would tell. */
async function squaresTo(
  rows: Normed,
  chosen: readonly number[],
  algebra: LinearAlgebra,
): Promise<Float64Array> {
  const { rows: n, columns, values, norms } = rows;
  const centres = gathered(rows, chosen);
  const out = new Float64Array(chosen.length * n);
  const rounding = 8 * distanceRounding(columns);
  for (let from = 0; from < n; from += BLOCK) {
    const to = Math.min(n, from + BLOCK);
    const products = await algebra.productF32(centres, values.subarray(from * columns, to * columns), {
      m: chosen.length,
      k: columns,
      n: to - from,
      transposeB: true,
    });
    for (const [c, row] of chosen.entries()) {
      for (let i = from, at = c * (to - from); i < to; i++, at++) {
        const sum = (norms[i] as number) + (norms[row] as number);
        const square = sum - 2 * (products[at] as number);
        out[c * n + i] = square > rounding * sum ? square : squareTo(rows, i, values, row);
      }
    }
  }
  return out;
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

/** Rows with their squared norms. */
interface Normed extends Rows {
  /** [rows] */
  readonly norms: Float64Array;
}

/** Where the rows are, and what is known of their distances. */
interface Assignment {
  readonly labels: Int32Array;
  /** At least the distance to the centre, [rows] */
  readonly upper: Float64Array;
  /** At most the distance to any other, [rows] */
  readonly lower: Float64Array;
}

/**
 * Lloyd's rounds; a row whose bounds say that no other centre can be nearer is not looked at (Hamerly, "Making k-means
 * even faster", 2010): after a few rounds that is most of them.
 */
async function lloyd(
  rows: Normed,
  from: Int32Array,
  most: number,
  algebra: LinearAlgebra,
  pause: () => Promise<void>,
): Promise<Clusters> {
  const { rows: n, columns } = rows;
  const k = from.length;
  const centres = gathered(rows, from);
  const state: Assignment = {
    labels: new Int32Array(n),
    upper: new Float64Array(n),
    lower: new Float64Array(n),
  };
  await assign(
    rows,
    Int32Array.from({ length: n }, (_, i) => i),
    centres,
    k,
    state,
    algebra,
  );
  fillEmpty(state, k);
  const sums = new Float64Array(k * columns);
  const counts = new Int32Array(k);
  for (let i = 0; i < n; i++) count(rows, i, state.labels[i] as number, 1, sums, counts);
  for (let round = 1; ; round++) {
    await pause();
    const moved = move(sums, counts, centres, columns);
    const farthest = moved.reduce((a, b) => Math.max(a, b), 0);
    const active: number[] = [];
    for (let i = 0; i < n; i++) {
      state.upper[i] = (state.upper[i] as number) + (moved[state.labels[i] as number] as number);
      state.lower[i] = (state.lower[i] as number) - farthest;
      if ((state.upper[i] as number) >= (state.lower[i] as number)) active.push(i);
    }
    const before = state.labels.slice();
    await assign(rows, Int32Array.from(active), centres, k, state, algebra);
    fillEmpty(state, k);
    let changed = 0;
    for (let i = 0; i < n; i++) {
      const [was, is] = [before[i] as number, state.labels[i] as number];
      if (was === is) continue;
      changed++;
      count(rows, i, was, -1, sums, counts);
      count(rows, i, is, 1, sums, counts);
    }
    if (changed === 0 || round >= most) {
      let inertia = 0;
      for (let i = 0; i < n; i++) inertia += squareTo(rows, i, centres, state.labels[i] as number);
      return { k, labels: state.labels, centres, inertia, rounds: round };
    }
  }
}

/** Each of these rows to its nearest centre; the first of those equally near by the rounded products. */
async function assign(
  rows: Normed,
  active: Int32Array,
  centres: Float32Array,
  k: number,
  { labels, upper, lower }: Assignment,
  algebra: LinearAlgebra,
): Promise<void> {
  const { columns, values, norms: own } = rows;
  const whole = active.length === rows.rows;
  const norms = new Float64Array(k);
  for (let c = 0; c < k; c++) {
    for (let j = 0; j < columns; j++)
      norms[c] = (norms[c] as number) + (centres[c * columns + j] as number) ** 2;
  }
  const slack = distanceRounding(columns);
  for (let from = 0; from < active.length; from += BLOCK) {
    const to = Math.min(active.length, from + BLOCK);
    const block = whole
      ? values.subarray(from * columns, to * columns)
      : gathered(rows, active.subarray(from, to));
    const products = await algebra.productF32(block, centres, {
      m: to - from,
      k: columns,
      n: k,
      transposeB: true,
    });
    for (let i = from; i < to; i++) {
      let least = Number.POSITIVE_INFINITY;
      let second = Number.POSITIVE_INFINITY;
      let label = 0;
      for (let c = 0, at = (i - from) * k; c < k; c++, at++) {
        const distance = (norms[c] as number) - 2 * (products[at] as number);
        if (distance < least) {
          second = least;
          least = distance;
          label = c;
        } else if (distance < second) {
          second = distance;
        }
      }
      const row = active[i] as number;
      labels[row] = label;
      // Rounding widens the bounds, so that no row is passed over for it.
      const norm = own[row] as number;
      const wide = slack * (norm + (norms[label] as number));
      upper[row] = Math.sqrt(Math.max(0, least + norm + wide));
      lower[row] = Math.sqrt(Math.max(0, second + norm - 2 * wide));
    }
  }
}

/** A cluster without rows takes the row that is worst off, from one that has others. */
function fillEmpty({ labels, upper, lower }: Assignment, k: number): void {
  const counts = new Int32Array(k);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  for (let c = 0; c < k; c++) {
    if ((counts[c] as number) > 0) continue;
    let worst = -1;
    for (let i = 0; i < labels.length; i++) {
      if ((counts[labels[i] as number] as number) < 2) continue;
      if (worst < 0 || (upper[i] as number) > (upper[worst] as number)) worst = i;
    }
    if (worst < 0) return;
    const before = labels[worst] as number;
    counts[before] = (counts[before] as number) - 1;
    counts[c] = 1;
    labels[worst] = c;
    // It is looked at again in the next round.
    lower[worst] = 0;
    upper[worst] = Number.POSITIVE_INFINITY;
  }
}

/** Adds a row to the sums of a cluster, or takes it away. */
function count(
  { columns, values }: Rows,
  row: number,
  cluster: number,
  sign: 1 | -1,
  sums: Float64Array,
  counts: Int32Array,
): void {
  counts[cluster] = (counts[cluster] as number) + sign;
  for (let j = 0, at = row * columns, to = cluster * columns; j < columns; j++, at++, to++) {
    sums[to] = (sums[to] as number) + sign * (values[at] as number);
  }
}

/** Centres to the means of their rows; how far each went, [k]. */
function move(sums: Float64Array, counts: Int32Array, centres: Float32Array, columns: number): Float64Array {
  return Float64Array.from(counts, (size, c) => {
    if (size === 0) return 0;
    let square = 0;
    for (let j = c * columns; j < (c + 1) * columns; j++) {
      const before = centres[j] as number;
      centres[j] = (sums[j] as number) / size;
      square += ((centres[j] as number) - before) ** 2;
    }
    return Math.sqrt(square);
  });
}

function gathered({ columns, values }: Rows, rows: ArrayLike<number>): Float32Array {
  const out = new Float32Array(rows.length * columns);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    out.set(values.subarray(row * columns, (row + 1) * columns), i * columns);
  }
  return out;
}

function squareTo({ columns, values }: Rows, i: number, others: Float32Array, j: number): number {
  let sum = 0;
  for (let l = 0, at = i * columns, to = j * columns; l < columns; l++, at++, to++) {
    sum += ((values[at] as number) - (others[to] as number)) ** 2;
  }
  return sum;
}

function normsOf({ rows, columns, values }: Rows): Float64Array {
  const norms = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let at = i * columns; at < (i + 1) * columns; at++) sum += (values[at] as number) ** 2;
    norms[i] = sum;
  }
  return norms;
}
