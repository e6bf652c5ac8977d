/**
 * Vendi score: how many different pictures there are among the samples, in effect: exp of the entropy of the eigenvalues of
 * K/n, K the cosine similarities. Source: Friedman & Dieng 2022 (arXiv 2210.02410); layer6ai-labs/dgm-eval (metrics/vendi.py).
 *
 * The n × n matrix has the same eigenvalues, but for zeros, as XᵀX/n of the rows brought to length 1, which is [d, d]: the
 * smaller of the two is decomposed.
 */
import { symmetricEigenvalues } from '../linalg/eigenvalues.ts';
import { Spectrum } from '../linalg/spectral.ts';
import { addGram, mirror } from '../linalg/symmetric.ts';
import { GROUPS, jackknifeGroups } from '../stats/jackknife.ts';
import { LEAST_RANK, slopeHolds } from './frechetSlope.ts';
import { byGroup, groupDeterminants, lostEntropy } from './groupDeterminants.ts';
import { breathe, featuresOf, JACKKNIFE, scoreValue, smallSample, wordOption } from './inputs.ts';
import { correctedSlope } from './leverage.ts';
import { quadraticForms } from './quadraticForms.ts';
import type { Matrix, ScoreDefinition, ScoreInputs } from './types.ts';

const RECOMMENDED = 10_000;
const BLOCK = 1024;
/** From here on products are float32. */
const LONG = 512;

export const vendi: ScoreDefinition = {
  id: 'vendi',
  name: 'Vendi score',
  measures:
    'How many clearly different pictures the samples amount to: 1 if all are the same, N if none resembles another. It never looks at real images.',
  direction: 'higher',
  recommended: RECOMMENDED,
  goodAt: [
    'Variety within classes, which the Inception Score cannot see',
    'Needs neither reference nor classes',
  ],
  badAt: [
    'Noise is various: poor and spread samples score high',
    'Knows no reference, so nobody can say what is enough; compare with the score of real images',
    'Depends on N and on the features’ mean: cosines of positive features are all near 1',
  ],
  source: 'Friedman & Dieng 2022 (arXiv 2210.02410); layer6ai-labs/dgm-eval',
  needs: { reference: 'none', logits: false, labels: false },
  options: [],
  values: ['Vendi score'],
  compute,
};

async function compute(inputs: ScoreInputs) {
  const features = featuresOf(inputs, 'generated', 1);
  const { rows: n, columns: d } = features;
  const groups =
    wordOption(inputs.options, 'interval', ['jackknife', 'none']) === 'none' ? null : jackknifeGroups(n);
  const spectral = slopeHolds(n, d);
  let value: number;
  let replicates: readonly number[] = [];
  if (groups === null) {
    const matrix = n <= d ? await cosinesOf(inputs, features) : await similarities(inputs, features, null);
    value = await entropyScore(inputs, matrix, Math.min(n, d), n <= d ? n : 1);
  } else if (n <= d) {
    const cosines = await cosinesOf(inputs, features);
    if (n < LEAST_RANK) {
      value = await entropyScore(inputs, cosines.slice(), n, n);
      replicates = await leaveRowsOut(inputs, cosines, n, groups);
    } else {
      const spectrum = await Spectrum.of(
        cosines.map((value) => value / n),
        n,
        inputs.algebra,
      );
      value = effectiveNumber(spectrum.values);
      replicates = await determinantReplicates(inputs, groups, spectrum);
    }
  } else if (spectral) {
    const spectrum = await Spectrum.of(await similarities(inputs, features, null), d, inputs.algebra);
    value = effectiveNumber(spectrum.values);
    inputs.report(0.5);
    replicates = await slopeReplicates(inputs, features, groups, spectrum, value);
  } else {
    const whole = await similarities(inputs, features, null);
    value = await entropyScore(inputs, whole.slice(), d, 1);
    replicates = await leaveOut(inputs, features, groups, whole);
  }
  return [
    scoreValue({
      ...{ score: vendi.id, name: vendi.name, value, n, nReference: 0 },
      ...(groups !== null
        ? {
            replicates,
            intervalKind: `${JACKKNIFE}${n > d && spectral ? '; by the derivative of the entropy' : ''}`,
          }
        : n >= 2 * GROUPS && { intervalKind: 'none: not asked for' }),
      warnings: smallSample(
        n,
        RECOMMENDED,
        'the score grows with N, so compare it with values at this N only.',
      ),
      details: { 'most it could be': Math.min(n, d) },
    }),
  ];
}

