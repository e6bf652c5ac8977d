/**
 * Density: in how many balls of the reference a sample lies, against the k expected; coverage: share of the reference's
 * balls with a sample inside. Source: Naeem et al., "Reliable fidelity and diversity metrics for generative models", 2020
 * (arXiv 2002.09797); clovaai/generative-evaluation-prdc; k = 5, strict `<`.
 */
import { numberOption, scoreValue, smallSample } from './inputs.ts';
import { manifolds } from './manifolds.ts';
import type { ScoreDefinition, ScoreInputs } from './types.ts';

const RECOMMENDED = 10_000;
const SOURCE =
  'Naeem et al. 2020 (arXiv 2002.09797); clovaai/generative-evaluation-prdc; Borji 2022 (arXiv 2103.09396)';

export const density: ScoreDefinition = {
  id: 'density',
  name: 'Density',
  measures:
    'How densely real images lie around the samples: about 1 where samples lie as real images do, above 1 where they crowd into dense regions.',
  direction: 'higher',
  recommended: RECOMMENDED,
  goodAt: [
    'As precision, but an outlier among the real images counts little',
    'Equal to 1 in expectation for perfect samples',
  ],
  badAt: [
    'Has no upper bound: a generator that repeats the commonest pictures exceeds 1',
    'Says nothing of variety; look at coverage beside it',
  ],
  source: SOURCE,
  needs: { reference: 'features', logits: false, labels: false },
  options: ['k'],
  values: ['Density'],
  compute: (inputs) => compute(inputs, density, 'density'),
};

export const coverage: ScoreDefinition = {
  id: 'coverage',
  name: 'Coverage',
  measures:
    'Share of the real images with a sample nearer than their fifth real neighbour: how much of the reference has samples near it.',
  direction: 'higher',
  recommended: RECOMMENDED,
  goodAt: [
    'Falls when modes are dropped; not raised by poor samples far away, as recall is',
    'Its balls are the reference’s, so they stay as they are from one generator to the next',
  ],
  badAt: [
    'Grows with the number of samples: compare at equal N',
    'Does not notice memorised training images',
  ],
  source: SOURCE,
  needs: { reference: 'features', logits: false, labels: false },
  options: ['k'],
  values: ['Coverage'],
  compute: (inputs) => compute(inputs, coverage, 'coverage'),
};

async function compute(inputs: ScoreInputs, score: ScoreDefinition, which: 'density' | 'coverage') {
  const k = numberOption(inputs.options, 'k', 5, { least: 1, most: 100 });
  const found = await manifolds(inputs, { k: 3, kDensity: k });
  const uneven =
    which === 'coverage' && found.n !== found.nReference
      ? [
          `${found.n} samples against ${found.nReference} images: coverage depends on both, so compare it with values at these sizes only.`,
        ]
      : [];
  return [
    scoreValue({
      score: score.id,
      name: score.name,
      ...found[which],
      n: found.n,
      nReference: found.nReference,
      warnings: [...smallSample(found.n, RECOMMENDED, 'compare it with values at this N only.'), ...uneven],
      details: { k },
    }),
  ];
}
