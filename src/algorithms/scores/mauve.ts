/**
 * MAUVE: the area under the divergence frontier after exp(−c·KL). Source: Pillutla et al. 2021 (arXiv 2102.01454) and 2023
 * (arXiv 2212.14578); krishnap25/mauve compute_mauve.py: c = 5, k = n/10 clusters, 25 mixtures from 1e-6 to 1 − 1e-6, the mean
 * of the areas along either axis.
 */
import type { ScorePlot } from '../../shared/scores/scores.ts';
import { kl, mixture } from './divergences.ts';
import { histogram, leaveGroupsOut } from './groups.ts';
import {
  bothFeatures,
  clusteredReplicates,
  invalid,
  numberOption,
  scoreValue,
  smallSample,
} from './inputs.ts';
import { type Quantised, quantise } from './quantise.ts';
import type { ScoreDefinition, ScoreInputs } from './types.ts';

const RECOMMENDED = 5000;
/** Its paper had 5,000 texts a side, and so 500. */
const MANY_CLUSTERS = 1000;
const SCALING = 5;
const MIXTURES = 25;
const EDGE = 1e-6;

export const mauve: ScoreDefinition = {
  id: 'mauve',
  name: 'MAUVE',
  measures:
    'One number for the whole trade between quality and variety: the area under the divergence frontier, 1 for equal distributions, towards 0 for disjoint ones.',
  direction: 'higher',
  recommended: RECOMMENDED,
  goodAt: [
    'Bounded, and weighs both kinds of error',
    'Agrees well with people’s judgements of text, for which it was made',
  ],
  badAt: [
    'c and k are conventions; values of others cannot be compared',
    'Sees nothing finer than a cluster',
    'Does not notice memorised training images',
  ],
  source: 'Pillutla et al. 2021 (arXiv 2102.01454), 2023 (arXiv 2212.14578); krishnap25/mauve',
  needs: { reference: 'features', logits: false, labels: false },
  options: ['k', 'scaling'],
  values: ['MAUVE'],
  compute,
};

async function compute(inputs: ScoreInputs) {
  const { generated, reference } = bothFeatures(inputs, { generated: 2, reference: 2 });
  const n = Math.min(generated.rows, reference.rows);
  const k = numberOption(inputs.options, 'k', Math.max(2, Math.round(n / 10)), {
    least: 2,
    most: generated.rows + reference.rows,
  });
  const scaling = Number(inputs.options.scaling ?? SCALING);
  if (!(scaling > 0)) throw invalid(`Option scaling is ${scaling}.`, 'Give a number above 0.');
  // faiss starts from random rows. k-means++ would give every small cluster a centre of its own, and a lower value.
  return mauveValues(await quantise(inputs, k, 'random'), scaling);
}

/** The value of given clusters: everything after the k-means. */
export function mauveValues(
  { k, generated, reference, components, restarts = [] }: Omit<Quantised, 'inertia'>,
  scaling = SCALING,
) {
  const p = shares(histogram(reference, k));
  const areaOf = (counts: Float64Array, of = p) => mauveArea(of, shares(counts), scaling);
  const { value, x, y } = areaOf(histogram(generated, k));
  const without = leaveGroupsOut(generated.length, (keeps) => areaOf(histogram(generated, k, keeps)).value);
  const others = restarts.map(
    (one) => areaOf(histogram(one.generated, one.k), shares(histogram(one.reference, one.k))).value,
  );
  const n = Math.min(generated.length, reference.length);
  return [
    scoreValue({
      ...{ score: mauve.id, name: mauve.name, value },
      ...clusteredReplicates(without ?? [], others),
      ...{ n: generated.length, nReference: reference.length },
      warnings: [
        ...smallSample(n, RECOMMENDED, 'few rows in each cluster push it down; compare at this N only.'),
        ...(k > MANY_CLUSTERS
          ? [
              `${k.toLocaleString('en')} clusters (N/10) took long to find: the option mauve.k = 500 is what its paper used.`,
            ]
          : []),
      ],
      plots: [plot(x, y)],
      details: { clusters: k, components, scaling },
    }),
  ];
}

/** Area under (exp(−c·KL(q‖r)), exp(−c·KL(p‖r))) with the corners (0, 1) and (1, 0). */
export function mauveArea(p: Float64Array, q: Float64Array, scaling: number) {
  const weights = Array.from({ length: MIXTURES }, (_, i) => EDGE + ((1 - 2 * EDGE) * i) / (MIXTURES - 1));
  const x = [1];
  const y = [0];
  for (const weight of weights) {
    const r = mixture(p, q, weight);
    x.push(Math.exp(-scaling * kl(q, r)));
    y.push(Math.exp(-scaling * kl(p, r)));
  }
  x.push(0);
  y.push(1);
  return { value: (area(x, y) + area(y, x)) / 2, x, y };
}

/** Trapezoids under y over x, in the order of x (then of y, as a stable sort leaves equal ones). */
function area(x: readonly number[], y: readonly number[]): number {
  const order = [...x.keys()].sort((a, b) => (x[a] as number) - (x[b] as number));
  let sum = 0;
  for (let i = 1; i < order.length; i++) {
    const [a, b] = [order[i - 1] as number, order[i] as number];
    sum += (((y[a] as number) + (y[b] as number)) / 2) * ((x[b] as number) - (x[a] as number));
  }
  return sum;
}

function shares(counts: Float64Array): Float64Array {
  const sum = counts.reduce((a, b) => a + b, 0);
  return counts.map((count) => count / sum);
}

function plot(x: readonly number[], y: readonly number[]): ScorePlot {
  const order = [...x.keys()].sort((a, b) => (x[a] as number) - (x[b] as number));
  return {
    id: 'mauve',
    title: 'Divergence curve: the area under it is the score',
    x: { label: 'exp(−c·KL(Q‖R)): quality', values: order.map((i) => x[i] as number) },
    y: { label: 'exp(−c·KL(P‖R)): variety', values: order.map((i) => y[i] as number) },
    lines: [],
    kind: 'line',
  };
}
