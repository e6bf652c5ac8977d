/**
 * One concept out of several: a house is wall + roof + door + window (ALGORITHMS.md, section 2). Its agreement with units
 * follows from what a finished dissection says of each concept; the page and the engine rank units by it. Pure.
 */
import type { DissectedLayer } from './dissection.ts';

/** What a dissection tells of a unit: its IoU with each concept, and shares of all pixels. */
export interface UnitShares {
  readonly iou: readonly number[];
  readonly maskShare: number;
  readonly conceptShare: readonly number[];
}

/**
 * IoU with the union of concepts from IoUs alone: of b shared, m masked and c shown pixels, IoU = b / (m + c − b) gives b
 * back. The concepts must come from one plane of the label map, where a pixel shows only one of them: see `ofOneKind`.
 */
export function unionOfShares(
  { iou, maskShare, conceptShare }: UnitShares,
  concepts: readonly number[],
): number {
  let both = 0;
  let shown = 0;
  for (const c of concepts) {
    const [own, share] = [iou[c] as number, conceptShare[c] as number];
    both += (own * (maskShare + share)) / (1 + own);
    shown += share;
  }
  const union = maskShare + shown - both;
  return union > 0 ? both / union : 0;
}

/**
 * IoU of each unit of a layer with one concept, or with the union of several, [units] in the layer's order; NaN where the
 * dissection does not tell.
 * @param concept indices of concepts
 * @param conceptShare share of all pixels that show each concept; one concept alone needs none
 */
export function agreementWith(
  layer: Pick<DissectedLayer, 'units' | 'iou'>,
  concept: readonly number[],
  conceptShare: readonly number[],
): number[] {
  const [first] = concept;
  return layer.units.map(({ maskShare }, i) => {
    const iou = layer.iou[i] ?? [];
    if (concept.length === 1 && first !== undefined) return iou[first] ?? Number.NaN;
    const known = concept.every((c) => iou[c] !== undefined && conceptShare[c] !== undefined);
    return known && first !== undefined
      ? unionOfShares({ iou, maskShare, conceptShare }, concept)
      : Number.NaN;
  });
}

/** All units of a layer, the one that agrees most with the concept (or the union of several) first. */
export function rankUnits(
  layer: Pick<DissectedLayer, 'units' | 'iou'>,
  concept: readonly number[],
  conceptShare: readonly number[],
): number[] {
  const scores = agreementWith(layer, concept, conceptShare).map((score) => (score >= 0 ? score : -1));
  return layer.units
    .map(({ unit }, i) => ({ unit, score: scores[i] as number }))
    .sort((a, b) => b.score - a.score || a.unit - b.unit)
    .map(({ unit }) => unit);
}

/** Whether concepts may be joined: those of different kinds (object, part) lie in planes of their own and overlap. */
export function ofOneKind(categories: readonly string[], concept: readonly number[]): boolean {
  return new Set(concept.map((c) => categories[c] ?? '')).size < 2;
}
