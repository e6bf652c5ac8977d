/** The distances without each group of samples, exactly, where there are hardly more rows than directions, or fewer. */
import { transposed } from '../linalg/symmetric.ts';
import type { FrechetParts } from './frechet.ts';
import { type Known, partsWithout } from './frechetSlope.ts';
import { byGroup, groupDeterminants, lostRoots } from './groupDeterminants.ts';
import { breathe } from './inputs.ts';
import type { Matrix, ScoreInputs } from './types.ts';

/** @param known its spectrum is that of YYᵀ/(n − 1), Y = X·L, where it is of as many values as rows; else of YᵀY/(n − 1) */
export async function determinantReplicates(
  inputs: ScoreInputs,
  features: Matrix,
  groups: Uint8Array,
  known: Known,
): Promise<FrechetParts[]> {
  const { spectrum, parts, statistics, reference } = known;
  const n = features.rows;
  const { order, counts } = byGroup(groups);
  const pause = () => breathe(inputs);
  const ofRows = reference.factor.rank >= n;
  const right = ofRows
    ? columnsOf(await spectrum.turned(null, n, pause), n, order)
    : await turnedRows(inputs, features, statistics.mean, order, known);
  const determinants = await groupDeterminants(
    inputs,
    { spectrum, right, of: ofRows ? 'G' : 'M', counts, centred: true },
    (share) => inputs.report(0.4 + 0.5 * share),
  );
  const lost = determinants && lostRoots(determinants);
  return partsWithout(
    features,
    groups,
    known,
    ({ group, left }) =>
      Math.sqrt((n - 1) / (left - 1)) * Math.max(0, parts.root - (lost?.[group] ?? parts.root)),
  );
}

/** Columns of a square matrix in another order. */
function columnsOf(matrix: Float64Array, n: number, order: Int32Array): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) out[i * n + j] = matrix[i * n + (order[j] as number)] as number;
  }
  return out;
}

/** Qᵀ·Lᵀ·Xᵀ/√(n − 1), X centred, its rows in another order, [rank, n] */
async function turnedRows(
  inputs: ScoreInputs,
  { rows: n, columns: d, values }: Matrix,
  mean: Float64Array,
  order: Int32Array,
  { spectrum, reference }: Known,
): Promise<Float64Array> {
  const turned = await spectrum.turned(reference.factor.values, d, () => breathe(inputs));
  const centred = new Float64Array(n * d);
  const scale = 1 / Math.sqrt(n - 1);
  for (let i = 0; i < n; i++) {
    const row = (order[i] as number) * d;
    for (let j = 0; j < d; j++) {
      centred[i * d + j] = ((values[row + j] as number) - (mean[j] as number)) * scale;
    }
  }
  const sizes = { m: spectrum.size, k: d, n };
  return inputs.algebra.product(turned, transposed(centred, n, d), sizes);
}
