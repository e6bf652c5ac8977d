/**
 * A symmetric band matrix to a tridiagonal one: column by column, each reflection's bulge is chased down the band.
 * Source: Murata & Horikoshi 1975 as told in Bischof, Lang & Sun, ACM TOMS 26(4), 2000, section 3 (the second stage).
 * About 6·n²·width multiplications, all within a window of 2·width rows that stays in the cache.
 */
import type { Band } from './bandReduction.ts';
import { reflector } from './householder.ts';

/** @param band overwritten  @returns diagonal [n] and what is below it [n], the last of that 0 */
export function chaseToTridiagonal(band: Band): { diagonal: Float64Array; below: Float64Array } {
  const { size: n, width, stride, values } = band;
  const v = new Float64Array(width);
  const next = new Float64Array(width);
  const sums = new Float64Array(width);
  for (let column = 0; column + 2 < n; column++) {
    let first = column + 1;
    let length = Math.min(width, n - first);
    if (length < 2) break;
    // Column `column` of the rows first … first + length − 1.
    let tau = eliminate(values, stride, first, column, length, v);
    for (;;) {
      if (tau !== 0) twoSided(values, stride, first, length, v, tau, sums);
      const after = first + length;
      const rows = Math.min(width, n - after);
      if (rows === 0) break;
      if (tau !== 0) fromRight(values, stride, after, rows, first, length, v, tau);
      if (rows === 1) break;
      tau = eliminate(values, stride, after, first, rows, next);
      if (tau !== 0) fromLeft(values, stride, after, rows, first + 1, length - 1, next, tau, sums);
      v.set(next);
      first = after;
      length = rows;
    }
  }
  const diagonal = new Float64Array(n);
  const below = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    diagonal[i] = values[i * stride + i + stride] as number;
    if (i + 1 < n) below[i] = values[(i + 1) * stride + i + stride] as number;
  }
  return { diagonal, below };
}

/** The reflection that leaves only the first of these rows in a column; the column is set to what it makes of it. */
function eliminate(
  a: Float64Array,
  stride: number,
  row: number,
  column: number,
  rows: number,
  v: Float64Array,
): number {
  const at = row * stride + column + stride;
  for (let i = 0; i < rows; i++) {
    v[i] = a[at + i * stride] as number;
    a[at + i * stride] = 0;
  }
  const { tau, alpha } = reflector(v, 0, rows);
  a[at] = alpha;
  return tau;
}

/** D ← H·D·H for a block on the diagonal, of which the lower half is kept: LAPACK dsytd2's rank-2 update. */
function twoSided(
  a: Float64Array,
  stride: number,
  first: number,
  length: number,
  v: Float64Array,
  tau: number,
  p: Float64Array,
): void {
  p.fill(0, 0, length);
  const corner = first * stride + first + stride;
  for (let i = 0; i < length; i++) {
    const row = corner + i * stride;
    const vi = v[i] as number;
    let sum = (a[row + i] as number) * vi;
    for (let j = 0; j < i; j++) {
      const value = a[row + j] as number;
      sum += value * (v[j] as number);
      p[j] = (p[j] as number) + value * vi;
    }
    p[i] = (p[i] as number) + sum;
  }
  let dot = 0;
  for (let i = 0; i < length; i++) {
    p[i] = (p[i] as number) * tau;
    dot += (p[i] as number) * (v[i] as number);
  }
  const half = -0.5 * tau * dot;
  for (let i = 0; i < length; i++) p[i] = (p[i] as number) + half * (v[i] as number);
  for (let i = 0; i < length; i++) {
    const row = corner + i * stride;
    const vi = v[i] as number;
    const pi = p[i] as number;
    for (let j = 0; j <= i; j++) {
      a[row + j] = (a[row + j] as number) - vi * (p[j] as number) - pi * (v[j] as number);
    }
  }
}

/** B ← B·H */
function fromRight(
  a: Float64Array,
  stride: number,
  row: number,
  rows: number,
  column: number,
  columns: number,
  v: Float64Array,
  tau: number,
): void {
  for (let i = 0; i < rows; i++) {
    const at = (row + i) * stride + column + stride;
    let dot = 0;
    for (let j = 0; j < columns; j++) dot += (a[at + j] as number) * (v[j] as number);
    dot *= tau;
    for (let j = 0; j < columns; j++) a[at + j] = (a[at + j] as number) - dot * (v[j] as number);
  }
}

/** B ← H·B */
function fromLeft(
  a: Float64Array,
  stride: number,
  row: number,
  rows: number,
  column: number,
  columns: number,
  v: Float64Array,
  tau: number,
  sums: Float64Array,
): void {
  sums.fill(0, 0, columns);
  for (let i = 0; i < rows; i++) {
    const at = (row + i) * stride + column + stride;
    const vi = v[i] as number;
    for (let j = 0; j < columns; j++) sums[j] = (sums[j] as number) + vi * (a[at + j] as number);
  }
  for (let i = 0; i < rows; i++) {
    const at = (row + i) * stride + column + stride;
    const factor = tau * (v[i] as number);
    for (let j = 0; j < columns; j++) a[at + j] = (a[at + j] as number) - factor * (sums[j] as number);
  }
}
