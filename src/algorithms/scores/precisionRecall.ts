/**
 * Precision: share of samples within the reference's manifold; recall: share of the reference within the samples'.
 * Source: Kynkäänniemi et al., "Improved precision and recall metric", 2019 (arXiv 1904.06991); k = 3, `≤`;
 * toshas/torch-fidelity ≥ 0.4 metric_prc.py (before 0.4 the two were swapped).
 */

import { numberOption, scoreValue, smallSample } from './inputs.ts';
import { type Manifolds, manifolds } from './manifolds.ts';
import type { ScoreDefinition, ScoreInputs } from './types.ts';

const RECOMMENDED = 50_000;
const SOURCE =
  'Kynkäänniemi et al. 2019 (arXiv 1904.06991); kynkaat/improved-precision-and-recall-metric; torch-fidelity ≥ 0.4; Borji 2022 (arXiv 2103.09396)';

export const precision: ScoreDefinition = {
  id: 'precision',
  name: 'Precision',
  measures:
    'Share of the samples whose features lie among those of real images (within the ball around one of them that reaches to its third neighbour).',
  direction: 'higher',
  recommended: RECOMMENDED,
  goodAt: [
    'Speaks of quality alone, where FID mixes it with variety',
    'Needs no assumption on the distributions',
  ],
  badAt: [
    'One outlier among the real images has a large ball, and whatever falls into it counts as good',
    'Says nothing of variety: a single good picture has precision 1',
    'Depends on N and k: compare equal ones only',
  ],
  source: SOURCE,
  needs: { reference: 'features', logits: false, labels: false },
  options: ['k'],
  values: ['Precision'],
  compute: (inputs) => compute(inputs, precision, 'precision'),
};

export const recall: ScoreDefinition = {
  id: 'recall',
  name: 'Recall',
  measures:
    'Share of the real images whose features lie among those of the samples: how much of the reference the generator can make.',
  direction: 'higher',
  recommended: RECOMMENDED,
  goodAt: [
    'Speaks of variety alone: falls when modes are dropped',
    'Needs no assumption on the distributions',
  ],
  badAt: [
    'Poor samples spread far apart have large balls, which cover much: recall may rise as quality falls',
    'Depends on N and k: compare equal ones only',
    'Does not notice memorised training images',
  ],
  source: SOURCE,
  needs: { reference: 'features', logits: false, labels: false },
  options: ['k'],
  values: ['Recall'],
  compute: (inputs) => compute(inputs, recall, 'recall'),
};

async function compute(
  inputs: ScoreInputs,
  score: ScoreDefinition,
  which: keyof Manifolds & ('precision' | 'recall'),
) {
  const k = numberOption(inputs.options, 'k', 3, { least: 1, most: 100 });
  const found = await manifolds(inputs, { k, kDensity: 5 });
  return [
    scoreValue({
      score: score.id,
      name: score.name,
      ...found[which],
      n: found.n,
      nReference: found.nReference,
      warnings: smallSample(
        found.n,
        RECOMMENDED,
        'the balls are wider than at that size, so compare it with values at this N only.',
      ),
      details: { k },
    }),
  ];
}
