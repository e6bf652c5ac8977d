/**
 * AuthPct: share of samples that are farther from their nearest real image than that image is from its own nearest.
 * Source: Alaa et al., "How faithful is your synthetic data?", 2022 (arXiv 2102.08921); the name and the form of
 * layer6ai-labs/dgm-eval (metrics/authpct.py), which compares strictly.
 */
import { meanWithout } from './groups.ts';
import { scoreValue, smallSample } from './inputs.ts';
import { nearestReal } from './neighbourhood.ts';
import type { ScoreDefinition, ScoreInputs } from './types.ts';

const RECOMMENDED = 10_000;

export const authPct: ScoreDefinition = {
  id: 'authpct',
  name: 'AuthPct',
  measures:
    'Percentage of samples that keep more distance from their nearest real image than real images keep from each other: low where a generator copies.',
  direction: 'higher',
  recommended: RECOMMENDED,
  goodAt: ['Falls with every copied image', 'One number a sample: the samples that fail can be looked at'],
  badAt: [
    'Poor samples are far from everything, and so count as authentic',
    'Even an honest generator is far below 100 % where real images lie densely',
    'Needs the images that the generator was trained on as the reference',
  ],
  source: 'Alaa et al. 2022 (arXiv 2102.08921); layer6ai-labs/dgm-eval',
  needs: { reference: 'features', logits: false, labels: false },
  options: [],
  values: ['AuthPct'],
  compute,
};

/** Distance of each sample to its nearest real image, over that image's distance to its own nearest: ≤ 1 is not authentic. */
export async function distanceRatios(inputs: ScoreInputs): Promise<Float64Array> {
  const { toReal, radius } = await nearestReal(inputs, 1);
  return toReal.squared.map((square, i) => {
    const own = radius[toReal.indices[i] as number] as number;
    // Of twin images in the reference the own distance is 0: a sample on them is as near as they are to each other.
    return own > 0 ? Math.sqrt(square) / own : square > 0 ? Number.POSITIVE_INFINITY : 1;
  });
}

async function compute(inputs: ScoreInputs) {
  const ratios = await distanceRatios(inputs);
  const { value, replicates } = meanWithout(ratios.map((ratio) => (ratio > 1 ? 100 : 0)));
  return [
    scoreValue({
      ...{ score: authPct.id, name: authPct.name, value, replicates },
      n: ratios.length,
      nReference: inputs.reference?.features?.rows ?? 0,
      warnings: smallSample(ratios.length, RECOMMENDED, 'compare it with values at this N only.'),
      details: {
        'samples that are not authentic': ratios.filter((ratio) => ratio <= 1).length,
        // Infinite where every nearest image has a twin: JSON has no such number.
        'smallest distance ratio': finite(
          ratios.reduce((least, ratio) => Math.min(least, ratio), Number.POSITIVE_INFINITY),
        ),
      },
    }),
  ];
}

function finite(value: number): number | string {
  return Number.isFinite(value) ? value : 'none';
}
