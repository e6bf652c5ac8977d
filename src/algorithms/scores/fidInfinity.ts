/**
 * FID∞: FID of growing subsets, extrapolated to N = ∞ along a line in 1/N.
 * Source: Chong & Forsyth, "Effectively unbiased FID and Inception Score", CVPR 2020 (arXiv 1911.07023).
 */
import type { ScoreValue } from '../../shared/scores/scores.ts';
import { GROUPS, jackknifeGroups } from '../stats/jackknife.ts';
import { referenceOf, rowsWhere } from './fid.ts';
import { fidFit, fitOfRows, fitPlot, SIZES } from './fidFit.ts';
import { FrechetSubsets } from './frechet.ts';
import {
  featuresOf,
  numberOption,
  sameLength,
  scoreValue,
  smallSample,
  TOO_FEW_FOR_JACKKNIFE,
} from './inputs.ts';
import type { Matrix, ScoreDefinition, ScoreInputs } from './types.ts';

const RECOMMENDED = 10_000;
/** rows · features² beyond which 20 further fits of 15 distances each would take minutes. */
const AFFORDABLE = 1e8;

export const fidInfinity: ScoreDefinition = {
  id: 'fid-infinity',
  name: 'FID∞',
  measures: 'What FID would be of endlessly many samples, from how it changes with their number.',
  direction: 'lower',
  recommended: RECOMMENDED,
  goodAt: [
    'Compares generators at different N: most of the bias is taken off',
    'Shows how much of a FID is bias alone',
  ],
  badAt: [
    'All that FID is blind to stays, and so does the bias that the reference’s own size brings',
    'The line is a first-order model: far off where N is no more than a few times the features',
  ],
  source: 'Chong & Forsyth 2020 (arXiv 1911.07023); mchong6/FID_IS_infinity; layer6ai-labs/dgm-eval',
  needs: { reference: 'statistics', logits: false, labels: false },
  options: ['ddof'],
  values: ['FID∞'],
  compute,
};

async function compute(inputs: ScoreInputs): Promise<readonly ScoreValue[]> {
  const features = featuresOf(inputs, 'generated', 30);
  const ddof = numberOption(inputs.options, 'ddof', 1, { least: 0, most: 1 }) as 0 | 1;
  const reference = await referenceOf(inputs);
  sameLength(features.columns, reference.statistics.size);
  const distances = new FrechetSubsets(features, reference, inputs.algebra);
  const fit = await fidFit(inputs, distances, SIZES, ddof);
  const replicates = await leaveOut(inputs, features, distances, ddof);
  const smallest = fit.sizes[0] as number;
  return [
    scoreValue({
      score: fidInfinity.id,
      name: fidInfinity.name,
      value: fit.line.intercept,
      replicates,
      ...(replicates === null && {
        intervalKind: jackknifeGroups(features.rows)
          ? `none: ${GROUPS * SIZES} further distances of this size would take too long`
          : TOO_FEW_FOR_JACKKNIFE,
      }),
      n: features.rows,
      nReference: reference.statistics.n ?? 0,
      warnings: [
        ...smallSample(features.rows, RECOMMENDED, 'the line against 1/N may not hold.'),
        ...(smallest <= features.columns
          ? [
              `The smallest subset has ${smallest} rows for ${features.columns} features: FID is not yet a line in 1/N there, and its intercept is a rough guess.`,
            ]
          : []),
      ],
      plots: [fitPlot(fit)],
      details: { 'bias at N': fit.line.slope / features.rows, sizes: SIZES },
    }),
  ];
}

async function leaveOut(
  inputs: ScoreInputs,
  features: Matrix,
  distances: FrechetSubsets,
  ddof: 0 | 1,
): Promise<number[] | null> {
  const groups = jackknifeGroups(features.rows);
  if (groups === null || features.rows * features.columns ** 2 > AFFORDABLE) return null;
  const replicates: number[] = [];
  for (let group = 0; group < GROUPS; group++) {
    const rows = rowsWhere(groups, (of) => of !== group);
    replicates.push((await fitOfRows(inputs, distances, rows, SIZES, ddof)).line.intercept);
    inputs.report((group + 1) / GROUPS);
  }
  return replicates;
}
