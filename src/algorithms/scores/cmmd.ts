/**
 * CMMD: the maximum mean discrepancy of two sets of image embeddings under a Gaussian kernel, times 1000. Meant for CLIP
 * (ViT-L/14 at 336 pixels); any embedding can be given, and then it is a number of its own.
 * Source: Jayasumana et al., "Rethinking FID", 2024 (arXiv 2401.09603); sayakpaul/cmmd-pytorch, distance.py: σ = 10, the
 * biased estimate (a row is compared with itself too), embeddings of length 1.
 */
import { GROUPS, jackknifeGroups } from '../stats/jackknife.ts';
import { bothFeatures, breathe, invalid, once, scoreValue, smallSample } from './inputs.ts';
import type { Matrix, ScoreDefinition, ScoreInputs } from './types.ts';

const RECOMMENDED = 10_000;
const SIGMA = 10;
const SCALE = 1000;
const BLOCK = 1024;

export const cmmd: ScoreDefinition = {
  id: 'cmmd',
  name: 'CMMD',
  measures:
    'How far apart the embeddings of samples and real images lie, by a Gaussian kernel that sees more than mean and covariance. With CLIP’s embeddings it is the published CMMD.',
  direction: 'lower',
  recommended: RECOMMENDED,
  goodAt: [
    'Assumes no Gaussian features, as FID does',
    'Nearly free of bias in N, and steady from 1,000 samples on',
    'CLIP knows more kinds of pictures than Inception’s 1,000 classes',
  ],
  badAt: [
    'With σ = 10 and embeddings of length 1 the kernel is nearly linear: mostly the means are compared',
    'Does not notice memorised training images',
    'The number means nothing by itself: compare',
  ],
  source: 'Jayasumana et al. 2024 (arXiv 2401.09603); sayakpaul/cmmd-pytorch',
  needs: { reference: 'features', logits: false, labels: false },
  options: ['sigma'],
  values: ['CMMD'],
  compute,
};

async function compute(inputs: ScoreInputs) {
  const { generated, reference } = bothFeatures(inputs, { generated: 2, reference: 2 });
  const sigma = Number(inputs.options.sigma ?? SIGMA);
  if (!(sigma > 0)) throw invalid(`Option sigma is ${sigma}.`, 'Give a width above 0.');
  const groups = jackknifeGroups(generated.rows);
  const of = groups ?? new Uint8Array(generated.rows);
  const none = new Uint8Array(reference.rows);
  const count = groups === null ? 1 : GROUPS;
  const pause = async (from: number, size: number, share: number) => {
    inputs.report(from + size * share);
    await breathe(inputs);
  };
  const gamma = 1 / (2 * sigma ** 2);
  const kernel = async (
    a: Matrix,
    aGroups: Uint8Array,
    b: Matrix,
    bGroups: Uint8Array,
    from: number,
    size: number,
  ) => {
    const sums = new Float64Array(count * count);
    // Of one side with itself, (x, y) and (y, x) are one pair: blocks below the diagonal have nothing new.
    const same = a === b;
    for (let i = 0; i < a.rows; i += BLOCK) {
      const left = directions(a, i);
      for (let j = same ? i : 0; j < b.rows; j += BLOCK) {
        const right = same && j === i ? left : directions(b, j);
        await addBlock(inputs, {
          left,
          right,
          i,
          j,
          aGroups,
          bGroups,
          gamma,
          count,
          sums,
          twice: same && j > i,
        });
        await pause(from, size, Math.min(1, (i + (BLOCK * (j + BLOCK)) / Math.max(BLOCK, b.rows)) / a.rows));
      }
    }
    return sums;
  };
  const xx = await kernel(generated, of, generated, of, 0, 0.4);
  const xy = await kernel(generated, of, reference, none, 0.4, 0.3);
  const yy = await once(inputs.sharedReference, `kernel ${sigma} ${count}`, () =>
    kernel(reference, none, reference, none, 0.7, 0.3),
  );
  const total = (sums: Float64Array, without: number) => {
    let sum = 0;
    for (let g = 0; g < count; g++)
      for (let h = 0; h < count; h++)
        if (g !== without && h !== without) sum += sums[g * count + h] as number;
    return sum;
  };
  const sizes = new Float64Array(count);
  for (const group of of) sizes[group] = (sizes[group] as number) + 1;
  const [m, fixed] = [reference.rows, yy[0] as number];
  const valueWithout = (without: number) => {
    const n = generated.rows - (without < 0 ? 0 : (sizes[without] as number));
    // The second set has one group, the first of the table.
    let cross = 0;
    for (let g = 0; g < count; g++) if (g !== without) cross += xy[g * count] as number;
    return SCALE * (total(xx, without) / n ** 2 - (2 * cross) / (n * m) + fixed / m ** 2);
  };
  return [
    scoreValue({
      ...{ score: cmmd.id, name: cmmd.name, value: valueWithout(-1), n: generated.rows, nReference: m },
      replicates: groups === null ? null : Array.from({ length: GROUPS }, (_, group) => valueWithout(group)),
      warnings: smallSample(generated.rows, RECOMMENDED, 'the biased estimate is a little high.'),
      details: { sigma, times: SCALE },
    }),
  ];
}

