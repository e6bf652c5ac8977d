/** Bilinear enlargement of feature maps, done only where somebody looks (ALGORITHMS.md, section 2: upsampling). */
import { type BilinearAxis, bilinearAxis } from './bilinearAxis.ts';

export interface BilinearOptions {
  /** True: corner pixels of both grids coincide. False (default, as PyTorch's): their outer edges do. */
  readonly alignCorners?: boolean;
}

/**
 * Upsampling from [h, w] to [H, W] as a table. Values are computed in float64, exactly as
 * left + (right − left)·fx with left = a + (c − a)·fy. No pixel lies above the largest of its four cells, so that whole
 * blocks below a threshold are skipped unseen; with a threshold at 1 % that is nearly all of them. Along a row of a block
 * values only rise or only fall, rounding included, so that the pixels above a threshold are found from its upper end.
 */
export class Bilinear {
  readonly pixels: number;
  readonly cells: number;
  readonly width: number;
  readonly height: number;
  /** [h, w] */
  readonly from: readonly [number, number];
  /** Nothing to do: a pixel is a cell. */
  readonly same: boolean;
  /** Cells in a row. */
  readonly columns: number;
  readonly y: BilinearAxis;
  readonly x: BilinearAxis;

  /** @param from [h, w] @param to [H, W] */
  constructor(from: readonly [number, number], to: readonly [number, number], options: BilinearOptions = {}) {
    this.from = from;
    [this.height, this.width] = to;
    this.pixels = this.height * this.width;
    this.cells = from[0] * from[1];
    this.same = from[0] === to[0] && from[1] === to[1];
    this.columns = from[1];
    this.y = bilinearAxis(from[0], to[0], options.alignCorners === true);
    this.x = bilinearAxis(from[1], to[1], options.alignCorners === true);
  }

  /**
   * The values above `floor` rounded to float32, into `out` (as long as `pixels`), in no particular order; −Infinity gives
   * all of them (but NaN and −Infinity). `range` [least, most] is widened to hold them, before rounding.
   * @returns how many
   */
  valuesAbove(
    maps: Float32Array,
    offset: number,
    floor: number,
    out: Float32Array,
    range: Float64Array,
  ): number {
    if (this.same) return cellsAbove(maps, offset, this.pixels, floor, out, range);
    const y = this.y.first;
    const x = this.x.first;
    let found = 0;
    for (let ky = 0; ky + 1 < y.length; ky++) {
      if (y[ky] === y[ky + 1]) continue;
      const row = offset + ky * this.columns;
      const next = offset + (this.y.high[y[ky] as number] as number) * this.columns;
      for (let kx = 0; kx + 1 < x.length; kx++) {
        const begin = x[kx] as number;
        if (begin === x[kx + 1]) continue;
        const beside = this.x.high[begin] as number;
        const a = maps[row + kx] as number;
        const b = maps[row + beside] as number;
        const c = maps[next + kx] as number;
        const d = maps[next + beside] as number;
        if (a > floor || b > floor || c > floor || d > floor)
          found = this.#blockAbove(ky, kx, a, b, c, d, floor, out, range, found);
      }
    }
    return found;
  }

  /**
   * Indices (y·W + x) of the pixels at which the map beginning at `offset` is above `level`, and its values there, in no
   * particular order; both arrays as long as `pixels`.
   * @returns how many
   */
  search(
    maps: Float32Array,
    offset: number,
    level: number,
    indices: Int32Array,
    values: Float64Array,
  ): number {
    if (this.same) return searchCells(maps, offset, this.pixels, level, indices, values);
    const y = this.y.first;
    const x = this.x.first;
    let found = 0;
    for (let ky = 0; ky + 1 < y.length; ky++) {
      if (y[ky] === y[ky + 1]) continue;
      const row = offset + ky * this.columns;
      const next = offset + (this.y.high[y[ky] as number] as number) * this.columns;
      for (let kx = 0; kx + 1 < x.length; kx++) {
        const begin = x[kx] as number;
        if (begin === x[kx + 1]) continue;
        const beside = this.x.high[begin] as number;
        const a = maps[row + kx] as number;
        const b = maps[row + beside] as number;
        const c = maps[next + kx] as number;
        const d = maps[next + beside] as number;
        if (a > level || b > level || c > level || d > level)
          found = this.#searchBlock(ky, kx, a, b, c, d, level, indices, values, found);
      }
    }
    return found;
  }

