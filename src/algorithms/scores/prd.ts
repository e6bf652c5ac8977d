/**
 * Precision and recall of distributions: what share of the samples' clusters the reference has, and the other way round, for
 * every trade between the two. Source: Sajjadi et al. 2018 (arXiv 1806.00035); msmsajjadi/precision-recall-distributions:
 * k-means with 20 clusters on the union of equally many rows, 1001 angles, mean of 10 clusterings; F8 weighs recall, F1/8
 * precision.
 */
import type { ScorePlot } from '../../shared/scores/scores.ts';
import { kMeans } from '../linalg/kmeans.ts';
import { withRuns } from '../stats/jackknife.ts';
import { histogram, leaveGroupsOut } from './groups.ts';
import {
  bothFeatures,
  breathe,
  CLUSTERINGS_MEAN,
  CLUSTERS_HELD,
  numberOption,
  scoreValue,
  smallSample,
  TOO_NARROW,
} from './inputs.ts';
import type { Matrix, ScoreDefinition, ScoreInputs } from './types.ts';

const RECOMMENDED = 10_000;
const CLUSTERS = 20;
const RUNS = 10;
/** The reference implementation clusters by mini-batches, far from settled; more rounds change the mean of ten clusterings little. */
const ROUNDS = 20;
const ANGLES = 1001;
const EDGE = 1e-10;
const BETA = 8;
/** Measured with the reference held, of about 40 draws each (docs/coverage.md); recall's held 95 % and more. */
const NARROW_PRECISION = `Of precision ${TOO_NARROW}: in about 40 synthetic draws it held the truth in 95 % at N = 500, 90 % at 1,000 and 85 % at 2,500.`;
/** Points of the curve that is drawn. */
const DRAWN = 101;

export const prd: ScoreDefinition = {
  id: 'prd',
  name: 'PRD',
  measures:
    'How much of the samples is covered by the reference’s clusters (precision, F1/8) and how much of the reference by the samples’ (recall, F8).',
  direction: 'higher',
  recommended: RECOMMENDED,
  goodAt: ['Tells quality from variety, with a whole curve', 'Insensitive to a few outliers'],
  badAt: [
    'Sees nothing finer than 20 clusters',
    'Clusters depend on chance: it is the mean of ten clusterings',
    'Samples and real images are clustered together, so poor samples shift the clusters',
  ],
  source: 'Sajjadi et al. 2018 (arXiv 1806.00035); msmsajjadi/precision-recall-distributions',
  needs: { reference: 'features', logits: false, labels: false },
  options: ['k', 'runs'],
  values: ['PRD recall (F8)', 'PRD precision (F1/8)'],
  compute,
};

export interface Curve {
  readonly precision: Float64Array;
  readonly recall: Float64Array;
}

/** α(λ) = Σ min(λ·p, q) and α/λ over 1001 angles of λ = tan θ; p of the reference, q of the samples. */
export function prdCurve(p: Float64Array, q: Float64Array): Curve {
  const precision = new Float64Array(ANGLES);
  const recall = new Float64Array(ANGLES);
  for (let a = 0; a < ANGLES; a++) {
    const slope = Math.tan(EDGE + ((Math.PI / 2 - 2 * EDGE) * a) / (ANGLES - 1));
    let sum = 0;
    for (let i = 0; i < p.length; i++) sum += Math.min((p[i] as number) * slope, q[i] as number);
    precision[a] = Math.min(1, sum);
    recall[a] = Math.min(1, sum / slope);
  }
  return { precision, recall };
}

/** The largest F_β along a curve. */
export function bestF({ precision, recall }: Curve, beta: number): number {
  let best = 0;
  for (let a = 0; a < precision.length; a++) {
    const [p, r] = [precision[a] as number, recall[a] as number];
    best = Math.max(best, ((1 + beta ** 2) * p * r) / (beta ** 2 * p + r + EDGE));
  }
  return best;
}

/** F8 and F1/8 of a clustering's histograms. */
export function prdOf(p: Float64Array, q: Float64Array): { curve: Curve; f8: number; fEighth: number } {
  const curve = prdCurve(shares(p), shares(q));
  return { curve, f8: bestF(curve, BETA), fEighth: bestF(curve, 1 / BETA) };
}

