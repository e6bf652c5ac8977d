/**
 * From logits to the concept of every pixel: enlarged bilinearly, then the largest wins, the first of equals (transformers
 * `post_process_semantic_segmentation`). The enlarged logits are never laid out: 150 classes at 256² would be 39 MB a picture.
 */
import { NO_CONCEPT } from '../dissection/labelMap.ts';
import { type ClassAxis, classAxis, runsOf } from './classAxis.ts';
import { type Logits, winners } from './classWinners.ts';
import { MixedBlocks } from './mixedBlocks.ts';
import { columnsOf, type Placement, rowsOf } from './placement.ts';

/** Below this many pixels a cell, cells are too small for going block by block to pay. */
const LEAST_PIXELS_PER_CELL = 4;

export class ClassMap {
  readonly #size: readonly [number, number];
  readonly #cells: readonly [number, number];
  readonly #y: ClassAxis;
  readonly #x: ClassAxis;
  readonly #rows: Int32Array;
  readonly #columns: Int32Array;
  readonly #same: boolean;
  readonly #whole: boolean;

  /** @param cells [h, w] of the logits @param size [height, width] of the label map, over the whole picture */
  constructor(cells: readonly [number, number], size: readonly [number, number], placement: Placement) {
    this.#cells = cells;
    this.#size = size;
    this.#y = classAxis(cells[0], size[0], rowsOf(placement));
    this.#x = classAxis(cells[1], size[1], columnsOf(placement));
    this.#rows = runsOf(this.#y);
    this.#columns = runsOf(this.#x);
    this.#whole = this.#y.begin === 0 && this.#x.begin === 0 && this.#sees(size);
    this.#same = this.#whole && isIdentity(this.#y, cells[0]) && isIdentity(this.#x, cells[1]);
  }

