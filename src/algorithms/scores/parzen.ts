/**
 * Parzen-window log-likelihood: of real images under a Gaussian around each sample. Kept because papers report it; it is no
 * measure of quality. Sources: Breuleux et al. 2011; goodfeli/adversarial parzen_ll.py (σ from ten values on a validation
 * part); against it Theis, van den Oord & Bethge, "A note on the evaluation of generative models", 2016 (arXiv 1511.01844).
 */
import { NumpyRandom } from '../latent/numpyRandom.ts';
import { bothFeatures, breathe, scoreValue } from './inputs.ts';
import type { Matrix, ScoreDefinition, ScoreInputs } from './types.ts';

const RECOMMENDED = 10_000;
const MOST_CENTRES = 10_000;
const MOST_TEST = 10_000;
const MOST_VALIDATION = 1000;
const BLOCK = 512;
/** numpy.logspace(-1, 0, 10) */
const SIGMAS = Array.from({ length: 10 }, (_, i) => 10 ** (-1 + i / 9));

export const parzen: ScoreDefinition = {
  id: 'parzen',
  name: 'Parzen log-likelihood',
  measures:
    'How likely real images are under a blur around each sample. Reported in older papers; it says little about quality.',
  direction: 'higher',
  recommended: RECOMMENDED,
  goodAt: [
    'Compares with numbers of older papers',
    'Falls when whole regions of the real images have no sample near',
  ],
  badAt: [
    'Low likelihood, high quality: perfect samples of a few kinds leave the others with hardly any likelihood',
    'High likelihood, low quality: real images mixed with 99 % noise lose only log 100 ≈ 4.6 of hundreds',
    'Memorised training images have the best likelihood',
    'In many dimensions the estimate is far from the true likelihood, however many samples there are',
  ],
  source: 'goodfeli/adversarial; Theis et al. 2016 (arXiv 1511.01844); Borji 2019 (arXiv 1802.03446)',
  needs: { reference: 'features', logits: false, labels: false },
  options: [],
  values: ['Parzen log-likelihood'],
  compute,
};

async function compute(inputs: ScoreInputs) {
  const sides = bothFeatures(inputs, { generated: 1, reference: 4 });
  const { columns: d } = sides.reference;
  const order = new NumpyRandom(inputs.seed).permutation(sides.reference.rows);
  const held = Math.min(MOST_VALIDATION, Math.floor(order.length / 5));
  const scale = spreadOf(sides.reference);
  const centres = scaled(sides.generated, firstRows(Math.min(MOST_CENTRES, sides.generated.rows)), scale);
  const validation = scaled(sides.reference, order.slice(0, held), scale);
  const test = scaled(sides.reference, order.slice(held, held + MOST_TEST), scale);
  const mean = (values: Float64Array) => values.reduce((a, b) => a + b, 0) / values.length;
  const [tried] = [await logLikelihoods(inputs, centres, validation, d, SIGMAS, [0, 0.4])];
  const means = tried.map(mean);
  const best = means.indexOf(Math.max(...means));
  const sigma = SIGMAS[best] as number;
  const [own] = await logLikelihoods(inputs, centres, test, d, [sigma], [0.4, 1]);
  const each = own as Float64Array;
  const value = mean(each);
  const n = each.length;
  const error = Math.sqrt(each.reduce((sum, one) => sum + (one - value) ** 2, 0) / (n - 1) / n);
  const atEdge = best === 0 || best === SIGMAS.length - 1;
  return [
    scoreValue({
      ...{ score: parzen.id, name: parzen.name, value, n: centres.rows, nReference: sides.reference.rows },
      ...{ replicates: null, interval: [value - 1.96 * error, value + 1.96 * error] as const },
      intervalKind: 'mean ± 1.96 standard errors over the real images; the samples held as they are',
      warnings: [
        'Likelihood is not quality: perfect samples of a few kinds score low, and 99 % noise costs only 4.6.',
        ...(atEdge ? [`The best width (${sigma.toPrecision(3)}) is the edge of those tried.`] : []),
      ],
      details: {
        ...{ sigma, 'standard error': error, 'real images judged': n, 'real images that chose sigma': held },
        'unit (spread of a feature)': scale,
      },
    }),
  ];
}

