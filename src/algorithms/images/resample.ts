/**
 * Resizing as Pillow does it, bit for bit: what the Python image processors of segmentation models were trained with.
 * A segmenter fed by another resizer, however good, names other concepts along every edge.
 */

/** Pillow's own numbers, as `preprocessor_config.json` has them. */
export const RESAMPLING = { nearest: 0, lanczos: 1, bilinear: 2, bicubic: 3, box: 4, hamming: 5 } as const;

export type Resampling = (typeof RESAMPLING)[keyof typeof RESAMPLING];

/** RGBA bytes [height, width, 4]. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A window function, and how far from its middle it reaches, in source pixels at scale 1. */
interface Filter {
  readonly reach: number;
  readonly weight: (x: number) => number;
}

/** Pillow's src/libImaging/Resample.c: the filters by their formulas. */
const FILTERS: Readonly<Record<Exclude<Resampling, 0>, Filter>> = {
  [RESAMPLING.box]: { reach: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  [RESAMPLING.bilinear]: { reach: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  [RESAMPLING.hamming]: { reach: 1, weight: (x) => hamming(Math.abs(x)) },
  [RESAMPLING.bicubic]: { reach: 2, weight: (x) => bicubic(Math.abs(x)) },
  [RESAMPLING.lanczos]: { reach: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

function hamming(x: number): number {
  if (x === 0) return 1;
  return x >= 1 ? 0 : (Math.sin(x * Math.PI) / (x * Math.PI)) * (0.54 + 0.46 * Math.cos(x * Math.PI));
}

/** Keys 1981 with a = −½. */
function bicubic(x: number): number {
  const a = -0.5;
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

/** One axis of a resize: output i is the sum of weights[i·taps + k] · source[first[i] + k] for k below count[i]. */
interface Axis {
  readonly taps: number;
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** In units of 2⁻²². */
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
    this.#across = nearest || from[1] === to[1] ? null : axisOf(from[1], to[1], FILTERS[resampling]);
    this.#down = nearest || from[0] === to[0] ? null : axisOf(from[0], to[0], FILTERS[resampling]);
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

function axisOf(from: number, to: number, { reach, weight }: Filter): Axis {
  const scale = from / to;
  // Made smaller, the window widens with the scale: that is the antialiasing. Made larger, it stays.
  const widen = Math.max(1, scale);
  const support = reach * widen;
  const taps = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Int32Array(to * taps);
  const values = new Float64Array(taps);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const begin = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(from, Math.trunc(centre + support + 0.5));
    let sum = 0;
    for (let k = 0; k < end - begin; k++) {
      // The factor, not a division by `widen`: the last bit decides some weights.
      values[k] = weight((k + begin - centre + 0.5) * (1 / widen));
      sum += values[k] as number;
    }
    first[i] = begin;
    count[i] = end - begin;
    for (let k = 0; k < end - begin; k++)
      weights[i * taps + k] = fixed(sum === 0 ? (values[k] as number) : (values[k] as number) / sum);
  }
  return { taps, first, count, weights };
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
