/**
 * Cholesky of a positive semi-definite matrix, with pivots, that ends at its numerical rank: A ≈ L·Lᵀ with L [n, rank].
 * Source: LAPACK dpstrf (Hammarling, Higham & Lucas, "LAPACK-style codes for pivoted Cholesky and QR updating", 2007):
 * its tolerance n·ε·max diag, its blocks; here the rest of the matrix is updated through the runtime's products.
 */
import type { LinearAlgebra } from './types.ts';

const BLOCK = 48;

export interface Factor {
  /** [n, rank], row by row, in the order of the matrix (the pivots are undone). */
  readonly values: Float64Array;
  readonly rank: number;
}

/**
 * @param matrix [n, n], symmetric, positive semi-definite up to rounding; not changed
 * @returns a factor whose L·Lᵀ differs from the matrix by at most about n·ε of its largest diagonal element
 */
export async function pivotedCholesky(
  matrix: Float64Array,
  n: number,
  algebra: LinearAlgebra,
): Promise<Factor> {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  // Rows still to do, without the columns that are done: packed anew after each block.
  let rest = matrix;
  let size = n;
  const columns: Float64Array[] = [];
  let tolerance = Number.NaN;
  while (size > 0) {
    const start = n - size;
    const block = factorBlock(rest, size, Number.isNaN(tolerance) ? undefined : tolerance);
    tolerance = block.tolerance;
    const before = order.slice(start);
    for (let i = 0; i < size; i++) order[start + i] = before[block.order[i] as number] as number;
    for (const done of columns) reorder(done, start, block.order);
    for (const column of block.columns) {
      const whole = new Float64Array(n);
      whole.set(column, start);
      columns.push(whole);
    }
    const width = block.columns.length;
    if (width < Math.min(BLOCK, size) || width === size) break;
    rest = await remainder(rest, size, block, algebra);
    size -= width;
  }
  const rank = columns.length;
  const values = new Float64Array(n * rank);
  columns.forEach((column, j) => {
    for (let i = 0; i < n; i++) values[(order[i] as number) * rank + j] = column[i] as number;
  });
  return { values, rank };
}

interface Block {
  /** New place → old place among these rows. */
  readonly order: Int32Array;
  /** Columns of L over these rows, in their new order. */
  readonly columns: readonly Float64Array[];
  readonly tolerance: number;
}

/** Up to BLOCK columns; fewer when what is left is nothing. Only the diagonal and the pivots' columns are kept current. */
function factorBlock(a: Float64Array, size: number, known: number | undefined): Block {
  const order = Int32Array.from({ length: size }, (_, i) => i);
  const diagonal = Float64Array.from({ length: size }, (_, i) => a[i * size + i] as number);
  const tolerance =
    known ?? size * Number.EPSILON * diagonal.reduce((most, value) => Math.max(most, value), 0);
  const columns: Float64Array[] = [];
  for (let j = 0; j < Math.min(BLOCK, size); j++) {
    let pivot = j;
    for (let i = j + 1; i < size; i++) {
      if ((diagonal[i] as number) > (diagonal[pivot] as number)) pivot = i;
    }
    if (!((diagonal[pivot] as number) > tolerance)) break;
    swap(order, j, pivot);
    swap(diagonal, j, pivot);
    for (const column of columns) swap(column, j, pivot);
    const root = Math.sqrt(diagonal[j] as number);
    const column = new Float64Array(size);
    const row = (order[j] as number) * size;
    for (let i = j + 1; i < size; i++) column[i] = a[row + (order[i] as number)] as number;
    for (const done of columns) {
      const factor = done[j] as number;
      for (let i = j + 1; i < size; i++) column[i] = (column[i] as number) - factor * (done[i] as number);
    }
    column[j] = root;
    for (let i = j + 1; i < size; i++) {
      const value = (column[i] as number) / root;
      column[i] = value;
      diagonal[i] = (diagonal[i] as number) - value * value;
    }
    columns.push(column);
  }
  return { order, columns, tolerance };
}

/** What the block leaves: A − L·Lᵀ without the block's rows and columns. */
async function remainder(
  a: Float64Array,
  size: number,
  block: Block,
  algebra: LinearAlgebra,
): Promise<Float64Array> {
  const width = block.columns.length;
  const left = size - width;
  const stacked = new Float64Array(width * left);
  block.columns.forEach((column, j) => {
    stacked.set(column.subarray(width), j * left);
  });
  const product = await algebra.product(stacked, stacked, { m: left, k: width, n: left, transposeA: true });
  for (let i = 0; i < left; i++) {
    const row = (block.order[width + i] as number) * size;
    const to = i * left;
    for (let j = 0; j < left; j++) {
      product[to + j] = (a[row + (block.order[width + j] as number)] as number) - (product[to + j] as number);
    }
  }
  return product;
}

function reorder(column: Float64Array, start: number, order: Int32Array): void {
  const before = column.slice(start);
  for (let i = 0; i < order.length; i++) column[start + i] = before[order[i] as number] as number;
}

function swap(array: Float64Array | Int32Array, i: number, j: number): void {
  const kept = array[i] as number;
  array[i] = array[j] as number;
  array[j] = kept;
}
