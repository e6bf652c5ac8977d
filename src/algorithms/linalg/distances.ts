/**
 * Squared distances between many rows, in blocks: float32 products tell which pairs matter, and whether one is nearer
 * than a threshold is decided exactly (float64, from the differences) wherever rounding could decide it.
 *
 * ‖x − y‖² = ‖x‖² + ‖y‖² − 2x·y loses what the norms have in common, so rows are centred first: distances stay, norms
 * become as small as the spread.
 */
import type { LinearAlgebra } from './types.ts';

/** float32 [rows, columns], row by row. */
export interface Rows {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

const ROW_BLOCK = 1024;
const COLUMN_BLOCK = 2048;

/** Rows with their centre and their squared norms about it; centred copies are made block by block. */
export class CentredRows {
  readonly source: Rows;
  readonly centre: Float32Array;
  /** ‖x − centre‖², [rows] */
  readonly norms: Float64Array;

  constructor(source: Rows, centre: Float32Array) {
    this.source = source;
    this.centre = centre;
    const { rows, columns, values } = source;
    this.norms = new Float64Array(rows);
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      for (let j = 0, at = i * columns; j < columns; j++) {
        const value = (values[at + j] as number) - (centre[j] as number);
        sum += value * value;
      }
      this.norms[i] = sum;
    }
  }

  /** float32 [to − from, columns] */
  block(from: number, to: number): Float32Array {
    const { columns, values } = this.source;
    const out = new Float32Array((to - from) * columns);
    for (let i = from; i < to; i++) {
      const at = (i - from) * columns;
      for (let j = 0; j < columns; j++) {
        out[at + j] = (values[i * columns + j] as number) - (this.centre[j] as number);
      }
    }
    return out;
  }
}

/** Mean of the rows, rounded. */
export function centreOf({ rows, columns, values }: Rows): Float32Array {
  const sums = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) sums[j] = (sums[j] as number) + (values[i * columns + j] as number);
  }
  return Float32Array.from(sums, (sum) => sum / rows);
}

/**
 * Bound on the error of a float32 distance, as a share of ‖x‖² + ‖y‖²: the dot product's (Higham, "Accuracy and
 * Stability of Numerical Algorithms", 2002, eq. 3.5: |error| ≤ d·u·‖x‖‖y‖, u = 2⁻²⁴) and that of the centring.
 */
export function distanceRounding(columns: number): number {
  return (columns + 8) * 2 ** -24;
}

/** ‖x − y‖² from the differences, in float64; the same for (x, y) and (y, x), 0 for equal rows. */
export function exactSquare(a: Rows, i: number, b: Rows, j: number): number {
  const d = a.columns;
  const x = a.values;
  const y = b.values;
  let sum = 0;
  for (let l = 0, at = i * d, to = j * d; l < d; l++, at++, to++) {
    const difference = (x[at] as number) - (y[to] as number);
    sum += difference * difference;
  }
  return sum;
}

/** Products x·y of a block: rows [from, to) of the one side, columns [fromColumn, toColumn) of the other. */
export interface ProductBlock {
  readonly from: number;
  readonly to: number;
  readonly fromColumn: number;
  readonly toColumn: number;
  /** float32 [to − from, toColumn − fromColumn] */
  readonly products: Float32Array;
}

/** All pairs of rows of two sides with one centre, block by block; `share` grows to 1. */
export async function* productBlocks(
  a: CentredRows,
  b: CentredRows,
  algebra: LinearAlgebra,
  sizes: { readonly rows: number; readonly columns: number } = { rows: ROW_BLOCK, columns: COLUMN_BLOCK },
): AsyncGenerator<ProductBlock & { readonly share: number }> {
  const k = a.source.columns;
  // The same rows on both sides: (x, y) and (y, x) are one pair, and blocks below the diagonal have nothing new.
  const same = a === b;
  const size = same ? sizes.rows : sizes.columns;
  for (let from = 0; from < a.source.rows; from += sizes.rows) {
    const to = Math.min(a.source.rows, from + sizes.rows);
    const left = a.block(from, to);
    for (let fromColumn = same ? from : 0; fromColumn < b.source.rows; fromColumn += size) {
      const toColumn = Math.min(b.source.rows, fromColumn + size);
      const right = fromColumn === from && same ? left : b.block(fromColumn, toColumn);
      const products = await algebra.productF32(left, right, {
        m: to - from,
        k,
        n: toColumn - fromColumn,
        transposeB: true,
      });
      const done = (from + ((to - from) * toColumn) / b.source.rows) / a.source.rows;
      // With half of the pairs left out, what is left after a share s of the rows is (1 − s)² of the work.
      const share = same ? 1 - (1 - to / a.source.rows) ** 2 : done;
      yield { from, to, fromColumn, toColumn, products, share };
    }
  }
}
