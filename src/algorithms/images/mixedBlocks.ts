/** The pixels between cells that have different winners: the only ones for which classes are compared. */
import { NO_CONCEPT } from '../dissection/labelMap.ts';
import type { ClassAxis } from './classAxis.ts';
import type { Logits } from './classWinners.ts';

/** The blocks of one row of cells in which classes meet. Gone through class by class, so that logits are read in order. */
export class MixedBlocks {
  readonly #logits: Logits;
  readonly #height: number;
  readonly #width: number;
  readonly #plane: number;
  /** [classes, h]: where not even the row's largest value reaches the lowest floor, a class is passed over. */
  readonly #peaks: Float32Array;
  readonly #y: ClassAxis;
  readonly #x: ClassAxis;
  readonly #left: Int32Array;
  readonly #right: Int32Array;
  readonly #low: Int32Array;
  readonly #high: Int32Array;
  /** What some class has everywhere in the block: whoever stays below it cannot win. */
  readonly #floor: Float32Array;
  #best: Float32Array;
  #count = 0;
  #lowestFloor = Infinity;
  #upperRow = 0;
  #lowerRow = 0;
  #upper = 0;
  #lower = 0;

  constructor(
    logits: Logits,
    cells: readonly [number, number],
    y: ClassAxis,
    x: ClassAxis,
    peaks: Float32Array,
  ) {
    this.#logits = logits;
    this.#height = cells[0];
    this.#width = cells[1];
    this.#plane = cells[0] * cells[1];
    this.#peaks = peaks;
    this.#y = y;
    this.#x = x;
    const most = cells[1] + 1;
    this.#left = new Int32Array(most);
    this.#right = new Int32Array(most);
    this.#low = new Int32Array(most);
    this.#high = new Int32Array(most);
    this.#floor = new Float32Array(most);
    this.#best = new Float32Array(0);
  }

  /** @param upper, lower the two rows of cells */
  begin(upper: number, lower: number): void {
    this.#count = 0;
    this.#lowestFloor = Infinity;
    this.#upperRow = upper;
    this.#lowerRow = lower;
    this.#upper = upper * this.#width;
    this.#lower = lower * this.#width;
  }

  add(left: number, right: number, low: number, high: number, corners: readonly number[]): void {
    const i = this.#count++;
    this.#left[i] = left;
    this.#right[i] = right;
    this.#low[i] = low;
    this.#high[i] = high;
    let floor = -Infinity;
    for (const k of corners) if (k !== NO_CONCEPT) floor = Math.max(floor, this.#least(k, low, high));
    this.#floor[i] = floor;
    this.#lowestFloor = Math.min(this.#lowestFloor, floor);
  }

  #least(k: number, low: number, high: number): number {
    const { data, offset } = this.#logits;
    const top = offset + k * this.#plane + this.#upper;
    const bottom = offset + k * this.#plane + this.#lower;
    const least = Math.min(
      data[top + low] as number,
      data[top + high] as number,
      data[bottom + low] as number,
      data[bottom + high] as number,
    );
    // A NaN says nothing about the others.
    return Number.isNaN(least) ? -Infinity : least;
  }

  decide(top: number, bottom: number, first: number, out: Uint16Array, width: number): void {
    if (this.#count === 0) return;
    const pixels = (bottom - top) * width;
    if (this.#best.length < pixels) this.#best = new Float32Array(pixels);
    this.#best.fill(-Infinity, 0, pixels);
    for (let i = 0; i < this.#count; i++)
      for (let y = top; y < bottom; y++)
        out.fill(NO_CONCEPT, y * width + (this.#left[i] as number), y * width + (this.#right[i] as number));
    const { data, offset, classes } = this.#logits;
    for (let k = 0; k < classes; k++) {
      const peaks = k * this.#height;
      const peak = Math.max(
        this.#peaks[peaks + this.#upperRow] as number,
        this.#peaks[peaks + this.#lowerRow] as number,
      );
      if (peak < this.#lowestFloor) continue;
      const upper = offset + k * this.#plane + this.#upper;
      const lower = offset + k * this.#plane + this.#lower;
      for (let i = 0; i < this.#count; i++) {
        const low = this.#low[i] as number;
        const high = this.#high[i] as number;
        const a = data[upper + low] as number;
        const b = data[upper + high] as number;
        const c = data[lower + low] as number;
        const d = data[lower + high] as number;
        const floor = this.#floor[i] as number;
        if (a < floor && b < floor && c < floor && d < floor) continue;
        this.#compare(a, b, c, d, i, top, bottom, first + k, out, width);
      }
    }
  }

  #compare(
    a: number,
    b: number,
    c: number,
    d: number,
    block: number,
    top: number,
    bottom: number,
    concept: number,
    out: Uint16Array,
    width: number,
  ): void {
    const best = this.#best;
    const left = this.#left[block] as number;
    const right = this.#right[block] as number;
    for (let y = top; y < bottom; y++) {
      const down = this.#y.fraction[y] as number;
      const row = (y - top) * width;
      for (let x = left; x < right; x++) {
        const across = this.#x.fraction[x] as number;
        const above = a + (b - a) * across;
        const value = above + (c + (d - c) * across - above) * down;
        if (!(value > (best[row + x] as number))) continue;
        best[row + x] = value;
        out[y * width + x] = concept;
      }
    }
  }
}
