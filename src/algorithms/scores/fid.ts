/**
 * FID: Heusel et al., "GANs trained by a two time-scale update rule …", 2017 (arXiv 1706.08500). As mseitzer/pytorch-fid
 * computes it, but with a root that is never imaginary and needs no offset for singular covariances (traceSqrt.ts).
 */
import type { ScoreValue } from '../../shared/scores/scores.ts';
import type { Spectrum } from '../linalg/spectral.ts';
import { GROUPS, jackknifeGroups } from '../stats/jackknife.ts';
import { Moments, without } from '../stats/moments.ts';
import { cheapSizes, type FidFit, fidFit, fitPlot, SIZES } from './fidFit.ts';
import {
  type FrechetParts,
  type FrechetReference,
  FrechetSubsets,
  frechet,
  frechetOfRows,
  frechetReference,
  frechetSpectrum,
} from './frechet.ts';
import { determinantReplicates } from './frechetDeterminants.ts';
import { LEAST_RANK, slopeHolds, slopeReplicates } from './frechetSlope.ts';
import {
  breathe,
  invalid,
  JACKKNIFE,
  numberOption,
  once,
  sameLength,
  scoreValue,
  sideOf,
  smallSample,
  statisticsOf,
  wordOption,
} from './inputs.ts';
import type { Matrix, ScoreDefinition, ScoreInputs, Statistics } from './types.ts';

const RECOMMENDED = 50_000;

export const fid: ScoreDefinition = {
  id: 'fid',
  name: 'FID',
  measures:
    'How far the features of the samples, taken as one Gaussian cloud, are from those of the reference: both the centre and the spread count.',
  direction: 'lower',
  recommended: RECOMMENDED,
  goodAt: [
    'Agrees with people on strong blur, noise and distortion',
    'Sees dropped modes and lack of variety within a class as well as poor pictures',
    'The number that most papers report, so results can be compared when everything else is equal',
  ],
  badAt: [
    'Biased upward by an amount that depends on the model and on N: only values at equal N compare',
    'Assumes Gaussian features; sees mean and covariance alone',
    'One number for quality and variety: it cannot say which is lacking',
    'Does not notice memorised training images',
    'Moves with the resize, the JPEG quality and the extractor more than with many improvements',
  ],
  source:
    'Heusel et al. 2017 (arXiv 1706.08500); mseitzer/pytorch-fid; Borji 2019 (arXiv 1802.03446), 2022 (arXiv 2103.09396)',
  needs: { reference: 'statistics', logits: false, labels: false },
  options: ['ddof'],
  values: ['FID'],
  compute,
};

async function compute(inputs: ScoreInputs): Promise<readonly ScoreValue[]> {
  const ddof = numberOption(inputs.options, 'ddof', 1, { least: 0, most: 1 }) as 0 | 1;
  const generated = await statisticsOf(inputs, 'generated');
  const reference = await referenceOf(inputs);
  sameLength(generated.size, reference.statistics.size);
  if (generated.n !== null && generated.n < 2) {
    throw invalid('One sample has no covariance.', 'Ask for more samples.');
  }
  inputs.report(0.1);
  const { features } = inputs.generated;
  const distances = features === null ? null : new FrechetSubsets(features, reference, inputs.algebra);
  const ways = waysOf(features, reference);
  const { parts, spectrum } =
    features !== null && distances !== null && ways.fewRows
      ? await frechetOfRows(features, generated, reference, distances, inputs.algebra)
      : await frechetSpectrum(generated, reference, inputs.algebra);
  inputs.report(0.3);
  const value = Math.max(0, frechet(parts, ddof));
  const interval = wordOption(inputs.options, 'interval', ['jackknife', 'none']);
  const groups = features === null || interval === 'none' ? null : jackknifeGroups(features.rows);
  const slope = ways.slope && spectrum !== null;
  let replicates: readonly number[] | null = null;
  if (features !== null && distances !== null && groups !== null) {
    const known = { statistics: generated, reference, parts };
    if (slope) {
      const parts = await slopeReplicates(inputs, features, groups, { ...known, spectrum });
      replicates = about(
        value,
        parts.map((without) => frechet(without, ddof)),
      );
    } else if (ways.determinants && spectrum !== null) {
      const parts = await determinantReplicates(inputs, features, groups, { ...known, spectrum });
      replicates = parts.map((without) => frechet(without, ddof));
    } else {
      replicates = await leaveOut(inputs, features, groups, generated, distances, ddof);
    }
  }
  const n = generated.n ?? 0;
  const biased = features !== null && distances !== null && features.rows >= 20 && n < RECOMMENDED;
  const fit =
    biased && !slope
      ? await fidFit(
          inputs,
          distances,
          cheapSizes(features),
          ddof,
          cheapSizes(features) < SIZES ? value : null,
        )
      : null;
  const bias = fit !== null ? fit.line.slope / n : biased && slope ? biasOf(parts, spectrum, n) : null;
  inputs.report(1);
  return [
    scoreValue({
      score: fid.id,
      name: 'FID',
      value,
      replicates,
      ...(features === null && { intervalKind: 'none: of statistics alone' }),
      ...(interval === 'none' && { intervalKind: 'none: not asked for' }),
      n,
      nReference: reference.statistics.n ?? 0,
      ...(replicates !== null &&
        slope && { intervalKind: `${JACKKNIFE}; by the derivative of the distance` }),
      warnings: warningsOf(generated, reference.statistics, bias, fit !== null),
      plots: fit === null ? [] : [fitPlot(fit)],
      details: {
        ...detailsOf(parts, reference, fit, ddof),
        ...(fit === null && bias !== null && { 'bias at N (from the spectrum)': bias }),
      },
    }),
  ];
}

