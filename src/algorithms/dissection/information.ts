/** How much a mask tells of a concept (gandissect netdissect/dissection.py: information quality ratio). */

/** Pixels in both, in each, and in all. */
export interface PixelTable {
  readonly both: number;
  readonly mask: number;
  readonly concept: number;
  readonly total: number;
}

/** |M ∧ S| / |M ∨ S|; 0 where both are empty. */
export function intersectionOverUnion({ both, mask, concept }: Omit<PixelTable, 'total'>): number {
  const union = mask + concept - both;
  return union > 0 ? both / union : 0;
}

/** Mutual information over joint entropy of the 2×2 table of pixels, in [0, 1]; 0 where nothing varies. */
export function informationQuality({ both, mask, concept, total }: PixelTable): number {
  if (total <= 0) return 0;
  const cells = [both, mask - both, concept - both, total - mask - concept + both].map(
    (count) => Math.max(0, count) / total,
  );
  const [tp = 0, fp = 0, fn = 0, tn = 0] = cells;
  const rows = [tp + fp, tp + fp, fn + tn, fn + tn];
  const columns = [tp + fn, fp + tn, tp + fn, fp + tn];
  let information = 0;
  let entropy = 0;
  cells.forEach((cell, i) => {
    if (cell <= 0) return;
    information += cell * Math.log(cell / ((rows[i] as number) * (columns[i] as number)));
    entropy -= cell * Math.log(cell);
  });
  return entropy > 0 ? Math.max(0, information) / entropy : 0;
}

/** Share of pixels that mask and concept agree on, both ways. */
export function agreementShare({ both, mask, concept, total }: PixelTable): number {
  return total > 0 ? (total - mask - concept + 2 * both) / total : 0;
}