  /** The whole map, [H, W] row by row, into `out`. */
  enlarge(maps: Float32Array, offset: number, out: Float32Array | Float64Array): void {
    if (this.same) {
      out.set(maps.subarray(offset, offset + this.pixels));
      return;
    }
    const { low, high, fraction } = this.x;
    for (let y = 0; y < this.height; y++) {
      const row = offset + (this.y.low[y] as number) * this.columns;
      const next = offset + (this.y.high[y] as number) * this.columns;
      const down = this.y.fraction[y] as number;
      const to = y * this.width;
      for (let x = 0; x < this.width; x++) {
        const a = maps[row + (low[x] as number)] as number;
        const b = maps[row + (high[x] as number)] as number;
        const left = a + ((maps[next + (low[x] as number)] as number) - a) * down;
        const right = b + ((maps[next + (high[x] as number)] as number) - b) * down;
        out[to + x] = left + (right - left) * (fraction[x] as number);
      }
    }
  }

  /** The pixels between four cells: `a` and `b` above, `c` and `d` below. */
  #searchBlock(
    ky: number,
    kx: number,
    a: number,
    b: number,
    c: number,
    d: number,
    level: number,
    indices: Int32Array,
    values: Float64Array,
    before: number,
  ): number {
    const down = this.y.fraction;
    const across = this.x.fraction;
    const begin = this.x.first[kx] as number;
    const end = this.x.first[kx + 1] as number;
    const bottom = this.y.first[ky + 1] as number;
    let found = before;
    for (let y = this.y.first[ky] as number; y < bottom; y++) {
      const left = a + (c - a) * (down[y] as number);
      const right = b + (d - b) * (down[y] as number);
      const rise = right - left;
      const at = y * this.width;
      // The comparisons that end a row are false for NaN, which is passed over.
      if (left > level) {
        for (let x = begin; x < end; x++) {
          const value = left + rise * (across[x] as number);
          if (value > level) {
            indices[found] = at + x;
            values[found++] = value;
          } else if (value <= level) break;
        }
      } else if (right > level) {
        for (let x = end - 1; x >= begin; x--) {
          const value = left + rise * (across[x] as number);
          if (value > level) {
            indices[found] = at + x;
            values[found++] = value;
          } else if (value <= level) break;
        }
      }
    }
    return found;
  }

  /** As `valuesAbove`, between four cells. Of a row that only rises or only falls the ends are its least and most. */
  #blockAbove(
    ky: number,
    kx: number,
    a: number,
    b: number,
    c: number,
    d: number,
    floor: number,
    out: Float32Array,
    range: Float64Array,
    before: number,
  ): number {
    const down = this.y.fraction;
    const across = this.x.fraction;
    const begin = this.x.first[kx] as number;
    const end = this.x.first[kx + 1] as number;
    const bottom = this.y.first[ky + 1] as number;
    let least = range[0] as number;
    let most = range[1] as number;
    let found = before;
    for (let y = this.y.first[ky] as number; y < bottom; y++) {
      const left = a + (c - a) * (down[y] as number);
      const right = b + (d - b) * (down[y] as number);
      const rise = right - left;
      const falls = left > floor;
      if (!falls && !(right > floor)) continue;
      const step = falls ? 1 : -1;
      const stop = falls ? end : begin - 1;
      for (let x = falls ? begin : end - 1; x !== stop; x += step) {
        const value = left + rise * (across[x] as number);
        if (value > floor) {
          out[found++] = value;
          if (value < least) least = value;
          if (value > most) most = value;
        } else if (value <= floor) break;
      }
    }
    range[0] = least;
    range[1] = most;
    return found;
  }
}

function cellsAbove(
  maps: Float32Array,
  offset: number,
  cells: number,
  floor: number,
  out: Float32Array,
  range: Float64Array,
): number {
  let found = 0;
  for (let i = offset; i < offset + cells; i++) {
    const value = maps[i] as number;
    if (!(value > floor)) continue;
    out[found++] = value;
    if (value < (range[0] as number)) range[0] = value;
    if (value > (range[1] as number)) range[1] = value;
  }
  return found;
}

function searchCells(
  maps: Float32Array,
  offset: number,
  cells: number,
  level: number,
  indices: Int32Array,
  values: Float64Array,
): number {
  let found = 0;
  for (let i = 0; i < cells; i++) {
    const value = maps[offset + i] as number;
    if (!(value > level)) continue;
    indices[found] = i;
    values[found++] = value;
  }
  return found;
}
