/**
 * How large pictures are on the page. A picture is enlarged by whole device pixels, so that its own pixels stay square
 * and equal, except where *Fit* would waste much of its room; one that is larger than its place is made smaller by the
 * engine. Sizes are CSS pixels unless said.
 */
export const GAP = 4;
/** Smaller than this a picture cannot be judged or hit. */
const SMALLEST = 48;
/** A whole-number zoom is worth this much of the size that would fit. */
const WORTH = 0.08;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The largest whole-pixel side ≤ `side` for a picture `native` pixels long; `side` itself when the picture is larger. */
export function snapDown(side: number, native: number, ratio: number): number {
  const zoom = Math.floor((side * ratio) / native + 1e-6);
  return zoom >= 1 ? (zoom * native) / ratio : Math.floor(side);
}

/** The whole-pixel side nearest to `side`, for the sizes a person picks. */
export function snapNear(side: number, native: number, ratio: number): number {
  const zoom = Math.round((side * ratio) / native);
  return zoom >= 1 ? (zoom * native) / ratio : side;
}

/** The longest side of a cell: as asked, or (0) as large as lets every sample be seen at once. */
export function cellSide(asked: number, area: Size, count: number, image: Size, ratio: number): number {
  const native = Math.max(image.width, image.height);
  if (asked > 0) return Math.min(snapNear(asked, native, ratio), Math.max(SMALLEST, area.width));
  const fit = fitSide(area, count, image);
  return fit >= SMALLEST ? snapFit(fit, native, ratio) : smallestSide(native, ratio);
}

/** A side that fits, made a whole-number zoom where that wastes little. */
export function snapFit(fit: number, native: number, ratio: number): number {
  const whole = snapDown(fit, native, ratio);
  return whole >= Math.max(SMALLEST, fit * (1 - WORTH)) ? whole : Math.floor(fit * ratio) / ratio;
}

/** Where not all can be seen at once: small, and scrolled. */
export function smallestSide(native: number, ratio: number): number {
  return native / ratio >= SMALLEST ? SMALLEST : (Math.ceil((SMALLEST * ratio) / native) * native) / ratio;
}

/** The longest side at which `count` pictures fill the area without scrolling, not yet whole. */
function fitSide(area: Size, count: number, image: Size): number {
  const native = Math.max(image.width, image.height);
  let best = 0;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const across = ((area.width - (columns - 1) * GAP) / columns / image.width) * native;
    const down = ((area.height - (rows - 1) * GAP) / rows / image.height) * native;
    best = Math.max(best, Math.min(across, down));
  }
  return best;
}

export function cellSize(side: number, image: Size): Size {
  const scale = side / Math.max(image.width, image.height);
  return { width: image.width * scale, height: image.height * scale };
}

/**
 * How many pictures stand side by side: as many as fit. When all can be seen at once, a narrower block without a ragged
 * last row is calmer than a wide one with it.
 */
export function columnsFor(area: Size, cell: Size, count: number): number {
  const most = Math.min(count, columnsIn(area.width, cell.width));
  for (let columns = most; columns > most / 2; columns--) {
    const rows = count / columns;
    if (Number.isInteger(rows) && rows * (cell.height + GAP) - GAP <= area.height) return columns;
  }
  return most;
}

export function columnsIn(width: number, cell: number): number {
  return Math.max(1, Math.floor((width + GAP + 0.01) / (cell + GAP)));
}

/** A picture in its own proportions inside a box; one of the box's proportions fills it, so that its pixels stay whole. */
export function containSize(box: Size, image: Size): Size {
  const scale = Math.min(box.width / image.width, box.height / image.height);
  const size = { width: image.width * scale, height: image.height * scale };
  return Math.abs(size.width - box.width) < 1 && Math.abs(size.height - box.height) < 1 ? box : size;
}

/** One picture as large as the area allows. */
export function largeSize(area: Size, image: Size, ratio: number): Size {
  const native = Math.max(image.width, image.height);
  const scale = Math.min(area.width / image.width, area.height / image.height);
  return cellSize(Math.max(SMALLEST, snapDown(scale * native, native, ratio)), image);
}

/**
 * Longest side to ask the engine for, in device pixels: never more than the picture has, and in steps, so that
 * dragging the panel's edge does not ask for every width.
 */
export function maxSide(side: number, image: Size, ratio: number): number {
  const native = Math.max(image.width, image.height);
  return Math.min(native, Math.ceil((side * ratio) / 64) * 64);
}
