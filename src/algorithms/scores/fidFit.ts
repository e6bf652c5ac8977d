/** FID of growing subsets of the samples, and its line against 1/N: the bias at N, and FID∞. */
import type { ScorePlot } from '../../shared/scores/scores.ts';
import { fitLine, type Line, subsetSizes, subsets } from '../stats/extrapolation.ts';
import { type FrechetSubsets, frechet } from './frechet.ts';
import { breathe, featuresOf, once } from './inputs.ts';
import type { Matrix, ScoreInputs } from './types.ts';

export const SIZES = 15;

export interface FidFit {
  readonly sizes: readonly number[];
  readonly values: readonly number[];
  readonly line: Line;
}

/** @param whole the distance of all rows, where it is known; of fits for the warning alone */
export function fidFit(
  inputs: ScoreInputs,
  distances: FrechetSubsets,
  count: number,
  ddof: 0 | 1,
  whole: number | null = null,
): Promise<FidFit> {
  const key = `fid fit ${count} ${ddof} ${inputs.seed}${whole === null ? '' : ' of known'}`;
  return once(inputs.shared, key, async () => {
    const features = featuresOf(inputs, 'generated', 2);
    const rows = Int32Array.from({ length: features.rows }, (_, i) => i);
    return fitOfRows(inputs, distances, rows, count, ddof, whole);
  });
}

/** @param rows of which subsets are drawn */
export async function fitOfRows(
  inputs: ScoreInputs,
  distances: FrechetSubsets,
  rows: Int32Array,
  count: number,
  ddof: 0 | 1,
  whole: number | null = null,
): Promise<FidFit> {
  const sizes = subsetSizes(rows.length, count);
  const values: number[] = [];
  for (const subset of subsets(rows.length, sizes, inputs.seed)) {
    if (whole !== null && subset.length === rows.length) {
      values.push(whole);
      continue;
    }
    await breathe(inputs);
    values.push(frechet(await distances.ofRows(subset.map((i) => rows[i] as number)), ddof));
  }
  const line = fitLine(
    sizes.map((size) => 1 / size),
    values,
  );
  return { sizes, values, line };
}

export function fitPlot({ sizes, values, line }: FidFit): ScorePlot {
  const x = [0, ...sizes.map((size) => 1 / size).reverse()];
  return {
    id: 'fid-against-1-over-n',
    title: 'FID against 1/N',
    x: { label: '1/N', values: x },
    // Nothing was measured at 1/N = 0: the line alone goes there.
    y: { label: 'FID', values: [null, ...[...values].reverse()] },
    lines: [{ label: 'fitted line', values: x.map((value) => line.intercept + line.slope * value) }],
    kind: 'points',
  };
}

/** How many sizes the warning's fit takes where each costs much: a few tell the bias as well as it is wanted. */
export function cheapSizes({ rows, columns }: Matrix): number {
  return Math.min(rows, columns) <= 512 ? SIZES : 5;
}
