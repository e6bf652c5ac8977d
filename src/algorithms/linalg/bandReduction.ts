/**
 * A symmetric matrix to a band of the same eigenvalues, so that nearly all the work is matrix products: QR of a block
 * of columns, then A ← QᵀAQ as a rank-2b update. Source: Bischof, Lang & Sun, "A framework for symmetric band
 * reduction", ACM TOMS 26(4), 2000 (the first of two stages); WY form: LAPACK dlarft.
 *
 * The one-stage way spends half its work in matrix–vector products, which no kernel makes fast.
 */
import { reflector } from './householder.ts';
import type { LinearAlgebra } from './types.ts';

/** Lower half of a symmetric band matrix: `at(i, j)` = values[i·stride + j + stride], i − 2·width < j ≤ i. */
export interface Band {
  readonly size: number;
  /** Diagonals below the main one. */
  readonly width: number;
  /** 2·width − 1: room for the bulge that the second stage chases. */
  readonly stride: number;
  readonly values: Float64Array;
}

export function makeBand(size: number, width: number): Band {
  const stride = 2 * width - 1;
  return { size, width, stride, values: new Float64Array((size + 1) * (stride + 1)) };
}

/**
 * @param matrix [n, n], symmetric; used as working memory
 * @param width  diagonals below the main one that stay
 */
export async function reduceToBand(
  matrix: Float64Array,
  n: number,
  width: number,
  algebra: LinearAlgebra,
): Promise<Band> {
  const band = makeBand(n, width);
  let a = matrix;
  let size = n;
  for (let done = 0; ; done += width) {
    const below = size - width;
    if (below < 2) {
      store(band, done, a, size, size, size);
      return band;
    }
    store(band, done, a, size, width, width);
    const panel = factor(a, size, width);
    storeTriangle(band, done + width, panel.r, width, below);
    // Rows of these are the reflections: V [b, below] and U = TᵀV, so that Q = I − VᵀU.
    const { v, u } = panel;
    const padded = new Float64Array(width * size);
    for (let i = 0; i < width; i++) padded.set(u.subarray(i * below, (i + 1) * below), i * size + width);
    const full = await algebra.product(padded, a.subarray(0, size * size), { m: width, k: size, n: size });
    const p = new Float64Array(width * below);
    for (let i = 0; i < width; i++) p.set(full.subarray(i * size + width, (i + 1) * size), i * below);
    const half = await algebra.product(u, p, { m: width, k: below, n: width, transposeB: true });
    // W = P − ½ (P·Uᵀ)·V
    const correction = await algebra.product(half, v, { m: width, k: width, n: below, transposeA: true });
    const w = p.map((value, i) => value - 0.5 * (correction[i] as number));
    const left = stack(v, w);
    const update = await algebra.product(left, stack(w, v), {
      m: below,
      k: 2 * width,
      n: below,
      transposeA: true,
    });
    shrink(a, size, width, update);
    a = a.subarray(0, below * below);
    size = below;
  }
}

function stack(a: Float64Array, b: Float64Array): Float64Array {
  const both = new Float64Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** A [size, size] without its first `width` rows and columns, less the update, packed from the front of the same memory. */
function shrink(a: Float64Array, size: number, width: number, update: Float64Array): void {
  const below = size - width;
  for (let i = 0; i < below; i++) {
    const from = (i + width) * size + width;
    const to = i * below;
    for (let j = 0; j < below; j++) a[to + j] = (a[from + j] as number) - (update[to + j] as number);
  }
}

/** QR of the block below the first `width` rows of the first `width` columns. */
function factor(
  a: Float64Array,
  size: number,
  width: number,
): { v: Float64Array; u: Float64Array; r: Float64Array } {
  const below = size - width;
  // Columns as rows: every loop below then runs along memory. By symmetry they are rows of A.
  const v = new Float64Array(width * below);
  for (let j = 0; j < width; j++) v.set(a.subarray(j * size + width, (j + 1) * size), j * below);
  const r = new Float64Array(width * width);
  const taus = new Float64Array(width);
  for (let j = 0; j < width; j++) {
    const at = j * below;
    for (let i = 0; i < Math.min(j, below); i++) r[i * width + j] = v[at + i] as number;
    if (j >= below) {
      v.fill(0, at, at + below);
      continue;
    }
    const { tau, alpha } = reflector(v, at + j, below - j);
    taus[j] = tau;
    r[j * width + j] = alpha;
    for (let c = j + 1; c < width; c++) {
      const other = c * below;
      let dot = 0;
      for (let i = j; i < below; i++) dot += (v[at + i] as number) * (v[other + i] as number);
      dot *= tau;
      for (let i = j; i < below; i++) v[other + i] = (v[other + i] as number) - dot * (v[at + i] as number);
    }
    v.fill(0, at, at + j);
  }
  return { v, u: weighted(v, taus, width, below), r };
}

/** TᵀV, a row for each reflection, from Q = H₀H₁… : u_j = τ_j·(v_j − Σ_{i<j} (v_i·v_j)·u_i). */
function weighted(v: Float64Array, taus: Float64Array, width: number, below: number): Float64Array {
  const u = new Float64Array(width * below);
  for (let j = 0; j < width; j++) {
    const at = j * below;
    const row = v.slice(at, at + below);
    for (let i = 0; i < j; i++) {
      let dot = 0;
      for (let l = j; l < below; l++) dot += (v[i * below + l] as number) * (v[at + l] as number);
      for (let l = 0; l < below; l++) row[l] = (row[l] as number) - dot * (u[i * below + l] as number);
    }
    const tau = taus[j] as number;
    for (let l = 0; l < below; l++) u[at + l] = tau * (row[l] as number);
  }
  return u;
}

/** The lower half of a block on the diagonal of the band. */
function store(band: Band, at: number, a: Float64Array, lead: number, rows: number, columns: number): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= Math.min(i, columns - 1); j++) {
      band.values[(at + i) * band.stride + (at + j) + band.stride] = a[i * lead + j] as number;
    }
  }
}

/** R, upper triangular, in the rows from `at` on, just left of the diagonal block. */
function storeTriangle(band: Band, at: number, r: Float64Array, width: number, below: number): void {
  for (let i = 0; i < Math.min(width, below); i++) {
    for (let j = i; j < width; j++) {
      band.values[(at + i) * band.stride + (at - width + j) + band.stride] = r[i * width + j] as number;
    }
  }
}