/**
 * logmeanexp_i(−‖y − s_i‖²/2σ²) − d·log(σ√2π) for each y and σ.
 *
 * @returns one array a σ, [rows]
 */
export async function logLikelihoods(
  inputs: ScoreInputs,
  centres: Scaled,
  rows: Scaled,
  d: number,
  sigmas: readonly number[],
  [from, to]: readonly [number, number],
): Promise<Float64Array[]> {
  const highest = sigmas.map(() => new Float64Array(rows.rows).fill(Number.NEGATIVE_INFINITY));
  const sums = sigmas.map(() => new Float64Array(rows.rows));
  for (let i = 0; i < rows.rows; i += BLOCK)
    for (let j = 0; j < centres.rows; j += BLOCK) {
      const [m, n] = [Math.min(BLOCK, rows.rows - i), Math.min(BLOCK, centres.rows - j)];
      const [left, right] = [rows.values.slice(i * d, (i + m) * d), centres.values.slice(j * d, (j + n) * d)];
      const products = await inputs.algebra.product(left, right, { m, k: d, n, transposeB: true });
      for (let row = 0; row < m; row++)
        for (let column = 0; column < n; column++) {
          const square =
            (rows.squares[i + row] as number) +
            (centres.squares[j + column] as number) -
            2 * (products[row * n + column] as number);
          for (const [s, sigma] of sigmas.entries())
            accumulate(
              highest[s] as Float64Array,
              sums[s] as Float64Array,
              i + row,
              -square / (2 * sigma ** 2),
            );
        }
      inputs.report(from + ((to - from) * (i + (m * (j + n)) / centres.rows)) / rows.rows);
      await breathe(inputs);
    }
  return sigmas.map((sigma, s) =>
    (highest[s] as Float64Array).map(
      (high, i) =>
        high +
        Math.log((sums[s] as Float64Array)[i] as number) -
        Math.log(centres.rows) -
        d * Math.log(sigma * Math.sqrt(2 * Math.PI)),
    ),
  );
}

/** Σ exp as it streams by, under the largest exponent so far. */
function accumulate(highest: Float64Array, sums: Float64Array, at: number, exponent: number): void {
  const high = highest[at] as number;
  if (exponent <= high) {
    sums[at] = (sums[at] as number) + Math.exp(exponent - high);
    return;
  }
  sums[at] = (sums[at] as number) * Math.exp(high - exponent) + 1;
  highest[at] = exponent;
}

export interface Scaled {
  readonly rows: number;
  /** float64 [rows, d] */
  readonly values: Float64Array;
  readonly squares: Float64Array;
}

export function scaled({ columns: d, values }: Matrix, rows: ArrayLike<number>, scale: number): Scaled {
  const out = new Float64Array(rows.length * d);
  const squares = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++)
    for (let j = 0; j < d; j++) {
      const value = (values[(rows[i] as number) * d + j] as number) / scale;
      out[i * d + j] = value;
      squares[i] = (squares[i] as number) + value * value;
    }
  return { rows: rows.length, values: out, squares };
}

/** Root of the mean variance of a feature: the widths that are tried are in this unit, whatever the extractor's scale. */
export function spreadOf({ rows, columns: d, values }: Matrix): number {
  let total = 0;
  for (let j = 0; j < d; j++) {
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < rows; i++) sum += values[i * d + j] as number;
    const mean = sum / rows;
    for (let i = 0; i < rows; i++) squares += ((values[i * d + j] as number) - mean) ** 2;
    total += squares / rows;
  }
  return total > 0 ? Math.sqrt(total / d) : 1;
}

function firstRows(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}
