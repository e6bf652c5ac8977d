/** Which class is largest where nothing has to be enlarged. */
import { NO_CONCEPT } from '../dissection/labelMap.ts';

/** Classes of one picture, [classes, h, w] from `offset` on. */
export interface Logits {
  readonly data: Float32Array;
  readonly offset: number;
  readonly classes: number;
}

/**
 * The largest class of each cell, counted from `first`, into `out`; NO_CONCEPT where all are NaN.
 * @returns the largest value of each class in each row of cells, [classes, h]
 */
export function winners(
  { data, offset, classes }: Logits,
  [height, width]: readonly [number, number],
  first: number,
  out: Uint16Array,
): Float32Array {
  const best = new Float32Array(height * width).fill(-Infinity);
  const peaks = new Float32Array(classes * height);
  out.fill(NO_CONCEPT);
  let at = offset;
  for (let k = 0; k < classes; k++) {
    for (let y = 0, i = 0; y < height; y++) {
      let peak = -Infinity;
      for (const end = i + width; i < end; i++, at++) {
        const value = data[at] as number;
        if (value > peak) peak = value;
        if (!(value > (best[i] as number))) continue;
        best[i] = value;
        out[i] = first + k;
      }
      peaks[k * height + y] = peak;
    }
  }
  return peaks;
}
