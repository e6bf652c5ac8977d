/** Painting in a layer's own cells, as GANPaint does (Bau et al. 2019, arXiv:1811.10597, section 4.4). Pure. */
import type { EditRegion } from '../../src/shared/edits/edits.ts';

/** A place in cells: x from the left edge, y from the upper one; the middle of the first cell is (0.5, 0.5). */
export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface BrushShape {
  /** Diameter in cells. */
  readonly size: number;
  /** 0: a hard edge; 1: it fades from the middle on. */
  readonly soft: number;
}

export function emptyRegion(height: number, width: number): EditRegion {
  return { height, width, weights: new Array<number>(height * width).fill(0) };
}

/**
 * The region with a stroke from one place to another: a cell takes the brush's weight at its middle where that is more
 * than it has. The cell under the pointer is always painted, however thin the brush.
 * @param erase takes away instead
 */
export function painted(
  region: EditRegion,
  from: Place,
  to: Place,
  shape: BrushShape,
  erase = false,
): EditRegion {
  const { width, height } = region;
  const under = cellAt(to, width, height);
  const weights = region.weights.map((before, cell) => {
    const middle = { x: (cell % width) + 0.5, y: Math.floor(cell / width) + 0.5 };
    const weight = cell === under ? 1 : weightAt(distance(middle, from, to), shape);
    return erase ? Math.min(before, rounded(1 - weight)) : Math.max(before, rounded(weight));
  });
  return { height, width, weights };
}

/** Weight at a distance in cells from the brush's path: 1 inside, a smooth step down over the soft edge, 0 outside. */
export function weightAt(cells: number, { size, soft }: BrushShape): number {
  const radius = size / 2;
  const inner = radius * (1 - soft);
  // A soft edge reaches as far out as it reaches in, so that softness does not make a stroke thinner.
  const outer = radius * (1 + soft);
  if (cells <= inner) return 1;
  if (cells >= outer) return 0;
  const share = (outer - cells) / (outer - inner);
  return share * share * (3 - 2 * share);
}

export function isEmpty({ weights }: EditRegion): boolean {
  return weights.every((weight) => weight === 0);
}

/** How many cells a region covers, each counted by its weight. */
export function coverage({ weights }: EditRegion): number {
  return weights.reduce((sum, weight) => sum + weight, 0);
}

function cellAt({ x, y }: Place, width: number, height: number): number {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  return column < 0 || row < 0 || column >= width || row >= height ? -1 : row * width + column;
}

/** From a point to the straight way between two others. */
function distance(point: Place, from: Place, to: Place): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : ((point.x - from.x) * dx + (point.y - from.y) * dy) / length;
  const share = Math.min(1, Math.max(0, along));
  return Math.hypot(point.x - (from.x + share * dx), point.y - (from.y + share * dy));
}

/** Three digits: a file that people read. */
function rounded(weight: number): number {
  return Math.round(weight * 1000) / 1000;
}
