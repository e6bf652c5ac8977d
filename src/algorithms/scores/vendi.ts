/**
 * Vendi score: how many different pictures there are among the samples, in effect: exp of the entropy of the eigenvalues of
 * K/n, K the cosine similarities. Source: Friedman & Dieng 2022 (arXiv 2210.02410); layer6ai-labs/dgm-eval (metrics/vendi.py).
 *
 * The n × n matrix has the same eigenvalues, but for zeros, as XᵀX/n of the rows brought to length 1, which is [d, d].
 */
import { symmetricEigenvalues } from '../linalg/eigenvalues.ts';
import { GROUPS, jackknifeGroups } from '../stats/jackknife.ts';
import { breathe, featuresOf, JACKKNIFE, scoreValue, smallSample, wordOption } from './inputs.ts';
import type { Matrix, ScoreDefinition, ScoreInputs } from './types.ts';

const RECOMMENDED = 10_000;
const BLOCK = 1024;

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
  values: ['Vendi score'],
  compute,
};

async function compute(inputs: ScoreInputs) {
  const features = featuresOf(inputs, 'generated', 1);
  const { rows: n, columns: d } = features;
  const groups =
    wordOption(inputs.options, 'interval', ['jackknife', 'none']) === 'none' ? null : jackknifeGroups(n);
  const count = groups === null ? 1 : GROUPS;
  const parts = Array.from({ length: count }, () => new Float64Array(d * d));
  const sizes = new Float64Array(count);
  for (let group = 0; group < count; group++) {
    const rows = Array.from({ length: n }, (_, i) => i).filter((i) => groups === null || groups[i] === group);
    sizes[group] = rows.length;
    for (let from = 0; from < rows.length; from += BLOCK) {
      await breathe(inputs);
      const block = directions(features, rows.slice(from, from + BLOCK));
      const m = block.length / d;
      const product = await inputs.algebra.product(block, block, { m: d, k: m, n: d, transposeA: true });
      add(parts[group] as Float64Array, product, 1);
    }
    inputs.report((0.3 * (group + 1)) / count);
  }
  const whole = new Float64Array(d * d);
  for (const part of parts) add(whole, part, 1);
  const scoreOf = async (gram: Float64Array, rows: number) => {
    await breathe(inputs);
    return effectiveNumber(
      await symmetricEigenvalues(
        gram.map((value) => value / rows),
        d,
        inputs.algebra,
      ),
    );
  };
  const value = await scoreOf(whole, n);
  const replicates: number[] = [];
  if (groups !== null)
    for (let group = 0; group < GROUPS; group++) {
      const left = whole.slice();
      add(left, parts[group] as Float64Array, -1);
      replicates.push(await scoreOf(left, n - (sizes[group] as number)));
      inputs.report(0.3 + (0.7 * (group + 1)) / GROUPS);
    }
  return [
    scoreValue({
      ...{ score: vendi.id, name: vendi.name, value, n, nReference: 0 },
      ...(groups !== null
        ? { replicates, intervalKind: `${JACKKNIFE}` }
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

/** Some rows, each divided by its length; a row of zeros stays, float64 [rows, d]. */
function directions({ columns: d, values }: Matrix, rows: readonly number[]): Float64Array {
  const out = new Float64Array(rows.length * d);
  for (const [i, row] of rows.entries()) {
    let square = 0;
    for (let j = 0; j < d; j++) square += (values[row * d + j] as number) ** 2;
    const length = square > 0 ? Math.sqrt(square) : 1;
    for (let j = 0; j < d; j++) out[i * d + j] = (values[row * d + j] as number) / length;
  }
  return out;
}

function add(to: Float64Array, what: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i++) to[i] = (to[i] as number) + factor * (what[i] as number);
}