interface KernelBlock {
  /** Rows of length 1 (or 0), from row i of the one side and from row j of the other. */
  readonly left: Directions;
  readonly right: Directions;
  readonly i: number;
  readonly j: number;
  readonly aGroups: Uint8Array;
  readonly bGroups: Uint8Array;
  readonly gamma: number;
  readonly count: number;
  /** Σ of the kernel by group of the row and of the column, [count, count]. */
  readonly sums: Float64Array;
  /** It stands for its mirror image, too. */
  readonly twice: boolean;
}

interface Directions {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

/** Rows have length 1 (or 0), so a squared distance is what their lengths leave of −2 a·b; in float64 throughout. */
async function addBlock(inputs: ScoreInputs, block: KernelBlock): Promise<void> {
  const { left, right, i, j, aGroups, bGroups, gamma, count, sums, twice } = block;
  const [m, n, d] = [left.rows, right.rows, left.columns];
  const products = await inputs.algebra.product(left.values, right.values, { m, k: d, n, transposeB: true });
  const [lengths, others] = [squares(left.values, d), squares(right.values, d)];
  for (let row = 0; row < m; row++)
    for (let column = 0; column < n; column++) {
      const square =
        (lengths[row] as number) + (others[column] as number) - 2 * (products[row * n + column] as number);
      const [g, h] = [aGroups[i + row] as number, bGroups[j + column] as number];
      const value = Math.exp(-gamma * square);
      sums[g * count + h] = (sums[g * count + h] as number) + value;
      if (twice) sums[h * count + g] = (sums[h * count + g] as number) + value;
    }
}

function squares(rows: Float64Array, d: number): Float64Array {
  const out = new Float64Array(rows.length / d);
  for (let i = 0; i < out.length; i++)
    for (let j = 0; j < d; j++) out[i] = (out[i] as number) + (rows[i * d + j] as number) ** 2;
  return out;
}

/** A block of rows from one on, each divided by its length and rounded as float32 embeddings are. */
function directions({ rows: all, columns, values }: Matrix, from: number): Directions {
  const rows = Math.min(BLOCK, all - from);
  const out = new Float64Array(rows * columns);
  for (let i = 0, start = from * columns; i < rows; i++, start += columns) {
    let square = 0;
    for (let j = 0; j < columns; j++) square += (values[start + j] as number) ** 2;
    const length = square > 0 ? Math.sqrt(square) : 1;
    for (let j = 0; j < columns; j++)
      out[i * columns + j] = Math.fround((values[start + j] as number) / length);
  }
  return { rows, columns, values: out };
}