/** exp of the entropy of numbers that sum to 1; rounding below 0 is 0. */
export function effectiveNumber(eigenvalues: Float64Array): number {
  let entropy = 0;
  for (const value of eigenvalues) if (value > 0) entropy -= value * Math.log(value);
  return Math.exp(entropy);
}

/** exp of the entropy of a matrix divided by a number; the matrix is used as working memory. */
async function entropyScore(inputs: ScoreInputs, matrix: Float64Array, size: number, divisor: number) {
  await breathe(inputs);
  for (let i = 0; i < matrix.length; i++) matrix[i] = (matrix[i] as number) / divisor;
  return effectiveNumber(await symmetricEigenvalues(matrix, size, inputs.algebra));
}

/**
 * Σ x·xᵀ/n over some rows, all of them without `picked`, each of length 1, [d, d]. Of long features products are float32,
 * about the mean, which most of the sum is of: what they round is then what differs.
 */
async function similarities(
  inputs: ScoreInputs,
  features: Matrix,
  picked: readonly number[] | null,
): Promise<Float64Array> {
  const { columns: d } = features;
  const rows = picked ?? Array.from({ length: features.rows }, (_, i) => i);
  const mean = d >= LONG ? meanDirection(features, rows) : null;
  const sum = new Float64Array(d * d);
  const columns = new (mean === null ? Float64Array : Float32Array)(Math.min(BLOCK, rows.length) * d);
  for (let from = 0; from < rows.length; from += BLOCK) {
    await breathe(inputs);
    const block = rows.slice(from, from + BLOCK);
    const part = columns.subarray(0, block.length * d);
    fillColumns(features, block, mean, part);
    await addGram(sum, part, d, block.length, inputs.algebra);
    inputs.report((0.25 * from) / rows.length);
  }
  for (let i = 0; i < d; i++) {
    for (let j = 0, at = i * d; j <= i; j++, at++) {
      const shared = mean === null ? 0 : (mean[i] as number) * (mean[j] as number);
      sum[at] = (sum[at] as number) / rows.length + shared;
    }
  }
  mirror(sum, d);
  return sum;
}

/** Mean of some rows, each divided by its length, [d] */
function meanDirection(features: Matrix, rows: readonly number[]): Float64Array {
  const { columns: d, values } = features;
  const mean = new Float64Array(d);
  for (const row of rows) {
    const weight = 1 / lengthOf(features, row) / rows.length;
    for (let j = 0, at = row * d; j < d; j++, at++) {
      mean[j] = (mean[j] as number) + weight * (values[at] as number);
    }
  }
  return mean;
}

/** Rows divided by their length, less a mean, as columns: [d, rows]. Tiles of a few, so that what is written stays in the cache. */
function fillColumns(
  features: Matrix,
  rows: readonly number[],
  mean: Float64Array | null,
  out: Float64Array | Float32Array,
): void {
  const { columns: d, values } = features;
  const n = rows.length;
  const weights = rows.map((row) => 1 / lengthOf(features, row));
  for (let tile = 0; tile < n; tile += 16) {
    const end = Math.min(n, tile + 16);
    for (let j = 0; j < d; j++) {
      const middle = mean === null ? 0 : (mean[j] as number);
      for (let i = tile; i < end; i++) {
        out[j * n + i] = (values[(rows[i] as number) * d + j] as number) * (weights[i] as number) - middle;
      }
    }
  }
}

/** ‖x‖; 1 of a row of zeros, which stays. */
function lengthOf({ columns: d, values }: Matrix, row: number): number {
  let square = 0;
  for (let at = row * d, end = at + d; at < end; at++) square += (values[at] as number) ** 2;
  return square > 0 ? Math.sqrt(square) : 1;
}

/** All cosines, [n, n]. */
async function cosinesOf(inputs: ScoreInputs, features: Matrix): Promise<Float64Array> {
  const { rows: n, columns: d } = features;
  const sum = new Float64Array(n * n);
  const rows = directions(
    features,
    Array.from({ length: n }, (_, i) => i),
  );
  await addGram(sum, rows, n, d, inputs.algebra);
  mirror(sum, n);
  return sum;
}

/**
 * Of few rows: with M = K/n, and M′ the same less the group's rows, the entropy without a group is that of c·M′, c = n/(n − rows
 * of it): −ln c − c·Tr M′ ln M′ (groupDeterminants.ts).
 */
