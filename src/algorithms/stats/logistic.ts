/**
 * Multinomial logistic regression: mean cross-entropy + λ/2·‖W‖² (the offsets are free), minimised by L-BFGS.
 * Source: Nocedal & Wright, "Numerical Optimization", 2006, algorithm 7.4, with a backtracking line search; scikit-learn's
 * LogisticRegression with C = 1/(n·λ) minimises the same.
 */
import type { LinearAlgebra } from '../linalg/types.ts';

export interface LogisticData {
  /** float32 [rows, d] */
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

export interface Logistic {
  readonly classes: number;
  /** Of the training rows: what each feature is brought to mean 0 and spread 1 by, [d]. */
  readonly mean: Float64Array;
  readonly spread: Float64Array;
  /** [classes, d + 1], the offset last. */
  readonly weights: Float64Array;
  readonly loss: number;
  readonly rounds: number;
}

export interface LogisticOptions {
  readonly penalty: number;
  readonly rounds: number;
  /** Largest entry of the gradient at which it is done. */
  readonly tolerance: number;
}

const MEMORY = 10;
const BLOCK = 2048;
const ARMIJO = 1e-4;
const HALVINGS = 40;

/** @param labels 0…classes − 1, one a row  @param pause called before each evaluation; throws to stop */
export async function fitLogistic(
  data: LogisticData,
  labels: Int32Array,
  classes: number,
  options: LogisticOptions,
  algebra: LinearAlgebra,
  pause: () => Promise<void>,
): Promise<Logistic> {
  const { mean, spread } = scalesOf(data);
  const size = classes * (data.columns + 1);
  const objective = async (weights: Float64Array) => {
    await pause();
    return lossAndGradient({ data, labels, classes, mean, spread, weights, ...options }, algebra);
  };
  let weights: Float64Array = new Float64Array(size);
  let { loss, gradient } = await objective(weights);
  const history: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  let round = 0;
  for (; round < options.rounds && largest(gradient) > options.tolerance; round++) {
    const direction = descent(gradient, history);
    const slope = dot(direction, gradient);
    let step = history.length === 0 ? Math.min(1, 1 / largest(gradient)) : 1;
    let next: { loss: number; gradient: Float64Array } | null = null;
    let moved = weights;
    for (let halving = 0; halving < HALVINGS; halving++, step /= 2) {
      moved = weights.map((value, i) => value + step * (direction[i] as number));
      next = await objective(moved);
      if (next.loss <= loss + ARMIJO * step * slope) break;
    }
    if (next === null || !(next.loss < loss)) break;
    const s = moved.map((value, i) => value - (weights[i] as number));
    const last = gradient;
    const y = next.gradient.map((value, i) => value - (last[i] as number));
    const curvature = dot(s, y);
    if (curvature > 1e-14 * dot(y, y)) history.push({ s, y, rho: 1 / curvature });
    if (history.length > MEMORY) history.shift();
    weights = moved;
    ({ loss, gradient } = next);
  }
  return { classes, mean, spread, weights, loss, rounds: round };
}

/** The likeliest class of each row, [rows]. */
export async function classify(
  { classes, mean, spread, weights }: Logistic,
  data: LogisticData,
  algebra: LinearAlgebra,
  pause: () => Promise<void>,
): Promise<Int32Array> {
  const out = new Int32Array(data.rows);
  const d = data.columns + 1;
  for (let from = 0; from < data.rows; from += BLOCK) {
    await pause();
    const to = Math.min(data.rows, from + BLOCK);
    const block = standardised(data, from, to, mean, spread);
    const logits = await algebra.product(block, weights, {
      m: to - from,
      k: d,
      n: classes,
      transposeB: true,
    });
    for (let i = 0; i < to - from; i++) {
      let best = 0;
      for (let c = 1; c < classes; c++)
        if ((logits[i * classes + c] as number) > (logits[i * classes + best] as number)) best = c;
      out[from + i] = best;
    }
  }
  return out;
}

/** The standard two-loop recursion: −H·gradient. */
function descent(
  gradient: Float64Array,
  history: readonly { s: Float64Array; y: Float64Array; rho: number }[],
): Float64Array {
  const q = gradient.slice();
  const alphas = new Float64Array(history.length);
  for (let i = history.length - 1; i >= 0; i--) {
    const { s, y, rho } = history[i] as (typeof history)[number];
    alphas[i] = rho * dot(s, q);
    for (let j = 0; j < q.length; j++) q[j] = (q[j] as number) - (alphas[i] as number) * (y[j] as number);
  }
  const last = history.at(-1);
  const scale = last ? dot(last.s, last.y) / dot(last.y, last.y) : 1;
  for (let j = 0; j < q.length; j++) q[j] = (q[j] as number) * scale;
  for (const [i, { s, y, rho }] of history.entries()) {
    const beta = rho * dot(y, q);
    for (let j = 0; j < q.length; j++)
      q[j] = (q[j] as number) + ((alphas[i] as number) - beta) * (s[j] as number);
  }
  return q.map((value) => -value);
}

interface Objective {
  readonly data: LogisticData;
  readonly labels: Int32Array;
  readonly classes: number;
  readonly mean: Float64Array;
  readonly spread: Float64Array;
  readonly weights: Float64Array;
  readonly penalty: number;
}

async function lossAndGradient(
  { data, labels, classes, mean, spread, weights, penalty }: Objective,
  algebra: LinearAlgebra,
): Promise<{ loss: number; gradient: Float64Array }> {
  const { rows: n } = data;
  const d = data.columns + 1;
  const gradient = new Float64Array(classes * d);
  let loss = 0;
  for (let from = 0; from < n; from += BLOCK) {
    const to = Math.min(n, from + BLOCK);
    const m = to - from;
    const block = standardised(data, from, to, mean, spread);
    const logits = await algebra.product(block, weights, { m, k: d, n: classes, transposeB: true });
    for (let i = 0; i < m; i++)
      loss += softmaxLess(logits, i * classes, classes, labels[from + i] as number) / n;
    const part = await algebra.product(logits, block, { m: classes, k: m, n: d, transposeA: true });
    for (let j = 0; j < gradient.length; j++) gradient[j] = (gradient[j] as number) + (part[j] as number) / n;
  }
  for (let j = 0; j < weights.length; j++) {
    if ((j + 1) % d === 0) continue;
    const weight = weights[j] as number;
    loss += (penalty / 2) * weight * weight;
    gradient[j] = (gradient[j] as number) + penalty * weight;
  }
  return { loss, gradient };
}

/** Turns a row of logits into p − 1[label] in place, and answers −log p(label). */
function softmaxLess(logits: Float64Array, at: number, classes: number, label: number): number {
  let high = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < classes; c++) high = Math.max(high, logits[at + c] as number);
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += Math.exp((logits[at + c] as number) - high);
  const loss = Math.log(sum) + high - (logits[at + label] as number);
  for (let c = 0; c < classes; c++)
    logits[at + c] = Math.exp((logits[at + c] as number) - high) / sum - (c === label ? 1 : 0);
  return loss;
}

/** Rows with a one behind them, float64 [to − from, d + 1]. */
function standardised(
  { columns, values }: LogisticData,
  from: number,
  to: number,
  mean: Float64Array,
  spread: Float64Array,
): Float64Array {
  const d = columns + 1;
  const out = new Float64Array((to - from) * d);
  for (let i = from; i < to; i++) {
    for (let j = 0; j < columns; j++)
      out[(i - from) * d + j] =
        ((values[i * columns + j] as number) - (mean[j] as number)) / (spread[j] as number);
    out[(i - from) * d + columns] = 1;
  }
  return out;
}

/** Mean and standard deviation (population) of each feature; 1 for one that never changes. */
function scalesOf({ rows, columns, values }: LogisticData): { mean: Float64Array; spread: Float64Array } {
  const mean = new Float64Array(columns);
  const spread = new Float64Array(columns);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      mean[j] = (mean[j] as number) + (values[i * columns + j] as number) / rows;
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      spread[j] =
        (spread[j] as number) + ((values[i * columns + j] as number) - (mean[j] as number)) ** 2 / rows;
  return { mean, spread: spread.map((square) => (square > 0 ? Math.sqrt(square) : 1)) };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