/** The reference with its factor, kept for other generated sides. */
export function referenceOf(inputs: ScoreInputs): Promise<FrechetReference> {
  // Asked for first, so that a missing reference is said in its own words.
  sideOf(inputs, 'reference');
  return once(inputs.sharedReference, 'frechet reference', async () =>
    frechetReference(await statisticsOf(inputs, 'reference'), inputs.algebra),
  );
}

/** How the replicates are made: where each way holds, and is worth it. */
function waysOf(features: Matrix | null, reference: FrechetReference) {
  const rows = features?.rows ?? 0;
  const { rank } = reference.factor;
  const large = Math.min(rows, rank) >= LEAST_RANK;
  const slope = slopeHolds(rows, rank);
  return { slope, determinants: large && !slope, fewRows: large && rows - 1 < rank };
}

/** The same deviations about a value. */
function about(value: number, replicates: readonly number[]): number[] {
  const mean = replicates.reduce((a, b) => a + b, 0) / replicates.length;
  return replicates.map((replicate) => value + replicate - mean);
}

/**
 * How far FID of N samples lies above that of endlessly many, to first order in 1/N for normal features: the noise of the
 * mean adds Tr Σ₁/N, and that of the covariance, since the root is concave, ½·ΣΣ √(λᵢλⱼ)/(√λᵢ + √λⱼ)/N, λ of Σ₁Σ₂. Measured
 * it finds nine tenths of the bias at N = 4 d and three quarters at 1.5 d.
 */
function biasOf(parts: FrechetParts, spectrum: Spectrum, n: number): number {
  const roots = spectrum.values.map((value) => Math.sqrt(Math.max(0, value)));
  let sum = 0;
  for (const a of roots) for (const b of roots) if (a + b > 0) sum += (a * b) / (a + b);
  return (parts.traceGenerated + sum / 2) / n;
}

/** FID without each of the groups; the fits and moments of the whole are not made again. */
async function leaveOut(
  inputs: ScoreInputs,
  features: Matrix,
  groups: Uint8Array,
  whole: Statistics,
  distances: FrechetSubsets,
  ddof: 0 | 1,
): Promise<number[]> {
  const { size, mean, covariance } = whole;
  const n = features.rows;
  const scatter = distances.fewRows ? covariance : covariance.map((value) => value * (n - 1));
  const replicates: number[] = [];
  for (let group = 0; group < GROUPS; group++) {
    await breathe(inputs);
    let parts: FrechetParts;
    if (distances.fewRows) {
      parts = await distances.ofRows(rowsWhere(groups, (of) => of !== group));
    } else {
      const part = new Moments(size, inputs.algebra);
      await part.add(
        features.values,
        rowsWhere(groups, (of) => of === group),
      );
      parts = await distances.ofMoments(without({ size, n, mean, scatter }, part.state));
    }
    replicates.push(frechet(parts, ddof));
    inputs.report(0.15 + (0.7 * (group + 1)) / GROUPS);
  }
  return replicates;
}

export function rowsWhere(groups: Uint8Array, wanted: (group: number) => boolean): Int32Array {
  const rows: number[] = [];
  groups.forEach((group, row) => {
    if (wanted(group)) rows.push(row);
  });
  return Int32Array.from(rows);
}

function warningsOf(
  generated: Statistics,
  reference: Statistics,
  bias: number | null,
  fitted: boolean,
): string[] {
  const { n, size } = generated;
  const warnings: string[] = [];
  if (n !== null && bias !== null) {
    const amount =
      bias > 0 ? `about ${bias.toPrecision(2)}` : 'an amount that its fit against 1/N does not find';
    const source = fitted ? 'the line against 1/N' : 'the first order in 1/N, for normal features';
    warnings.push(...smallSample(n, RECOMMENDED, `FID is biased upward here by ${amount} (${source}).`));
  } else if (n !== null) {
    warnings.push(...smallSample(n, RECOMMENDED, 'FID is biased upward.'));
  }
  if (n !== null && n <= size) {
    warnings.push(
      `N = ${n} is no more than the ${size} features: the covariance of the samples is singular, and most of the distance is bias.`,
    );
  }
  if (reference.n !== null && reference.n <= size) {
    warnings.push(
      `The reference has ${reference.n} images, no more than the ${size} features: its covariance is singular.`,
    );
  }
  return warnings;
}

function detailsOf(
  parts: FrechetParts,
  reference: FrechetReference,
  fit: FidFit | null,
  ddof: 0 | 1,
): ScoreValue['details'] {
  return {
    'distance of the means': parts.means,
    'distance of the covariances': frechet({ ...parts, means: 0 }, ddof),
    'covariance divided by': ddof === 1 ? 'N − 1' : 'N',
    'rank of the reference': reference.factor.rank,
    ...(fit !== null && {
      'bias at N (fit)': fit.line.slope / parts.n,
      'FID at N = ∞ (fit)': fit.line.intercept,
      'sizes in the fit': fit.sizes.length,
    }),
  };
}
