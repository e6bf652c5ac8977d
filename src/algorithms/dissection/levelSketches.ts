/** What levels are read from: one sketch a unit, fed with upsampled maps, most of which it need not look at. */
import type { Bilinear } from './bilinear.ts';
import { floorUnder, SKETCH_BINS, ValueSketch } from './valueSketch.ts';

/**
 * After so many images (not batches, which must not matter) the floor leaves `margin` times the share of the wanted level
 * above it. Early floors are low: the 20th part of what four images show may be one picture unlike all others.
 */
const FLOORS = [
  { images: 4, margin: 20 },
  { images: 8, margin: 10 },
  { images: 16, margin: 5 },
  { images: 64, margin: 3 },
  { images: 256, margin: 2 },
];
/** A floor also waits for as many values of each unit, divided by its margin: small maps say little. */
const VALUES = 500_000;

export interface LevelSketchesOptions {
  readonly units: number;
  readonly bilinear: Bilinear;
  /** The share of pixels that the one wanted level leaves above it; null: levels of all shares are wanted, no floor. */
  readonly tail: number | null;
}

/** Everything that has been seen: what `LevelSketches` can be made again from. */
export interface LevelSketchesState {
  readonly images: number;
  /** [units, SKETCH_BINS] */
  readonly counts: Uint32Array;
  readonly total: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly floor: Float64Array;
  readonly sum: Float64Array;
  readonly peak: Float64Array;
}

/**
 * One layer's sketches. Once some images have been seen each unit gets a floor well below its level, which rises as more
 * are seen, and pixels under it are counted unseen. Should a unit turn out so much quieter than in those images that its level lies under the floor,
 * that level is NaN: then read the sample again without floor. Any other is the same to the last bit as without.
 */
export class LevelSketches {
  readonly units: number;
  /** Images added so far. */
  images: number;
  /** Highest activation of each unit, before upsampling. */
  readonly peak: Float64Array;
  readonly #options: LevelSketchesOptions;
  readonly #sum: Float64Array;
  readonly #counts: Uint32Array;
  readonly #sketches: readonly ValueSketch[];
  readonly #floats: Float32Array;
  /** The same memory as `#floats`. */
  readonly #words: Int32Array;
  readonly #range = new Float64Array(2);
  /** The margin of the floor to be set after so many images. */
  readonly #margins: ReadonlyMap<number, number>;

  constructor(options: LevelSketchesOptions, state?: LevelSketchesState) {
    const { units, bilinear } = options;
    this.units = units;
    this.images = state?.images ?? 0;
    this.peak = state?.peak ?? new Float64Array(units).fill(-Infinity);
    this.#options = options;
    this.#sum = state?.sum ?? new Float64Array(units);
    this.#counts = state?.counts ?? new Uint32Array(units * SKETCH_BINS);
    this.#sketches = Array.from({ length: units }, (_, unit) => this.#sketchOf(unit, state));
    this.#floats = new Float32Array(bilinear.pixels);
    this.#words = new Int32Array(this.#floats.buffer);
    this.#margins = new Map(
      FLOORS.map(({ images, margin }) => [
        Math.max(images, Math.ceil(VALUES / margin / bilinear.pixels)),
        margin,
      ]),
    );
  }

  /** One image's maps, [units, h, w] from `offset` on. The order of images is part of the result only through the floor. */
  add(maps: Float32Array, offset = 0): void {
    for (let unit = 0; unit < this.units; unit++)
      this.#addMap(unit, maps, offset + unit * this.#options.bilinear.cells);
    this.images++;
    const margin = this.#margins.get(this.images);
    if (margin !== undefined) this.#setFloors(margin);
  }

  #addMap(unit: number, maps: Float32Array, offset: number): void {
    const { bilinear } = this.#options;
    const sketch = this.#sketches[unit] as ValueSketch;
    let sum = 0;
    let lowest = Infinity;
    let highest = -Infinity;
    for (let i = offset; i < offset + bilinear.cells; i++) {
      const value = maps[i] as number;
      sum += value;
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
    }
    this.#sum[unit] = (this.#sum[unit] as number) + sum;
    if (highest > (this.peak[unit] as number)) this.peak[unit] = highest;
    // Of a map that never falls below 0 (a ReLU's) the pixels not above 0 are 0: no need to look at them one by one.
    if (sketch.floor < 0 && lowest >= 0 && Number.isFinite(sum)) {
      const n = this.#valuesAbove(0, maps, offset);
      sketch.addBits(this.#words, n, this.#range);
      sketch.addZeros(bilinear.pixels - n);
      return;
    }
    const n = highest > sketch.floor ? this.#valuesAbove(sketch.floor, maps, offset) : 0;
    if (n > 0) sketch.addBits(this.#words, n, this.#range, bilinear.pixels - n);
    else sketch.addUnseen(bilinear.pixels);
  }

  #valuesAbove(floor: number, maps: Float32Array, offset: number): number {
    this.#range[0] = Infinity;
    this.#range[1] = -Infinity;
    return this.#options.bilinear.valuesAbove(maps, offset, floor, this.#floats, this.#range);
  }

  #setFloors(margin: number): void {
    const { tail } = this.#options;
    if (tail === null) return;
    for (const sketch of this.#sketches) {
      const low = sketch.quantile(Math.min(1, margin * tail));
      // No number where it lies under the present floor.
      if (Number.isFinite(low)) sketch.floor = Math.max(sketch.floor, floorUnder(low));
    }
  }

  /** Each unit's level for each share, [units, tails]; NaN where it lies under the floor, or nothing was added. */
  levels(tails: readonly number[]): Float64Array {
    const found = new Float64Array(this.units * tails.length);
    this.#sketches.forEach((sketch, unit) => {
      tails.forEach((tail, t) => {
        found[unit * tails.length + t] = sketch.quantile(tail);
      });
    });
    return found;
  }

  /** Mean activation of each unit, before upsampling. */
  means(): Float64Array {
    return this.#sum.map((sum) => sum / (this.images * this.#options.bilinear.cells));
  }

  /** Arrays in use, not copies. */
  state(): LevelSketchesState {
    const each = (value: (sketch: ValueSketch) => number) => Float64Array.from(this.#sketches, value);
    return {
      images: this.images,
      counts: this.#counts,
      total: each(({ total }) => total),
      min: each(({ min }) => min),
      max: each(({ max }) => max),
      floor: each(({ floor }) => floor),
      sum: this.#sum,
      peak: this.peak,
    };
  }

  #sketchOf(unit: number, state: LevelSketchesState | undefined): ValueSketch {
    const counts = this.#counts.subarray(unit * SKETCH_BINS, (unit + 1) * SKETCH_BINS);
    const sketch = new ValueSketch(counts);
    if (state !== undefined) {
      sketch.total = state.total[unit] as number;
      sketch.min = state.min[unit] as number;
      sketch.max = state.max[unit] as number;
      sketch.floor = state.floor[unit] as number;
    }
    return sketch;
  }
}
