/**
 * C_T: are samples nearer to the training images than other images of the same kind are? Far below 0 they are copies.
 * Source: Meehan, Chaudhuri & Dasgupta, "A non-parametric test to detect data-copying in generative models", 2020 (arXiv
 * 2004.05675); layer6ai-labs/dgm-eval (metrics/ct_test.py): PCA to 64 components, 3 cells, and in each the z of a Mann–Whitney
 * test of the distances to the nearest training image, weighted by the test images' share.
 */
import { NumpyRandom } from '../latent/numpyRandom.ts';
import { CentredRows, centreOf } from '../linalg/distances.ts';
import { leadingEigen } from '../linalg/eigenvectors.ts';
import { kMeans } from '../linalg/kmeans.ts';
import { nearestAcross } from '../linalg/nearest.ts';
import { Moments } from '../stats/moments.ts';
import { leaveGroupsOut } from './groups.ts';
import { bothFeatures, breathe, numberOption, scoreValue, smallSample } from './inputs.ts';
import type { Matrix, ScoreDefinition, ScoreInputs } from './types.ts';

const RECOMMENDED = 10_000;
const CELLS = 3;
const RESTARTS = 3;
const ROUNDS = 100;
const COMPONENTS = 64;
const VARIANCE = 0.95;
/** Cells with no more samples are left out, as dgm-eval does (τ = 20/N). */
const FEW = 20;
/** The reference implementation's continuity correction of U, towards larger values. */
const CONTINUITY = 0.5;
/** From here on copying is beyond doubt: chance goes below in 0.13 % of honest cases. */
const ALARM = -3;

export const ct: ScoreDefinition = {
  id: 'ct',
  name: 'C_T',
  measures:
    'Whether samples lie nearer to one half of the real images than the other half does: about 0 for an honest generator, far below for one that copies.',
  direction: 'neither',
  recommended: RECOMMENDED,
  goodAt: [
    'A test with a known scale: below −3 is no accident',
    'Looks kind by kind, so that copies of one kind show',
  ],
  badAt: [
    'Poor samples are far from all images: far above 0, and copies among them go unseen',
    'Copies of the half that is not looked at are missed: it sees one in two',
    'Needs the images that the generator was trained on as the reference',
  ],
  source: 'Meehan et al. 2020 (arXiv 2004.05675); layer6ai-labs/dgm-eval',
  needs: { reference: 'features', logits: false, labels: false },
  options: ['cells'],
  values: ['C_T'],
  compute,
};

export interface CtParts {
  readonly training: Matrix;
  readonly test: Matrix;
  readonly generated: Matrix;
  /** Cells of each row, 0…k − 1. */
  readonly cells: {
    readonly training: Int32Array;
    readonly test: Int32Array;
    readonly generated: Int32Array;
  };
  readonly k: number;
}

/** Of one cell: how many (sample, test image) pairs have the sample farther away, by sample; ties count half. */
interface CellRanks {
  readonly rows: readonly number[];
  readonly above: Float64Array;
  readonly tests: number;
}

async function compute(inputs: ScoreInputs) {
  const sides = bothFeatures(inputs, { generated: 2, reference: 8 });
  const k = numberOption(inputs.options, 'cells', CELLS, { least: 1, most: 1000 });
  const order = new NumpyRandom(inputs.seed).permutation(sides.reference.rows);
  const half = order.length >> 1;
  const split = {
    training: rowsOf(sides.reference, order.slice(0, half)),
    test: rowsOf(sides.reference, order.slice(half)),
  };
  const project = await projection(inputs, split.training);
  inputs.report(0.2);
  const training = await project(split.training);
  const test = await project(split.test);
  const generated = await project(sides.generated);
  const options = { k, restarts: RESTARTS, rounds: ROUNDS, seed: inputs.seed };
  const found = await kMeans(training, options, inputs.algebra, () => breathe(inputs));
  inputs.report(0.5);
  const centres = { rows: found.k, columns: training.columns, values: found.centres };
  const cellOf = async (rows: Matrix) =>
    Int32Array.from(await nearest(inputs, rows, centres).then(({ indices }) => indices));
  const cells = { training: found.labels, test: await cellOf(test), generated: await cellOf(generated) };
  const value = await ctOf(inputs, { training, test, generated, cells, k: found.k }, REFERENCE_RULES);
  return [
    scoreValue({
      ...{ score: ct.id, name: ct.name, ...value, n: generated.rows, nReference: sides.reference.rows },
      warnings: [
        ...smallSample(
          generated.rows,
          RECOMMENDED,
          'a z grows with N: compare it with values at this N only.',
        ),
        ...(value.value < ALARM
          ? [
              `Samples lie nearer to the training images than chance allows (below ${ALARM}): look at the nearest neighbours.`,
            ]
          : []),
      ],
      details: {
        ...{
          cells: found.k,
          components: training.columns,
          'training images': training.rows,
          'test images': test.rows,
          'cells left out (20 samples or fewer)': countFew(cells.generated, found.k),
        },
      },
    }),
  ];
}

