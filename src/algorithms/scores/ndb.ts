/**
 * NDB: in how many cells of the reference the share of samples differs from that of real images, beyond chance.
 * Source: Richardson & Weiss, "On GANs and GMMs", 2018 (arXiv 1805.12462); eitanrich/gans-n-gmms (utils/ndb.py): k-means of
 * the reference with k = 100, a two-proportion z-test for each cell at α = 0.05.
 */
import type { ScorePlot } from '../../shared/scores/scores.ts';
import { CentredRows, centreOf } from '../linalg/distances.ts';
import { kMeans } from '../linalg/kmeans.ts';
import { nearestAcross } from '../linalg/nearest.ts';
import { normalTail } from '../stats/normalTail.ts';
import { histogram, leaveGroupsOut } from './groups.ts';
import { bothFeatures, breathe, JACKKNIFE, numberOption, once, scoreValue, smallSample } from './inputs.ts';
import type { ScoreDefinition, ScoreInputs } from './types.ts';

const RECOMMENDED = 10_000;
const CELLS = 100;
const ALPHA = 0.05;
const RESTARTS = 3;
const ROUNDS = 100;
const BARS = 100;

export const ndb: ScoreDefinition = {
  id: 'ndb',
  name: 'NDB',
  measures:
    'Share of the kinds of real pictures (cells of a clustering) that the samples show too often or too rarely, beyond chance: 0.05 where there is no difference.',
  direction: 'lower',
  recommended: RECOMMENDED,
  goodAt: [
    'Finds dropped and over-represented modes, and says which: look at the cells',
    'Has a level that chance alone gives',
  ],
  badAt: [
    'Finds smaller differences with more samples, so compare at equal N',
    'Pictures unlike all real ones still fall into some cell',
    'Cells with few real images say little',
  ],
  source: 'Richardson & Weiss 2018 (arXiv 1805.12462); eitanrich/gans-n-gmms',
  needs: { reference: 'features', logits: false, labels: false },
  options: ['k'],
  values: ['NDB/k', 'JS divergence over cells'],
  compute,
};

export interface Cells {
  readonly k: number;
  /** float32 [k, d] */
  readonly centres: Float32Array;
  readonly reference: Int32Array;
  readonly generated: Int32Array;
}

/** Clusters of the reference alone, and where the samples fall. */
export function cellsOf(inputs: ScoreInputs, wanted: number): Promise<Cells> {
  return once(inputs.shared, `cells ${wanted} ${inputs.seed}`, async () => {
    const { generated, reference } = bothFeatures(inputs, { generated: 1, reference: 2 });
    const found = await once(inputs.sharedReference, `cells ${wanted} ${inputs.seed}`, () =>
      kMeans(
        reference,
        { k: wanted, restarts: RESTARTS, rounds: ROUNDS, seed: inputs.seed },
        inputs.algebra,
        () => breathe(inputs),
      ),
    );
    inputs.report(0.7);
    const centres = { rows: found.k, columns: reference.columns, values: found.centres };
    const middle = centreOf(centres);
    const near = await nearestAcross(
      new CentredRows(generated, middle),
      new CentredRows(centres, middle),
      1,
      inputs.algebra,
      async (share) => {
        inputs.report(0.7 + 0.3 * share);
        await breathe(inputs);
      },
    );
    return {
      ...{ k: found.k, centres: found.centres, reference: found.labels },
      generated: Int32Array.from(near.indices),
    };
  });
}

/** Two-sided p of equal shares, pooled; 1 where neither side has any. */
export function twoProportions(a: number, n: number, b: number, m: number): number {
  const pooled = (a + b) / (n + m);
  const spread = Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
  if (spread === 0) return 1;
  return 2 * normalTail(Math.abs(a / n - b / m) / spread);
}

async function compute(inputs: ScoreInputs) {
  const rows = bothFeatures(inputs, { generated: 2, reference: 2 }).reference.rows;
  const wanted = numberOption(inputs.options, 'k', Math.min(CELLS, Math.max(2, Math.floor(rows / 10))), {
    least: 2,
    most: rows,
  });
  return ndbValues(await cellsOf(inputs, wanted));
}

/** The values of given cells. */
export function ndbValues({ k, reference, generated }: Omit<Cells, 'centres'>) {
  const real = histogram(reference, k);
  const [n, m] = [generated.length, reference.length];
  const found = (counts: Float64Array, of: number) => {
    let different = 0;
    for (let cell = 0; cell < k; cell++)
      if (twoProportions(counts[cell] as number, of, real[cell] as number, m) < ALPHA) different++;
    return { share: different / k, divergence: jensenShannon(counts, of, real, m) };
  };
  const counts = histogram(generated, k);
  const whole = found(counts, n);
  const without = leaveGroupsOut(n, (keeps) => {
    const left = histogram(generated, k, keeps);
    return found(
      left,
      left.reduce((a, b) => a + b, 0),
    );
  });
  const common = {
    ...{ score: ndb.id, n, nReference: m },
    warnings: smallSample(
      n,
      RECOMMENDED,
      'with more samples smaller differences are found; compare at this N only.',
    ),
  };
  return [
    scoreValue({
      ...common,
      ...{ name: 'NDB/k', value: whole.share },
      // A test's outcome is no smooth function of the counts: leaving groups out says nothing of how it varies.
      ...{
        replicates: null,
        intervalKind: `none: a count of tests; ${(ALPHA * 100).toFixed(0)} % differ by chance alone`,
      },
      plots: [bars(real, m, counts, n)],
      details: {
        ...{ cells: k, 'cells that differ': Math.round(whole.share * k), 'significance level': ALPHA },
        'cells without samples': counts.filter((count) => count === 0).length,
      },
    }),
    scoreValue({
      ...common,
      ...{ name: 'JS divergence over cells', value: whole.divergence },
      replicates: without?.map(({ divergence }) => divergence) ?? null,
      ...(without && { intervalKind: `${JACKKNIFE}; the cells held as they are` }),
      details: { cells: k },
    }),
  ];
}

/** Of two histograms, in nats. */
function jensenShannon(a: Float64Array, n: number, b: Float64Array, m: number): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [(a[i] as number) / n, (b[i] as number) / m];
    const r = (p + q) / 2;
    if (p > 0) sum += (p * Math.log(p / r)) / 2;
    if (q > 0) sum += (q * Math.log(q / r)) / 2;
  }
  return sum;
}

/** The cells, those with most real images first. */
function bars(real: Float64Array, m: number, counts: Float64Array, n: number): ScorePlot {
  const order = [...real.keys()].sort((a, b) => (real[b] as number) - (real[a] as number)).slice(0, BARS);
  return {
    id: 'ndb-cells',
    title: 'Cells of the reference: share of the samples, and of the real images',
    x: { label: 'cell, by real images', values: order.map((_, rank) => rank + 1) },
    y: { label: 'share', values: order.map((cell) => (counts[cell] as number) / n) },
    lines: [{ label: 'real images', values: order.map((cell) => (real[cell] as number) / m) }],
    kind: 'bars',
  };
}
