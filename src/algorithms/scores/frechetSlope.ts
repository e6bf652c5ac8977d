/**
 * The distances without each group of samples from the derivative of the distance: twenty decompositions less.
 *
 * The means, and the trace of Σ₁, are exact; Tr (Σ₁Σ₂)^½ = Tr M^½ with M = LᵀΣ₁L, Σ₂ = L·Lᵀ, changes by a quadratic form of
 * the rows left out (leverage.ts), whose gradient with respect to Σ₁ is ½·L·M^(−½)·Lᵀ = ½·Σ₂^½(Σ₂^½Σ₁Σ₂^½)^(−½)Σ₂^½.
 */
import type { Spectrum } from '../linalg/spectral.ts';
import { GROUPS } from '../stats/jackknife.ts';
import { type FrechetParts, type FrechetReference, squaredDistance } from './frechet.ts';
import { breathe } from './inputs.ts';
import { correctedSlope } from './leverage.ts';
import { quadraticForms } from './quadraticForms.ts';
import type { Matrix, ScoreInputs, Statistics } from './types.ts';

/** Below, the exact replicates cost little. */
export const LEAST_RANK = 96;
/** Rows for each direction, from which on the derivative was checked. */
const LEAST_ROWS = 1.5;

export function slopeHolds(rows: number, rank: number): boolean {
  return rank >= LEAST_RANK && rows >= LEAST_ROWS * rank;
}

export interface Known {
  readonly statistics: Statistics;
  readonly reference: FrechetReference;
  readonly parts: FrechetParts;
  readonly spectrum: Spectrum;
}

/** Parts of the distance without each group; their deviations from each other are meant, not their mean. */
export async function slopeReplicates(
  inputs: ScoreInputs,
  features: Matrix,
  groups: Uint8Array,
  known: Known,
): Promise<FrechetParts[]> {
  const { statistics, reference, parts, spectrum } = known;
  const { size, mean } = statistics;
  const n = features.rows;
  const slope = correctedSlope(spectrum.values, n, n / GROUPS, (s) => 1 / (2 * Math.PI * Math.sqrt(s)));
  const gradient = await spectrum.apply(slope, reference.factor.values, size, () => breathe(inputs));
  inputs.report(0.6);
  const forms = await quadraticForms(inputs, features, mean, gradient);
  const along = new Float64Array(GROUPS);
  groups.forEach((group, row) => {
    along[group] = (along[group] as number) + (forms[row] as number);
  });
  return partsWithout(features, groups, known, ({ group, apart, shift, left }) => {
    const lost = (along[group] as number) + shift * formOf(gradient, apart, size);
    return Math.sqrt((n - 1) / (left - 1)) * (parts.root - lost / (n - 1));
  });
}

interface Without {
  readonly group: number;
  /** Mean of the group less that of all rows, [d] */
  readonly apart: Float64Array;
  /** Without the group the scatter lacks its rows about the old mean, and this times apart·apartᵀ. */
  readonly shift: number;
  /** Rows that are left. */
  readonly left: number;
}

/** @param rootOf Tr (Σ₁Σ₂)^½ without a group; all else is exact */
export function partsWithout(
  features: Matrix,
  groups: Uint8Array,
  { statistics: { size, mean }, reference, parts }: Omit<Known, 'spectrum'>,
  rootOf: (without: Without) => number,
): FrechetParts[] {
  const n = features.rows;
  const { sums, squares, counts } = groupSums(features, mean, groups);
  return Array.from({ length: GROUPS }, (_, group) => {
    const out = counts[group] as number;
    const left = n - out;
    const apart = sums.subarray(group * size, (group + 1) * size).map((sum) => sum / out);
    const moved = mean.map((value, j) => value - ((apart[j] as number) * out) / left);
    const shift = (out * out) / left;
    const spread = (squares[group] as number) + shift * apart.reduce((sum, value) => sum + value * value, 0);
    return {
      means: squaredDistance(moved, reference.statistics.mean),
      traceGenerated: (parts.traceGenerated * (n - 1) - spread) / (left - 1),
      traceReference: parts.traceReference,
      root: rootOf({ group, apart, shift, left }),
      n: left,
      nReference: parts.nReference,
    };
  });
}

function groupSums({ rows, columns, values }: Matrix, mean: Float64Array, groups: Uint8Array) {
  const sums = new Float64Array(GROUPS * columns);
  const squares = new Float64Array(GROUPS);
  const counts = new Float64Array(GROUPS);
  for (let i = 0; i < rows; i++) {
    const group = groups[i] as number;
    counts[group] = (counts[group] as number) + 1;
    let square = 0;
    for (let j = 0, at = i * columns, to = group * columns; j < columns; j++, at++, to++) {
      const value = (values[at] as number) - (mean[j] as number);
      sums[to] = (sums[to] as number) + value;
      square += value * value;
    }
    squares[group] = (squares[group] as number) + square;
  }
  return { sums, squares, counts };
}

function formOf(matrix: Float64Array, x: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) {
    let row = 0;
    for (let j = 0; j < size; j++) row += (matrix[i * size + j] as number) * (x[j] as number);
    sum += row * (x[i] as number);
  }
  return sum;
}
