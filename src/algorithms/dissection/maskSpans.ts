/**
 * Masks as runs of pixels. Between four cells a row of the enlarged map only rises or only falls, so that its part above
 * a level is one run, whose end is computed instead of searched: the cost does not grow with the size of the mask.
 */
import type { Bilinear } from './bilinear.ts';

export class MaskSpans {
  /** Of run i the first pixel (y·W + x), at 2i, and the pixel after its last, at 2i + 1. Runs do not overlap. */
  readonly bounds: Int32Array;
  readonly #bilinear: Bilinear;

  constructor(bilinear: Bilinear) {
    this.#bilinear = bilinear;
    this.bounds = new Int32Array(2 * bilinear.pixels);
  }

  /**
   * The pixels at which the map beginning at `offset` is above `level`, into `bounds`, in no particular order: exactly
   * those that `Bilinear.search` finds.
   * @returns how many runs
   */
  find(maps: Float32Array, offset: number, level: number): number {
    if (this.#bilinear.same) return this.#findCells(maps, offset, level);
    const { columns } = this.#bilinear;
    const { first: y, high: below } = this.#bilinear.y;
    const { first: x, high: beside } = this.#bilinear.x;
    let found = 0;
    for (let ky = 0; ky + 1 < y.length; ky++) {
      const top = y[ky] as number;
      if (top === y[ky + 1]) continue;
      const row = offset + ky * columns;
      const next = offset + (below[top] as number) * columns;
      for (let kx = 0; kx + 1 < x.length; kx++) {
        const begin = x[kx] as number;
        if (begin === x[kx + 1]) continue;
        const right = beside[begin] as number;
        const a = maps[row + kx] as number;
        const b = maps[row + right] as number;
        const c = maps[next + kx] as number;
        const d = maps[next + right] as number;
        if (a > level || b > level || c > level || d > level)
          found = this.#findBlock(ky, kx, a, b, c, d, level, found);
      }
    }
    return found;
  }

  /** The pixels between four cells: `a` and `b` above, `c` and `d` below. */
  #findBlock(
    ky: number,
    kx: number,
    a: number,
    b: number,
    c: number,
    d: number,
    level: number,
    before: number,
  ): number {
    const { width } = this.#bilinear;
    const { first, fraction: down } = this.#bilinear.y;
    const { first: columns, fraction: across, pitch } = this.#bilinear.x;
    const begin = columns[kx] as number;
    const end = columns[kx + 1] as number;
    const bottom = first[ky + 1] as number;
    let found = before;
    for (let y = first[ky] as number; y < bottom; y++) {
      const left = a + (c - a) * (down[y] as number);
      const right = b + (d - b) * (down[y] as number);
      if (!(left > level || right > level)) continue;
      const rise = right - left;
      const at = y * width;
      if (rise - rise !== 0) {
        // Infinite or no number: nothing can be computed, so all are looked at.
        for (let x = begin; x < end; x++)
          if (left + rise * (across[x] as number) > level) found = this.#put(at + x, at + x + 1, found);
        continue;
      }
      // Where the row crosses the level, about: rounding and the clamped edge are made good by the steps after it.
      let x = begin + ((level - left) / rise - (across[begin] as number)) * pitch;
      x = x > begin ? (x < end ? x | 0 : end) : begin;
      if (left > level) {
        if (right > level) x = end;
        while (x < end && left + rise * (across[x] as number) > level) x++;
        while (x > begin && !(left + rise * (across[x - 1] as number) > level)) x--;
        if (x > begin) found = this.#put(at + begin, at + x, found);
      } else {
        while (x < end && !(left + rise * (across[x] as number) > level)) x++;
        while (x > begin && left + rise * (across[x - 1] as number) > level) x--;
        if (x < end) found = this.#put(at + x, at + end, found);
      }
    }
    return found;
  }

  #findCells(maps: Float32Array, offset: number, level: number): number {
    const { pixels } = this.#bilinear;
    let found = 0;
    for (let i = 0; i < pixels; i++) {
      if (!((maps[offset + i] as number) > level)) continue;
      const begin = i;
      while (i < pixels && (maps[offset + i] as number) > level) i++;
      found = this.#put(begin, i, found);
    }
    return found;
  }

  #put(begin: number, end: number, found: number): number {
    this.bounds[2 * found] = begin;
    this.bounds[2 * found + 1] = end;
    return found + 1;
  }
}