async function compute(inputs: ScoreInputs) {
  const sides = bothFeatures(inputs, { generated: 2, reference: 2 });
  // Unequal numbers would let the larger side choose the clusters.
  const rows = Math.min(sides.generated.rows, sides.reference.rows);
  const [generated, reference] = [first(sides.generated, rows), first(sides.reference, rows)];
  const k = numberOption(inputs.options, 'k', CLUSTERS, { least: 2, most: 2 * rows });
  const runs = numberOption(inputs.options, 'runs', RUNS, { least: 1, most: 100 });
  const joint = union(reference, generated);
  const curves: Curve[] = [];
  const f8: number[] = [];
  const fEighth: number[] = [];
  const left: { f8: number[]; fEighth: number[] }[] = [];
  for (let run = 0; run < runs; run++) {
    const options = { k, restarts: 1, rounds: ROUNDS, seed: inputs.seed + run };
    const { labels, k: found } = await kMeans(joint, options, inputs.algebra, () => breathe(inputs));
    const [p, q] = [histogram(labels.subarray(0, rows), found), labels.subarray(rows)];
    const whole = prdOf(p, histogram(q, found));
    curves.push(whole.curve);
    f8.push(whole.f8);
    fEighth.push(whole.fEighth);
    const without = leaveGroupsOut(rows, (keeps) => prdOf(p, histogram(q, found, keeps)));
    if (without) left.push({ f8: without.map((one) => one.f8), fEighth: without.map((one) => one.fEighth) });
    inputs.report((run + 1) / runs);
  }
  const replicates = (of: 'f8' | 'fEighth') => {
    if (left.length === 0) return null;
    const held = (left[0]?.[of] ?? []).map((_, group) => mean(left.map((one) => one[of][group] as number)));
    return runs < 2 ? held : withRuns(held, of === 'f8' ? f8 : fEighth);
  };
  const common = {
    ...{ score: prd.id, n: rows, nReference: rows },
    ...(left.length > 0 && { intervalKind: runs < 2 ? CLUSTERS_HELD : CLUSTERINGS_MEAN }),
    warnings: [
      ...smallSample(rows, RECOMMENDED, 'compare it with values at this N only.'),
      ...(sides.generated.rows === sides.reference.rows
        ? []
        : [`It takes equally many of both sides: the first ${rows.toLocaleString('en')} of each.`]),
    ],
    details: { clusters: k, clusterings: runs, 'rounds at most': ROUNDS },
  };
  return [
    scoreValue({
      ...common,
      name: 'PRD recall (F8)',
      value: mean(f8),
      replicates: replicates('f8'),
      plots: [plot(curves)],
    }),
    scoreValue({
      ...common,
      name: 'PRD precision (F1/8)',
      value: mean(fEighth),
      replicates: replicates('fEighth'),
      warnings: [...common.warnings, ...(left.length > 0 && runs > 1 ? [NARROW_PRECISION] : [])],
    }),
  ];
}

function plot(curves: readonly Curve[]): ScorePlot {
  const places = Array.from({ length: DRAWN }, (_, i) => Math.round((i * (ANGLES - 1)) / (DRAWN - 1)));
  const of = (which: keyof Curve) =>
    places.map((at) => mean(curves.map((curve) => curve[which][at] as number)));
  return {
    id: 'prd',
    title: 'Precision against recall: nearer to the upper right is better',
    x: { label: 'recall', values: of('recall') },
    y: { label: 'precision', values: of('precision') },
    lines: [],
    kind: 'line',
  };
}

function shares(counts: Float64Array): Float64Array {
  const sum = counts.reduce((a, b) => a + b, 0);
  return counts.map((count) => count / sum);
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function first({ columns, values }: Matrix, rows: number): Matrix {
  return { rows, columns, values: values.subarray(0, rows * columns) };
}

function union(a: Matrix, b: Matrix): Matrix {
  const values = new Float32Array(a.values.length + b.values.length);
  values.set(a.values);
  values.set(b.values, a.values.length);
  return { rows: a.rows + b.rows, columns: a.columns, values };
}
