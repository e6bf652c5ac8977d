/**
 * Resizing bytes to floats in the three ways that published scores used: they give one picture different features, so a
 * score names its way. None of them rounds to bytes again.
 */
import { type FilterAxis, filterAxis, RESAMPLING } from './filters.ts';

/** tf1: torch-fidelity; torch: pytorch-fid; clean: clean-fid. */
export type FloatResize = 'tf1' | 'torch' | 'clean';

type Side = readonly [number, number];

/** A resize of RGB from one size to another as tables, so that thousands of pictures make them once. */
export class FloatResizer {
  readonly #from: Side;
  readonly #to: Side;
  readonly #across: FilterAxis;
  readonly #down: FilterAxis;
  readonly #clip: boolean;
  /** The picture's width made right, all rows, one channel. */
  readonly #wide: Float32Array;

  /** @param from [height, width] @param to [height, width] */
  constructor(mode: FloatResize, from: Side, to: Side) {
    this.#from = from;
    this.#to = to;
    const axis = mode === 'clean' ? bicubicAxis : linearAxis(mode);
    this.#down = axis(from[0], to[0]);
    this.#across = axis(from[1], to[1]);
    // Bicubic overshoots along edges.
    this.#clip = mode === 'clean';
    this.#wide = new Float32Array(from[0] * to[1]);
  }

  /**
   * Writes [3, height, width] on 0…255 into `out` from `at`.
   * @param source RGBA bytes of the size given; alpha is not looked at
   */
  write(source: Uint8Array, out: Float32Array, at: number): void {
    const plane = this.#to[0] * this.#to[1];
    for (let channel = 0; channel < 3; channel++) {
      const target = out.subarray(at + channel * plane, at + (channel + 1) * plane);
      this.#widen(source, channel);
      this.#heighten(target);
      if (this.#clip) clip(target);
    }
  }

  #widen(source: Uint8Array, channel: number): void {
    const [height, width] = this.#from;
    const to = this.#to[1];
    const { taps, first, count, weights } = this.#across;
    let at = 0;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < to; x++) {
        let from = (y * width + (first[x] as number)) * 4 + channel;
        const end = x * taps + (count[x] as number);
        let sum = 0;
        for (let k = x * taps; k < end; k++, from += 4)
          sum += (source[from] as number) * (weights[k] as number);
        this.#wide[at++] = sum;
      }
    }
  }

  #heighten(target: Float32Array): void {
    const [height, width] = this.#to;
    const { taps, first, count, weights } = this.#down;
    const wide = this.#wide;
    for (let y = 0; y < height; y++) {
      const top = (first[y] as number) * width;
      const many = count[y] as number;
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let k = 0, from = top + x; k < many; k++, from += width)
          sum += (wide[from] as number) * (weights[y * taps + k] as number);
        target[y * width + x] = sum;
      }
    }
  }
}

/** PIL's `resize(…, BICUBIC)` of mode F: antialiased when made smaller. */
function bicubicAxis(from: number, to: number): FilterAxis {
  // PIL leaves an axis alone that has its size already.
  return from === to ? sameAxis(from) : filterAxis(from, to, RESAMPLING.bicubic);
}

function sameAxis(size: number): FilterAxis {
  const first = Int32Array.from({ length: size }, (_, i) => i);
  return { taps: 1, first, count: new Int32Array(size).fill(1), weights: new Float64Array(size).fill(1) };
}

/**
 * Two neighbours weighted by distance, never antialiased. tf1: output i lies at i · from/to (TensorFlow 1.x,
 * torch_fidelity/interpolate_compat_tensorflow.py); torch: pixels' centres lie on each other (F.interpolate with
 * align_corners=False).
 */
function linearAxis(mode: 'tf1' | 'torch'): (from: number, to: number) => FilterAxis {
  return (from, to) => {
    const first = new Int32Array(to);
    const count = new Int32Array(to);
    const weights = new Float64Array(2 * to);
    const { fround } = Math;
    const scale = fround(from / to);
    for (let i = 0; i < to; i++) {
      const place = mode === 'tf1' ? fround(i * scale) : Math.max(0, fround(scale * (i + 0.5) - 0.5));
      const low = Math.min(from - 1, Math.trunc(place));
      const share = low < from - 1 ? place - low : 0;
      first[i] = low;
      count[i] = low < from - 1 ? 2 : 1;
      weights[2 * i] = 1 - share;
      weights[2 * i + 1] = share;
    }
    return { taps: 2, first, count, weights };
  };
}

function clip(values: Float32Array): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value < 0) values[i] = 0;
    else if (value > 255) values[i] = 255;
  }
}