  /**
   * The class of each pixel, numbered from `first` on; NO_CONCEPT where the model saw nothing, or said NaN.
   * @param logits of two classes or more
   */
  labels(logits: Logits, first = 0): Uint16Array {
    const out = new Uint16Array(this.#size[0] * this.#size[1]);
    if (!this.#whole) out.fill(NO_CONCEPT);
    const coarse = (this.#rows.length - 1) * (this.#columns.length - 1) * LEAST_PIXELS_PER_CELL;
    if (this.#same) winners(logits, this.#cells, first, out);
    else if (coarse > out.length) this.#rowByRow(logits, first, out);
    else this.#blockByBlock(logits, first, out);
    return out;
  }

  #sees([height, width]: readonly [number, number]): boolean {
    return this.#y.end === height && this.#x.end === width;
  }

  /**
   * With one number for each pixel there is nothing to compare: a pixel is `above` where it is more than the level.
   * @param below what it is otherwise; NO_CONCEPT where the model saw nothing, or said NaN
   */
  single(logits: Logits, level: number, above: number, below = NO_CONCEPT): Uint16Array {
    const out = new Uint16Array(this.#size[0] * this.#size[1]).fill(NO_CONCEPT);
    const values = new Float32Array(this.#size[1]);
    for (let y = this.#y.begin; y < this.#y.end; y++) {
      this.#row(logits, 0, y, values);
      const at = y * this.#size[1];
      for (let x = this.#x.begin; x < this.#x.end; x++) {
        const value = values[x] as number;
        if (value > level) out[at + x] = above;
        else if (value <= level) out[at + x] = below;
      }
    }
    return out;
  }

  /**
   * Classes that the network has chosen already, one for each cell: a pixel has its nearest cell's.
   * @param data [h, w] from `offset` on @param concept the number of a class; NO_CONCEPT for what has no name
   */
  indices(data: ArrayLike<number>, offset: number, concept: (index: number) => number): Uint16Array {
    const out = new Uint16Array(this.#size[0] * this.#size[1]).fill(NO_CONCEPT);
    const nearest = ({ low, high, fraction }: ClassAxis, i: number) =>
      ((fraction[i] as number) < 0.5 ? low[i] : high[i]) as number;
    for (let y = this.#y.begin; y < this.#y.end; y++) {
      const from = offset + nearest(this.#y, y) * this.#cells[1];
      const at = y * this.#size[1];
      for (let x = this.#x.begin; x < this.#x.end; x++)
        out[at + x] = concept(data[from + nearest(this.#x, x)] as number);
    }
    return out;
  }

  #rowByRow(logits: Logits, first: number, out: Uint16Array): void {
    const values = new Float32Array(this.#size[1]);
    const best = new Float32Array(this.#size[1]);
    for (let y = this.#y.begin; y < this.#y.end; y++) {
      const at = y * this.#size[1];
      best.fill(-Infinity);
      out.fill(NO_CONCEPT, at + this.#x.begin, at + this.#x.end);
      for (let k = 0; k < logits.classes; k++) {
        this.#row(logits, k, y, values);
        for (let x = this.#x.begin; x < this.#x.end; x++) {
          if (!((values[x] as number) > (best[x] as number))) continue;
          best[x] = values[x] as number;
          out[at + x] = first + k;
        }
      }
    }
  }

  /** Row y of one class, enlarged. */
  #row({ data, offset }: Logits, k: number, y: number, out: Float32Array): void {
    const [height, width] = this.#cells;
    const base = offset + k * height * width;
    const top = base + (this.#y.low[y] as number) * width;
    const bottom = base + (this.#y.high[y] as number) * width;
    const down = this.#y.fraction[y] as number;
    const { low, high, fraction, begin, end } = this.#x;
    for (let x = begin; x < end; x++) {
      const left = low[x] as number;
      const right = high[x] as number;
      const across = fraction[x] as number;
      const a = data[top + left] as number;
      const c = data[bottom + left] as number;
      const upper = a + ((data[top + right] as number) - a) * across;
      const lower = c + ((data[bottom + right] as number) - c) * across;
      out[x] = upper + (lower - upper) * down;
    }
  }

  /**
   * Between four cells with one winner that winner takes every pixel: all classes are mixed with the same weights.
   * Only where winners meet are classes compared, and of those only such as reach above what a winner nowhere falls below.
   */
  #blockByBlock(logits: Logits, first: number, out: Uint16Array): void {
    const [height, width] = this.#cells;
    const winner = new Uint16Array(height * width);
    const peaks = winners(logits, this.#cells, 0, winner);
    const mixed = new MixedBlocks(logits, this.#cells, this.#y, this.#x, peaks);
    for (let row = 0; row + 1 < this.#rows.length; row++) {
      const top = this.#rows[row] as number;
      const bottom = this.#rows[row + 1] as number;
      const upper = (this.#y.low[top] as number) * width;
      const lower = (this.#y.high[top] as number) * width;
      mixed.begin(this.#y.low[top] as number, this.#y.high[top] as number);
      for (let column = 0; column + 1 < this.#columns.length; column++) {
        const left = this.#columns[column] as number;
        const right = this.#columns[column + 1] as number;
        const low = this.#x.low[left] as number;
        const high = this.#x.high[left] as number;
        const one = winner[upper + low] as number;
        const two = winner[upper + high] as number;
        const three = winner[lower + low] as number;
        const four = winner[lower + high] as number;
        if (one !== NO_CONCEPT && one === two && one === three && one === four) {
          for (let y = top; y < bottom; y++)
            out.fill(first + one, y * this.#size[1] + left, y * this.#size[1] + right);
        } else mixed.add(left, right, low, high, [one, two, three, four]);
      }
      mixed.decide(top, bottom, first, out, this.#size[1]);
    }
  }
}

function isIdentity(axis: ClassAxis, cells: number): boolean {
  return axis.low.length === cells && axis.low.every((low, i) => low === i && axis.fraction[i] === 0);
}
