/** From counts to what is told: a `Dissection`, or as much of one as there is so far. */
import { totals } from '../../algorithms/dissection/agreement.ts';
import { judge } from '../../algorithms/dissection/verdicts.ts';
import type { DissectedLayer, DissectedUnit, DissectSettings } from '../../shared/dissection.ts';
import type { LayerWork } from './layerWork.ts';

/** gandissect's second bar in `iqr` mode. */
const LEAST_QUALITY = 0.01;

/** @param images whose agreement is counted */
export function layerResult(work: LayerWork, settings: DissectSettings, images: number): DissectedLayer {
  const { layer, counts, chance, chosen, top, peak } = work;
  const verdicts = judge(counts, chance, {
    leastIou: settings.leastIou,
    leastQuality: settings.level.mode === 'iqr' ? LEAST_QUALITY : 0,
    seed: settings.seed,
    ...(chosen && { concepts: chosen.map(({ concept }) => concept) }),
  });
  const means = work.means(images);
  const units = verdicts.units.map((verdict): DissectedUnit => {
    const { unit } = verdict;
    const level = work.levels?.[unit] ?? Number.NaN;
    return {
      ...verdict,
      // A level that nothing reaches has no number in JSON; the highest activation serves as well.
      level: Number.isFinite(level) ? level : (peak[unit] as number),
      mean: means[unit] as number,
      peak: peak[unit] as number,
      top: top.of(unit),
    };
  });
  const { concepts } = counts.size;
  return {
    layer: layer.name,
    tensor: layer.tensor,
    resolution: layer.resolution,
    units,
    null99: verdicts.null99,
    interpretable: units.filter(({ interpretable }) => interpretable).length,
    iou: units.map(({ unit }) => Array.from(verdicts.iou.subarray(unit * concepts, (unit + 1) * concepts))),
  };
}

/** Share of all pixels that show each concept. */
export function conceptShares(work: LayerWork): number[] {
  const { concept, pixels } = totals(work.counts);
  return Array.from(concept, (count) => (pixels > 0 ? count / pixels : 0));
}
