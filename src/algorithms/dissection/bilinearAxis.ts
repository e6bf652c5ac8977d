/** One axis of a bilinear enlargement, as a table. */

/** One axis: which two cells each pixel lies between, and how far it is towards the second. */
export interface BilinearAxis {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly fraction: Float64Array;
  /** Pixels first[k] … first[k + 1] − 1 have `low` = k. */
  readonly first: Int32Array;
  /** Pixels from one cell to the next. */
  readonly pitch: number;
}

export function bilinearAxis(cells: number, pixels: number, alignCorners: boolean): BilinearAxis {
  const low = new Int32Array(pixels);
  const high = new Int32Array(pixels);
  const fraction = new Float64Array(pixels);
  const first = new Int32Array(cells + 1).fill(pixels);
  for (let i = pixels - 1; i >= 0; i--) {
    const at = alignCorners
      ? (i * (cells - 1)) / Math.max(1, pixels - 1)
      : Math.max(0, ((i + 0.5) * cells) / pixels - 0.5);
    const cell = Math.min(Math.floor(at), cells - 1);
    low[i] = cell;
    high[i] = Math.min(cell + 1, cells - 1);
    fraction[i] = high[i] === cell ? 0 : at - cell;
    // Going down, the last to write is the first pixel of its cell, and of empty cells before it.
    first.fill(i, 0, cell + 1);
  }
  const pitch = alignCorners ? (pixels - 1) / Math.max(1, cells - 1) : pixels / cells;
  return { low, high, fraction, first, pitch };
}
