/**
 * Each sample and its nearest real image: the raw material of AuthPct, realism and of looking for copies. Computed once for
 * a pair of sides.
 */
import { CentredRows, centreOf } from '../linalg/distances.ts';
import { type Neighbours, nearestAcross, nearestWithin, radiiOf } from '../linalg/nearest.ts';
import { bothFeatures, breathe, once } from './inputs.ts';
import type { ScoreInputs } from './types.ts';

export interface Nearest {
  /** For each sample its nearest real image. */
  readonly toReal: Neighbours;
  /** Distance of each real image to its k-th nearest other, [reference]. */
  readonly radius: Float64Array;
}

/** @param k of the radii of real images */
export function nearestReal(inputs: ScoreInputs, k: number): Promise<Nearest> {
  return once(inputs.shared, `nearest real ${k}`, async () => {
    const sides = bothFeatures(inputs, { generated: 1, reference: k + 1 });
    const reference = new CentredRows(sides.reference, centreOf(sides.reference));
    const generated = new CentredRows(sides.generated, reference.centre);
    const pause = (from: number, size: number) => async (share: number) => {
      inputs.report(from + size * share);
      await breathe(inputs);
    };
    const radius = await once(inputs.sharedReference, `radius ${k}`, async () => {
      const lists = await nearestWithin(reference, k, null, inputs.algebra, pause(0, 0.5));
      return radiiOf(lists, reference, null, k).squared.map(Math.sqrt);
    });
    const toReal = await nearestAcross(generated, reference, 1, inputs.algebra, pause(0.5, 0.5));
    return { toReal, radius };
  });
}
