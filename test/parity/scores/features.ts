/** The features of make_reference.py, made again: the very same float32 numbers. */
import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';
import type { Matrix } from '../../../src/algorithms/scores/types.ts';

export interface Shape {
  readonly n: number;
  readonly m: number;
  readonly d: number;
  readonly rank: number;
  readonly offset: number;
  readonly subset: number;
}

export function sidesOf({ n, m, d, rank, offset }: Shape): { generated: Matrix; reference: Matrix } {
  return {
    generated: features(1, n, d, rank, offset, 0.5),
    reference: features(2, m, d, rank, 0, 0),
  };
}

function features(
  seed: number,
  rows: number,
  d: number,
  rank: number,
  offset: number,
  shift: number,
): Matrix {
  const z = new NumpyRandom(seed).normals(rows * rank);
  const mix = new NumpyRandom(99).normals((rank + 8) * d).subarray(offset * d, (offset + rank) * d);
  const values = new Float32Array(rows * d);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < d; j++) {
      let sum = 0;
      for (let l = 0; l < rank; l++) {
        sum += (halfEven((z[i * rank + l] as number) * 1024) / 1024) * halfEven(mix[l * d + j] as number);
      }
      values[i * d + j] = sum / 2 ** (j % 4) + shift;
    }
  }
  return { rows, columns: d, values };
}

/** np.rint */
function halfEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** The first columns, divided by 4: what stands for logits. */
export function logitsOf({ rows, columns, values }: Matrix, classes: number): Matrix {
  const out = new Float32Array(rows * classes);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < classes; j++) out[i * classes + j] = (values[i * columns + j] as number) / 4;
  }
  return { rows, columns: classes, values: out };
}
