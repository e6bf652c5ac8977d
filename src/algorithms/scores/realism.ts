/**
 * Realism of each sample: how deep it lies in the real images' manifold; 1 or more is inside.
 * Source: Kynkäänniemi et al. 2019 (arXiv 1904.06991), section 5: max_i r_i / ‖x − y_i‖ over real images i, of which those
 * with a radius above the median are left out; kynkaat/improved-precision-and-recall-metric, precision_recall.py (plain
 * distances, 1e-5 added to the denominator).
 */
import { CentredRows, centreOf, distanceRounding, exactSquare, productBlocks } from '../linalg/distances.ts';
import { nearestWithin, radiiOf } from '../linalg/nearest.ts';
import { leaveGroupsOut, meanWithout } from './groups.ts';
import { bothFeatures, breathe, numberOption, once, scoreValue, smallSample } from './inputs.ts';
import type { Matrix, ScoreDefinition, ScoreInputs } from './types.ts';

const RECOMMENDED = 10_000;
const EPSILON = 1e-5;

export const realism: ScoreDefinition = {
  id: 'realism',
  name: 'Realism',
  measures:
    'How close to real images each sample lies, against how close real images lie to each other: 1 or more is among them. The median over all samples.',
  direction: 'higher',
  recommended: RECOMMENDED,
  goodAt: [
    'One number a sample: sorts samples from the worst to the best',
    'Copes with outliers of the reference',
  ],
  badAt: [
    'Copies of real images have the highest realism there is',
    'Says nothing of variety',
    'Only half of the real images (those in dense regions) are compared with',
  ],
  source: 'Kynkäänniemi et al. 2019 (arXiv 1904.06991); kynkaat/improved-precision-and-recall-metric',
  needs: { reference: 'features', logits: false, labels: false },
  options: ['k'],
  values: ['Realism', 'Share with realism ≥ 1'],
  compute,
};

/** Realism of each sample, [generated]. */
export function realismOfEach(inputs: ScoreInputs, k: number): Promise<Float64Array> {
  return once(inputs.shared, `realism ${k}`, async () => {
    const sides = bothFeatures(inputs, { generated: 1, reference: k + 1 });
    const all = new CentredRows(sides.reference, centreOf(sides.reference));
    const pause = (from: number, size: number) => async (share: number) => {
      inputs.report(from + size * share);
      await breathe(inputs);
    };
    const radii = await once(inputs.sharedReference, `radius ${k}`, async () => {
      const lists = await nearestWithin(all, k, null, inputs.algebra, pause(0, 0.5));
      return radiiOf(lists, all, null, k).squared.map(Math.sqrt);
    });
    const limit = medianOf(radii);
    const kept = [...radii.keys()].filter((i) => (radii[i] as number) <= limit);
    const centres = new CentredRows(rowsOf(sides.reference, kept), all.centre);
    const generated = new CentredRows(sides.generated, all.centre);
    const best = new Float64Array(sides.generated.rows);
    const rounding = distanceRounding(sides.generated.columns);
    const done = pause(0.5, 0.5);
    for await (const block of productBlocks(generated, centres, inputs.algebra)) {
      const { from, to, fromColumn, toColumn, products, share } = block;
      for (let i = from, at = 0; i < to; i++) {
        const norm = generated.norms[i] as number;
        for (let j = fromColumn; j < toColumn; j++, at++) {
          const radius = radii[kept[j] as number] as number;
          const sum = norm + (centres.norms[j] as number);
          // The largest that the ratio can be, whatever rounding did: only those that may win are computed exactly.
          const least = Math.max(0, sum - 2 * (products[at] as number) - rounding * sum);
          if (radius / (Math.sqrt(least) + EPSILON) <= (best[i] as number)) continue;
          const distance = Math.sqrt(exactSquare(generated.source, i, centres.source, j));
          best[i] = Math.max(best[i] as number, radius / (distance + EPSILON));
        }
      }
      await done(share);
    }
    return best;
  });
}

async function compute(inputs: ScoreInputs) {
  const k = numberOption(inputs.options, 'k', 3, { least: 1, most: 100 });
  const each = await realismOfEach(inputs, k);
  const n = each.length;
  const common = {
    ...{ score: realism.id, n, nReference: inputs.reference?.features?.rows ?? 0 },
    warnings: smallSample(n, RECOMMENDED, 'compare it with values at this N only.'),
  };
  const replicates = leaveGroupsOut(n, (keeps) => medianOf(each.filter((_, i) => keeps(i))));
  return [
    scoreValue({
      ...common,
      ...{ name: 'Realism', value: medianOf(each), replicates },
      // A median is no smooth function of the rows: the jackknife covers 87 % here, order statistics what they promise.
      interval: medianInterval(each),
      intervalKind: 'order statistics of the median; the reference held as it is',
      details: {
        k,
        mean: each.reduce((a, b) => a + b, 0) / n,
        'least real': each.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
      },
    }),
    scoreValue({
      ...common,
      name: 'Share with realism ≥ 1',
      ...meanWithout(each.map((value) => (value >= 1 ? 1 : 0))),
      details: { k },
    }),
  ];
}

/** 95 %: between the order statistics that a binomial of ½ puts it between (David & Nagaraja, "Order Statistics", 7.1). */
export function medianInterval(values: ArrayLike<number>): readonly [number, number] {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  const half = (1.959963984540054 * Math.sqrt(n)) / 2;
  const low = Math.max(0, Math.floor(n / 2 - half) - 1);
  const high = Math.min(n - 1, Math.ceil(n / 2 + half));
  return [sorted[low] ?? Number.NaN, sorted[high] ?? Number.NaN];
}

/** Of an even number the lower and upper middle's mean, as NumPy's. */
export function medianOf(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

function rowsOf({ columns, values }: Matrix, rows: readonly number[]): Matrix {
  const out = new Float32Array(rows.length * columns);
  for (const [i, row] of rows.entries())
    out.set(values.subarray(row * columns, (row + 1) * columns), i * columns);
  return { rows: rows.length, columns, values: out };
}
