/**
 * The divergence frontier of reference and samples, its integral, and what quality and variety cost at its ends.
 * Sources: Djolonga et al. 2020 (arXiv 1905.10768); Liu et al., "Divergence frontiers for generative models: sample
 * complexity, quantization effects, and frontier integrals", 2021 (arXiv 2106.07898).
 */
import type { ScorePlot, ScoreValue } from '../../shared/scores/scores.ts';
import { GROUPS, jackknifeGroups } from '../stats/jackknife.ts';
import { type Frontier, frontierIntegral, frontierOf, kl, mixture } from './divergences.ts';
import { boundOfDistributions, quantisationBound, samplesFor, statisticalBound } from './frontierBound.ts';
import {
  bothFeatures,
  clusteredReplicates,
  invalid,
  narrowInterval,
  numberOption,
  scoreValue,
  wordOption,
} from './inputs.ts';
import { type Quantised, quantise, standardBins } from './quantise.ts';
import { SMOOTHINGS, type Smoothing, smoothed } from './smoothing.ts';
import type { ScoreDefinition, ScoreInputs } from './types.ts';

const RECOMMENDED = 10_000;
const TARGET = 0.1;
/**
 * Where along the frontier the two costs are read: type I at R = 0.99 P + 0.01 Q, type II at R = 0.01 P + 0.99 Q. At the
 * middle they tell the wrong story: of a generator that makes two of four modes, KL(Q‖R) = 0.29 and KL(P‖R) = 0.14
 * there, as if quality lacked most, since Q piles up where P is; at the ends they are 0.68 and 1.96.
 */
const END = 0.99;

/** Below, the interval of one clustering was measured to cover less than 90 % (89 % of 200 draws at N = 600). */
const LEAST_FOR_INTERVAL = 2000;

export const frontier: ScoreDefinition = {
  id: 'frontier',
  name: 'Divergence frontier',
  measures:
    'How differently samples and real images fall into clusters of the features: samples where the reference has few (quality, type I), and the reference where samples are few (variety, type II).',
  direction: 'lower',
  recommended: RECOMMENDED,
  goodAt: [
    'Tells quality from variety, with one curve for every trade between them',
    'The integral is bounded (0 equal, 1 disjoint) and has a known error bound',
    'The clusters can be looked at: each is a kind of picture',
  ],
  badAt: [
    'Sees nothing finer than a cluster; the choice of k matters',
    'With few samples empty clusters push it up: see the smoothed estimates',
    'Does not notice memorised training images',
  ],
  source: 'Djolonga et al. 2020 (arXiv 1905.10768); Liu et al. 2021 (arXiv 2106.07898); krishnap25/mauve',
  needs: { reference: 'features', logits: false, labels: false },
  options: ['k', 'smoothing', 'target'],
  values: ['Frontier integral', 'Type I cost (quality)', 'Type II cost (variety)'],
  compute,
};

async function compute(inputs: ScoreInputs): Promise<readonly ScoreValue[]> {
  const { generated, reference } = bothFeatures(inputs, { generated: 2, reference: 2 });
  const n = Math.min(generated.rows, reference.rows);
  const k = numberOption(inputs.options, 'k', standardBins(n), {
    least: 2,
    most: generated.rows + reference.rows,
  });
  const how = wordOption(inputs.options, 'smoothing', SMOOTHINGS);
  const target = Number(inputs.options.target ?? TARGET);
  if (!(target > 0 && target < 1))
    throw invalid(`Option target is ${target}.`, 'Give an error between 0 and 1.');
  const clusters = await quantise(inputs, k);
  return frontierValues(clusters, how, target);
}

/** The values of given clusters: everything after the k-means. */
export function frontierValues(
  clusters: Omit<Quantised, 'inertia'>,
  how: Smoothing,
  target: number = TARGET,
): ScoreValue[] {
  const { k, generated, reference, components, restarts = [] } = clusters;
  const counts = histogram(generated, k);
  const countsReference = histogram(reference, k);
  const p = smoothed(countsReference, how);
  const valuesOf = (from: Float64Array, p: Float64Array): readonly [number, number, number] => {
    const q = smoothed(from, how);
    return [frontierIntegral(p, q), kl(q, mixture(p, q, END)), kl(p, mixture(p, q, 1 - END))];
  };
  const whole = valuesOf(counts, p);
  const replicates = leaveOut(generated, counts).map((left) => valuesOf(left, p));
  const others = restarts.map((one) =>
    valuesOf(histogram(one.generated, one.k), smoothed(histogram(one.reference, one.k), how)),
  );
  const q = smoothed(counts, how);
  const n = Math.min(generated.length, reference.length);
  const statistical = statisticalBound(n, k);
  const details = {
    clusters: k,
    components,
    smoothing: how,
    ...Object.fromEntries(
      SMOOTHINGS.map((one) => [
        `integral, ${one}`,
        frontierIntegral(smoothed(countsReference, one), smoothed(counts, one)),
      ]),
    ),
    'type I cost at the middle': kl(q, mixture(p, q, 0.5)),
    'type II cost at the middle': kl(p, mixture(p, q, 0.5)),
    'clusters without samples': counts.filter((count) => count === 0).length,
    'clusters without real images': countsReference.filter((count) => count === 0).length,
    'error bound, statistical': statistical,
    'error bound, quantisation': quantisationBound(k),
    'error bound, total': statistical + quantisationBound(k),
    'error bound for these distributions': boundOfDistributions(
      n,
      smoothed(countsReference, 'krichevsky-trofimov'),
      smoothed(counts, 'krichevsky-trofimov'),
    ),
    [`samples for an error of ${target}`]: samplesFor(target, standardBins),
  };
  const total = statistical + quantisationBound(k);
  const certain = total >= 1 ? 'is above 1 and says nothing' : `is ${total.toFixed(2)}`;
  const warnings =
    n >= RECOMMENDED
      ? []
      : [
          `N = ${n.toLocaleString('en')}: few samples in each of ${k} clusters push the frontier up; the proven bound on its error ${certain}.`,
          ...(replicates.length > 0 && others.length < 2 ? narrowInterval(n, LEAST_FOR_INTERVAL) : []),
        ];
  return frontier.values.map((name, which) =>
    scoreValue({
      score: frontier.id,
      name,
      value: whole[which] as number,
      ...clusteredReplicates(
        replicates.map((one) => one[which] as number),
        others.map((one) => one[which] as number),
      ),
      n: generated.length,
      nReference: reference.length,
      warnings,
      plots: which === 0 ? [curve(frontierOf(p, q))] : [],
      details: which === 0 ? details : { clusters: k, smoothing: how },
    }),
  );
}

function histogram(labels: Int32Array, k: number): Float64Array {
  const counts = new Float64Array(k);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  return counts;
}

/** Counts without each group of samples; none for too few samples. */
function leaveOut(labels: Int32Array, counts: Float64Array): Float64Array[] {
  const groups = jackknifeGroups(labels.length);
  if (groups === null) return [];
  return Array.from({ length: GROUPS }, (_, group) => {
    const left = counts.slice();
    labels.forEach((label, row) => {
      if (groups[row] === group) left[label] = (left[label] as number) - 1;
    });
    return left;
  });
}

function curve({ typeOne, typeTwo }: Frontier): ScorePlot {
  return {
    id: 'frontier',
    title: 'Divergence frontier: nearer to the corner is better',
    x: { label: 'type I: samples unlike the reference, KL(Q‖R)', values: typeOne },
    y: { label: 'type II: reference that samples lack, KL(P‖R)', values: typeTwo },
    lines: [],
    kind: 'line',
  };
}
