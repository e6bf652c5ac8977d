/**
 * The features of both sides as counts over common bins: k-means of the joint features, after each row is brought to
 * length 1 and the whole to the principal components that hold 90 % of its variance.
 * Source: Liu et al. 2021 (arXiv 2106.07898), section 5; krishnap25/mauve compute_mauve.py (cluster_feats), which takes
 * one component more than 90 % needs where none reaches it exactly: the first whose cumulated share is ≥ 90 %.
 */
import { leadingEigen } from '../linalg/eigenvectors.ts';
import { type Clusters, kMeans } from '../linalg/kmeans.ts';
import { Moments } from '../stats/moments.ts';
import { bothFeatures, breathe, once } from './inputs.ts';
import type { LinearAlgebra, Matrix, ScoreInputs } from './types.ts';

const VARIANCE = 0.9;
const RESTARTS = 5;
const ROUNDS = 100;
const BLOCK = 2048;

export interface Quantised {
  readonly k: number;
  /** Cluster of each row, 0…k − 1. */
  readonly generated: Int32Array;
  readonly reference: Int32Array;
  readonly components: number;
  /** Σ ‖x − its centre‖² in the space of the components. */
  readonly inertia: number;
  /** What each restart found, the one that was kept among them: how clusterings of the same rows differ. */
  readonly restarts?: readonly Pick<Quantised, 'k' | 'generated' | 'reference'>[];
}

/** k = round(5·n^⅓), the balance of statistical and quantisation error up to logarithms (its section 3.3). */
export function standardBins(n: number): number {
  return Math.max(2, Math.round(5 * Math.cbrt(n)));
}

/**
 * Clusters of both sides, made once for a k, a seed and a start.
 *
 * @param start k-means++, or as the reference implementation of a score starts
 */
export function quantise(
  inputs: ScoreInputs,
  k: number,
  start: 'k-means++' | 'random' = 'k-means++',
): Promise<Quantised> {
  return once(inputs.shared, `clusters ${k} ${inputs.seed} ${start}`, async () => {
    const { generated, reference } = bothFeatures(inputs, { generated: 2, reference: 2 });
    const joint = await once(inputs.shared, 'joint components', () =>
      projected(inputs, generated, reference),
    );
    inputs.report(0.2);
    let rounds = 0;
    const pause = async () => {
      rounds++;
      // How many rounds it takes is not known beforehand: ever slower towards the end.
      inputs.report(0.2 + 0.7 * (1 - 1 / (1 + rounds / 60)));
      await breathe(inputs);
    };
    const sidesOf = ({ k, labels }: Clusters) => ({
      k,
      generated: labels.slice(0, generated.rows),
      reference: labels.slice(generated.rows),
    });
    const restarts: ReturnType<typeof sidesOf>[] = [];
    const each = (one: Clusters) => restarts.push(sidesOf(one));
    const options = { k, restarts: RESTARTS, rounds: ROUNDS, seed: inputs.seed, start, each };
    const found = await kMeans(joint, options, inputs.algebra, pause);
    return { ...sidesOf(found), components: joint.columns, inertia: found.inertia, restarts };
  });
}

async function projected(inputs: ScoreInputs, generated: Matrix, reference: Matrix): Promise<Matrix> {
  const d = generated.columns;
  const moments = new Moments(d, inputs.algebra);
  for (const block of normalisedBlocks(generated, reference)) {
    await breathe(inputs);
    await moments.add(block);
  }
  const { mean } = moments.state;
  const { vectors, values } = await leadingEigen(moments.covariance(), d, VARIANCE, inputs.algebra, () =>
    breathe(inputs),
  );
  const components = values.length;
  const rows = generated.rows + reference.rows;
  const out = new Float32Array(rows * components);
  const shift = await times(Float32Array.from(mean), vectors, 1, d, components, inputs.algebra);
  let at = 0;
  for (const block of normalisedBlocks(generated, reference)) {
    await breathe(inputs);
    const part = await times(block, vectors, block.length / d, d, components, inputs.algebra);
    part.forEach((value, i) => {
      out[at + i] = value - (shift[i % components] as number);
    });
    at += part.length;
  }
  return { rows, columns: components, values: out };
}

function times(
  a: Float32Array,
  vectors: Float64Array,
  m: number,
  d: number,
  n: number,
  algebra: LinearAlgebra,
): Promise<Float64Array> {
  return algebra.product(Float64Array.from(a), vectors, { m, k: d, n, transposeB: true });
}

/** Rows of both sides, generated first, each divided by its length (a row of zeros stays). */
function* normalisedBlocks(...sides: readonly Matrix[]): Generator<Float32Array> {
  for (const { rows, columns, values } of sides) {
    for (let from = 0; from < rows; from += BLOCK) {
      const block = values.slice(from * columns, Math.min(rows, from + BLOCK) * columns);
      for (let at = 0; at < block.length; at += columns) {
        let square = 0;
        for (let j = at; j < at + columns; j++) square += (block[j] as number) ** 2;
        const length = square > 0 ? Math.sqrt(square) : 1;
        for (let j = at; j < at + columns; j++) block[j] = (block[j] as number) / length;
      }
      yield block;
    }
  }
}
