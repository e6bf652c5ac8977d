/**
 * Where rows of pictures stand: as large as lets every row be seen at once, in as many blocks side by side as that takes;
 * where that would be too small to compare them, as wide as the panel, and scrolled. Pure.
 */
import { cellSize, GAP, type Size, smallestSide, snapFit } from './layout.ts';

/** The line of column names above each block, and of the file's name under each row. */
export const HEAD = 24;
export const CAPTION = 20;
export const ROW_GAP = 8;
export const BLOCK_GAP = 24;

export interface RowLayout {
  /** Rows side by side. */
  readonly blocks: number;
  /** One picture. */
  readonly picture: Size;
}

/** @param columns pictures in a row */
export function rowLayout(area: Size, count: number, columns: number, image: Size, ratio: number): RowLayout {
  const native = Math.max(image.width, image.height);
  const widest = (blocks: number) =>
    (((area.width - (blocks - 1) * BLOCK_GAP) / blocks - (columns - 1) * GAP) / columns / image.width) *
    native;
  const best = { blocks: 1, side: 0 };
  for (let blocks = 1; blocks <= count; blocks++) {
    const rows = Math.ceil(count / blocks);
    const down = (area.height - HEAD - (rows - 1) * ROW_GAP) / rows - CAPTION;
    const side = Math.min(widest(blocks), (down / image.height) * native);
    if (side > best.side) Object.assign(best, { blocks, side });
  }
  const least = leastSide(native, ratio);
  if (best.side >= least) {
    return { blocks: best.blocks, picture: cellSize(snapFit(best.side, native, ratio), image) };
  }
  // They scroll, so the height no longer matters; they take the width there is, which may be little.
  let blocks = 1;
  while (blocks < count && widest(blocks + 1) >= least) blocks++;
  return { blocks, picture: cellSize(Math.max(16, snapFit(widest(blocks), native, ratio)), image) };
}

/** What comes back is compared with what went in: not below a picture's own pixels, or what the eye needs of a large one. */
function leastSide(native: number, ratio: number): number {
  return Math.max(smallestSide(native, ratio), Math.min(native / ratio, 96));
}
