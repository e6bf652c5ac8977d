/** Pillow's resampling filters (src/libImaging/Resample.c), and the weights that a resize along one axis takes. */

/** Pillow's own numbers, as `preprocessor_config.json` has them. */
export const RESAMPLING = { nearest: 0, lanczos: 1, bilinear: 2, bicubic: 3, box: 4, hamming: 5 } as const;

export type Resampling = (typeof RESAMPLING)[keyof typeof RESAMPLING];

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
export interface FilterAxis {
  readonly taps: number;
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** Each output's sum to 1. */
  readonly weights: Float64Array;
}

export function filterAxis(from: number, to: number, resampling: Exclude<Resampling, 0>): FilterAxis {
  const { reach, weight } = FILTERS[resampling];
  const scale = from / to;
  // Made smaller, the window widens with the scale: that is the antialiasing. Made larger, it stays.
  const widen = Math.max(1, scale);
  const support = reach * widen;
  const taps = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Float64Array(to * taps);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const begin = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(from, Math.trunc(centre + support + 0.5));
    const values = weights.subarray(i * taps, i * taps + end - begin);
    let sum = 0;
    for (let k = 0; k < values.length; k++) {
      // The factor, not a division by `widen`: the last bit decides some weights.
      values[k] = weight((k + begin - centre + 0.5) * (1 / widen));
      sum += values[k] as number;
    }
    first[i] = begin;
    count[i] = end - begin;
    if (sum !== 0) for (let k = 0; k < values.length; k++) values[k] = (values[k] as number) / sum;
  }
  return { taps, first, count, weights };
}
