/** From counts to what is told: a `Dissection`, or as much of one as there is so far. */
import { totals } from '../../algorithms/dissection/agreement.ts';
import { judge } from '../../algorithms/dissection/verdicts.ts';
import type { DissectedLayer, DissectedUnit, DissectSettings } from '../../shared/units/dissection.ts';
import type { LayerWork } from './layerWork.ts';

/** gandissect's second bar in `iqr` mode. */
export const LEAST_QUALITY = 0.01;

/** @param images whose agreement is counted */
export function layerResult(work: LayerWork, settings: DissectSettings, images: number): DissectedLayer {
  const { layer, counts, chance, top, peak } = work;
  const { levels, chosen } = work.level;
  const verdicts = judge(counts, chance, {
    leastIou: settings.leastIou,
    leastQuality: settings.level.mode === 'iqr' ? LEAST_QUALITY : 0,
    // The references know no null.
    againstChance: settings.definition === undefined,
    seed: settings.seed,
    ...(chosen && { concepts: chosen.map(({ concept }) => concept) }),
  });
  const means = work.means(images);
  const units = verdicts.units.map((verdict): DissectedUnit => {
    const { unit } = verdict;
    const level = levels?.[unit] ?? Number.NaN;
    // JSON has no infinity: that of a unit without one finite activation, …
    const highest = Number.isFinite(peak[unit]) ? (peak[unit] as number) : 0;
    return {
      ...verdict,
      // … and a level that nothing reaches, for which the highest activation serves as well.
      level: Number.isFinite(level) ? level : highest,
      mean: means[unit] as number,
      peak: highest,
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
