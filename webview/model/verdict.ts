/** Whether a unit stands for something, decided in the page: the least IoU can be turned. Pure. */
import type { DissectedUnit, LevelMode } from '../../src/shared/units/dissection.ts';

/** In `iqr` mode a unit's information quality has to exceed this (gandissect, as in src/algorithms/dissection/verdicts.ts). */
const LEAST_QUALITY = 0.01;

/** What decides whether a unit stands for something. */
export interface Verdict {
  readonly leastIou: number;
  readonly level: LevelMode;
}

/** As src/algorithms/dissection/verdicts.ts decides it; a comparison with NaN is false. */
export function isInterpretable(
  { iou, bar, quality }: Pick<DissectedUnit, 'iou' | 'bar' | 'quality'>,
  { leastIou, level }: Verdict,
): boolean {
  return iou > leastIou && iou > bar && (level.mode === 'quantile' || quality > LEAST_QUALITY);
}