/** What the reference implementation adds to the paper's statistic. */
export interface CtRules {
  /** Cells with no more samples count for nothing. */
  readonly few: number;
  readonly continuity: number;
}

const REFERENCE_RULES: CtRules = { few: FEW, continuity: CONTINUITY };

/** The weighted z, and without each group of samples. */
export async function ctOf(
  inputs: ScoreInputs,
  parts: CtParts,
  { few, continuity }: CtRules = { few: 0, continuity: 0 },
): Promise<{ value: number; replicates: readonly number[] | null }> {
  const ranks: CellRanks[] = [];
  for (let cell = 0; cell < parts.k; cell++) {
    const pick = (which: keyof CtParts['cells']) =>
      [...parts.cells[which].keys()].filter((row) => parts.cells[which][row] === cell);
    const [own, real, made] = [pick('training'), pick('test'), pick('generated')];
    if (own.length === 0 || real.length === 0) continue;
    const training = rowsOf(parts.training, own);
    const distances = async (matrix: Matrix, rows: readonly number[]) =>
      rows.length === 0
        ? new Float64Array(0)
        : (await nearest(inputs, rowsOf(matrix, rows), training)).squared;
    const tests = Float64Array.from(await distances(parts.test, real)).sort();
    const samples = await distances(parts.generated, made);
    ranks.push({
      rows: made,
      above: samples.map((square) => countBelow(tests, square)),
      tests: tests.length,
    });
    inputs.report(0.5 + (0.5 * (cell + 1)) / parts.k);
  }
  const scoreOf = (keeps: (row: number) => boolean) => {
    let [sum, weights] = [0, 0];
    for (const { rows, above, tests } of ranks) {
      let [u, m] = [0, 0];
      for (const [i, row] of rows.entries()) {
        if (!keeps(row)) continue;
        u += above[i] as number;
        m++;
      }
      if (m === 0 || rows.length <= few) continue;
      const spread = Math.sqrt((tests * m * (tests + m + 1)) / 12);
      sum += (tests * (u - (tests * m) / 2 + continuity)) / spread;
      weights += tests;
    }
    return weights === 0 ? 0 : sum / weights;
  };
  return { value: scoreOf(() => true), replicates: leaveGroupsOut(parts.generated.rows, scoreOf) };
}

function countFew(labels: Int32Array, k: number): number {
  const counts = new Int32Array(k);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  return counts.filter((count) => count <= FEW).length;
}

/** How many of sorted numbers are below; equal ones count half. */
function countBelow(sorted: Float64Array, value: number): number {
  const below = (limit: (entry: number) => boolean) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (limit(sorted[middle] as number)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const [less, lessOrEqual] = [below((entry) => entry < value), below((entry) => entry <= value)];
  return (less + lessOrEqual) / 2;
}

/** Brings rows to the leading components of the training images, at most 64. */
async function projection(inputs: ScoreInputs, training: Matrix): Promise<(rows: Matrix) => Promise<Matrix>> {
  const d = training.columns;
  if (d <= COMPONENTS) return async (rows) => rows;
  const moments = new Moments(d, inputs.algebra);
  await moments.add(training.values);
  const { mean } = moments.state;
  const found = await leadingEigen(moments.covariance(), d, VARIANCE, inputs.algebra, () => breathe(inputs));
  const count = Math.min(COMPONENTS, found.values.length);
  const vectors = found.vectors.slice(0, count * d);
  return async ({ rows, values }) => {
    const out = new Float32Array(rows * count);
    for (let from = 0; from < rows; from += 2048) {
      await breathe(inputs);
      const to = Math.min(rows, from + 2048);
      const block = Float64Array.from(
        values.subarray(from * d, to * d),
        (value, i) => value - (mean[i % d] as number),
      );
      out.set(
        await inputs.algebra.product(block, vectors, { m: to - from, k: d, n: count, transposeB: true }),
        from * count,
      );
    }
    return { rows, columns: count, values: out };
  };
}

async function nearest(inputs: ScoreInputs, rows: Matrix, among: Matrix) {
  const centre = centreOf(among);
  return nearestAcross(new CentredRows(rows, centre), new CentredRows(among, centre), 1, inputs.algebra, () =>
    breathe(inputs),
  );
}

function rowsOf({ columns, values }: Matrix, rows: ArrayLike<number>): Matrix {
  const out = new Float32Array(rows.length * columns);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    out.set(values.subarray(row * columns, (row + 1) * columns), i * columns);
  }
  return { rows: rows.length, columns, values: out };
}