async function determinantReplicates(
  inputs: ScoreInputs,
  groups: Uint8Array,
  spectrum: Spectrum,
): Promise<number[]> {
  const n = groups.length;
  const { order, counts } = byGroup(groups);
  const turned = await spectrum.turned(null, n, () => breathe(inputs));
  const right = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) right[i * n + j] = turned[i * n + (order[j] as number)] as number;
  }
  const determinants = await groupDeterminants(
    inputs,
    { spectrum, right, of: 'G', counts, centred: false },
    (share) => inputs.report(0.5 + 0.5 * share),
  );
  if (determinants === null) return [...counts].map(() => 1);
  const lost = lostEntropy(
    determinants,
    counts.map((count) => count / n),
  );
  const whole = spectrum.values.reduce((sum, value) => sum + (value > 0 ? value * Math.log(value) : 0), 0);
  return Array.from(counts, (count, group) => {
    const c = n / (n - count);
    return Math.exp(-Math.log(c) - c * (whole - (lost[group] as number)));
  });
}

/** Of few rows: a part of the cosines for each group. */
async function leaveRowsOut(
  inputs: ScoreInputs,
  cosines: Float64Array,
  n: number,
  groups: Uint8Array,
): Promise<number[]> {
  const found: number[] = [];
  for (let group = 0; group < GROUPS; group++) {
    const kept = [...groups.keys()].filter((row) => groups[row] !== group);
    const part = new Float64Array(kept.length ** 2);
    kept.forEach((row, i) => {
      kept.forEach((other, j) => {
        part[i * kept.length + j] = cosines[row * n + other] as number;
      });
    });
    found.push(await entropyScore(inputs, part, kept.length, kept.length));
    inputs.report(0.3 + (0.7 * (group + 1)) / GROUPS);
  }
  return found;
}

async function leaveOut(
  inputs: ScoreInputs,
  features: Matrix,
  groups: Uint8Array,
  whole: Float64Array,
): Promise<number[]> {
  const { rows: n, columns: d } = features;
  const found: number[] = [];
  for (let group = 0; group < GROUPS; group++) {
    const out = [...groups.keys()].filter((row) => groups[row] === group);
    const part = await similarities(inputs, features, out);
    const left = whole.map((value, at) => (value * n - (part[at] as number) * out.length) / (n - out.length));
    found.push(await entropyScore(inputs, left, d, 1));
    inputs.report(0.3 + (0.7 * (group + 1)) / GROUPS);
  }
  return found;
}

/**
 * By the derivative: without the rows U of a group K becomes c·(K − UᵀU/n), c = n/(n − rows of it), and −Tr K·ln K falls
 * by a quadratic form of them with −ln K (leverage.ts), but for multiples of the number of rows.
 */
async function slopeReplicates(
  inputs: ScoreInputs,
  features: Matrix,
  groups: Uint8Array,
  spectrum: Spectrum,
  value: number,
): Promise<number[]> {
  const { rows: n, columns: d } = features;
  const slope = correctedSlope(
    spectrum.values,
    n,
    n / GROUPS,
    () => 1,
    2 * (spectrum.values[d - 1] as number),
  );
  // A logarithm: what float32 rounds of it is nothing beside the derivative's own error.
  const gradient = await spectrum.apply(slope, null, d, () => breathe(inputs), 'float32');
  inputs.report(0.8);
  const unit = { rows: n, columns: d, values: unitRows(features) };
  const forms = await quadraticForms(inputs, unit, new Float64Array(d), gradient);
  const sums = new Float64Array(GROUPS);
  const counts = new Float64Array(GROUPS);
  groups.forEach((group, row) => {
    sums[group] = (sums[group] as number) + (forms[row] as number);
    counts[group] = (counts[group] as number) + 1;
  });
  // Σ of the form over the group less its number of rows times the mean: what differs from group to group.
  const mean = forms.reduce((a, b) => a + b, 0) / n;
  return Array.from({ length: GROUPS }, (_, group) => {
    const out = counts[group] as number;
    return value * Math.exp(-((sums[group] as number) - out * mean) / (n - out));
  });
}

/** float32, each row divided by its length */
function unitRows(features: Matrix): Float32Array {
  const { rows: n, columns: d } = features;
  const out = new Float32Array(n * d);
  for (let from = 0; from < n; from += BLOCK) {
    const block = Array.from({ length: Math.min(n, from + BLOCK) - from }, (_, i) => from + i);
    out.set(directions(features, block), from * d);
  }
  return out;
}

/** Some rows, each divided by its length; a row of zeros stays, float64 [rows, d]. */
function directions(features: Matrix, rows: readonly number[]): Float64Array {
  const { columns: d, values } = features;
  const out = new Float64Array(rows.length * d);
  for (const [i, row] of rows.entries()) {
    const length = lengthOf(features, row);
    for (let j = 0; j < d; j++) out[i * d + j] = (values[row * d + j] as number) / length;
  }
  return out;
}
