/** Symmetric matrices of which half is made. */
import type { Factor } from './cholesky.ts';
import type { LinearAlgebra } from './types.ts';

const TILE = 32;

/** Copies what is below the diagonal to above it, [n, n], in place; in tiles, since columns lie far apart. */
export function mirror(matrix: Float64Array, n: number): void {
  for (let top = 0; top < n; top += TILE) {
    const bottom = Math.min(n, top + TILE);
    for (let left = 0; left <= top; left += TILE) {
      for (let i = top; i < bottom; i++) {
        const right = Math.min(left + TILE, i);
        for (let j = left; j < right; j++) matrix[j * n + i] = matrix[i * n + j] as number;
      }
    }
  }
}

/** [rows, columns] → [columns, rows], in new memory. */
export function transposed<T extends Float32Array | Float64Array>(a: T, rows: number, columns: number): T {
  const out = (a instanceof Float32Array ? new Float32Array(a.length) : new Float64Array(a.length)) as T;
  for (let top = 0; top < rows; top += TILE) {
    const bottom = Math.min(rows, top + TILE);
    for (let left = 0; left < columns; left += TILE) {
      const right = Math.min(columns, left + TILE);
      for (let i = top; i < bottom; i++) {
        for (let j = left; j < right; j++) out[j * rows + i] = a[i * columns + j] as number;
      }
    }
  }
  return out;
}

/** Rows of one product: results this small stay in the cache. */
const ROWS = 256;

/**
 * Lᵀ·A·L, [rank, rank]: half of it is made, and nothing is multiplied by what is above the diagonal of a triangular L.
 *
 * @param matrix A [d, d], symmetric
 */
export async function congruence(
  { values, rank }: Factor,
  matrix: Float64Array,
  d: number,
  algebra: LinearAlgebra,
): Promise<Float64Array> {
  const turned = transposed(values, d, rank);
  const out = new Float64Array(rank * rank);
  for (let from = 0; from < rank; from += ROWS) {
    const to = Math.min(rank, from + ROWS);
    const skip = leadingZeros(turned, from, to, d);
    const k = d - skip;
    const left = new Float64Array((to - from) * k);
    for (let i = from; i < to; i++) {
      left.set(turned.subarray(i * d + skip, (i + 1) * d), (i - from) * k);
    }
    const half = await algebra.product(left, matrix.subarray(skip * d, d * d), { m: to - from, k, n: d });
    const part = await algebra.product(half, turned.subarray(0, to * d), {
      m: to - from,
      k: d,
      n: to,
      transposeB: true,
    });
    for (let i = from; i < to; i++) {
      const at = (i - from) * to;
      out.set(part.subarray(at, at + i + 1), i * rank);
    }
  }
  mirror(out, rank);
  return out;
}

/** Columns at the left that are nothing in all of these rows. */
function leadingZeros(a: Float64Array, from: number, to: number, columns: number): number {
  let least = columns - 1;
  for (let i = from; i < to; i++) {
    let zeros = 0;
    while (zeros < least && a[i * columns + zeros] === 0) zeros++;
    least = Math.min(least, zeros);
  }
  return least;
}

/**
 * target += C·Cᵀ, on and below the diagonal.
 *
 * @param columns C [size, n]: of XᵀX the columns of X, each together; float32 ones are multiplied as such
 */
export async function addGram(
  target: Float64Array,
  columns: Float64Array | Float32Array,
  size: number,
  n: number,
  algebra: LinearAlgebra,
): Promise<void> {
  for (let from = 0; from < size; from += ROWS) {
    const to = Math.min(size, from + ROWS);
    const sizes = { m: to - from, k: n, n: to, transposeB: true };
    const part =
      columns instanceof Float32Array
        ? await algebra.productF32(columns.subarray(from * n, to * n), columns.subarray(0, to * n), sizes)
        : await algebra.product(columns.subarray(from * n, to * n), columns.subarray(0, to * n), sizes);
    for (let i = from; i < to; i++) {
      for (let j = 0, at = i * size, of = (i - from) * to; j <= i; j++, at++, of++) {
        target[at] = (target[at] as number) + (part[of] as number);
      }
    }
  }
}
