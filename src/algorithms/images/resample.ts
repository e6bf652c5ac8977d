/**
 * Resizing as Pillow does it, bit for bit: what the Python image processors of segmentation models were trained with.
 * A segmenter fed by another resizer, however good, names other concepts along every edge.
 */

import { filterAxis, RESAMPLING, type Resampling } from './filters.ts';

export { RESAMPLING, type Resampling } from './filters.ts';

/** RGBA bytes [height, width, 4]. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A `FilterAxis` with weights in units of 2⁻²². */
interface Axis {
  readonly taps: number;
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Int32Array;
}

/** Fixed point of Pillow's 8-bit path: 32 bits less 8 of the pixel and 2 for overshoot and sign. */
const FRACTION_BITS = 22;
const HALF = 1 << (FRACTION_BITS - 1);

/** A resize from one size to another as tables, so that a stack of pictures makes them once. */
export class Resampler {
  readonly #from: readonly [number, number];
  readonly #to: readonly [number, number];
  readonly #across: Axis | null;
  readonly #down: Axis | null;
  readonly #nearest: { readonly x: Int32Array; readonly y: Int32Array } | null;

  /** @param from [height, width] @param to [height, width] */
  constructor(from: readonly [number, number], to: readonly [number, number], resampling: Resampling) {
    this.#from = from;
    this.#to = to;
    const nearest = resampling === RESAMPLING.nearest;
    this.#nearest = nearest ? { x: nearestPixels(from[1], to[1]), y: nearestPixels(from[0], to[0]) } : null;
    this.#across = nearest || from[1] === to[1] ? null : axisOf(from[1], to[1], resampling);
    this.#down = nearest || from[0] === to[0] ? null : axisOf(from[0], to[0], resampling);
  }

  /** @param source RGBA bytes of the size given; alpha comes out opaque. The source itself where nothing is to be done. */
  resize(source: Uint8Array): Uint8Array {
    const [height, width] = this.#from;
    if (height === this.#to[0] && width === this.#to[1]) return source;
    if (this.#nearest) return pick(source, width, this.#nearest.x, this.#nearest.y);
    const wide = this.#across ? resizeRows(source, width, height, this.#across, this.#to[1]) : source;
    return this.#down ? resizeColumns(wide, this.#to[1], this.#down, this.#to[0]) : wide;
  }
}

function axisOf(from: number, to: number, resampling: Exclude<Resampling, 0>): Axis {
  const axis = filterAxis(from, to, resampling);
  return { ...axis, weights: Int32Array.from(axis.weights, fixed) };
}

/** Rounded away from zero at halves, as adding ± ½ and cutting off does. */
function fixed(weight: number): number {
  return Math.trunc(weight * (1 << FRACTION_BITS) + (weight < 0 ? -0.5 : 0.5));
}

/** Pillow adds up the step instead of multiplying, and so must this: the sums differ in the last bit. */
function nearestPixels(from: number, to: number): Int32Array {
  const step = from / to;
  let at = step * 0.5;
  return Int32Array.from({ length: to }, () => {
    const pixel = Math.min(from - 1, Math.trunc(at));
    at += step;
    return pixel;
  });
}

function pick(source: Uint8Array, width: number, x: Int32Array, y: Int32Array): Uint8Array {
  const target = new Uint8Array(x.length * y.length * 4);
  let at = 0;
  for (let row = 0; row < y.length; row++) {
    for (let column = 0; column < x.length; column++) {
      const from = ((y[row] as number) * width + (x[column] as number)) * 4;
      target[at++] = source[from] as number;
      target[at++] = source[from + 1] as number;
      target[at++] = source[from + 2] as number;
      target[at++] = 255;
    }
  }
  return target;
}

function resizeRows(source: Uint8Array, width: number, height: number, axis: Axis, to: number): Uint8Array {
  const { taps, first, count, weights } = axis;
  const target = new Uint8Array(height * to * 4);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < to; x++) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let from = (y * width + (first[x] as number)) * 4;
      const end = x * taps + (count[x] as number);
      for (let k = x * taps; k < end; k++) {
        const weight = weights[k] as number;
        red += Math.imul(source[from] as number, weight);
        green += Math.imul(source[from + 1] as number, weight);
        blue += Math.imul(source[from + 2] as number, weight);
        from += 4;
      }
      target[at++] = clipped(red);
      target[at++] = clipped(green);
      target[at++] = clipped(blue);
      target[at++] = 255;
    }
  }
  return target;
}

function resizeColumns(source: Uint8Array, width: number, axis: Axis, to: number): Uint8Array {
  const { taps, first, count, weights } = axis;
  const row = width * 4;
  const target = new Uint8Array(to * row);
  const sums = new Int32Array(row);
  for (let y = 0; y < to; y++) {
    sums.fill(HALF);
    for (let k = 0; k < (count[y] as number); k++) {
      const weight = weights[y * taps + k] as number;
      const from = ((first[y] as number) + k) * row;
      for (let i = 0; i < row; i++)
        sums[i] = (sums[i] as number) + Math.imul(source[from + i] as number, weight);
    }
    for (let i = 0; i < row; i++) target[y * row + i] = clipped(sums[i] as number);
    for (let i = 3; i < row; i += 4) target[y * row + i] = 255;
  }
  return target;
}

function clipped(sum: number): number {
  const value = sum >> FRACTION_BITS;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
