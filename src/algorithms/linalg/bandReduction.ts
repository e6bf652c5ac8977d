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

/** A block of reflections of the rows from `at` on: Q = I − UᵀV. */
export interface Reflections {
  readonly at: number;
  readonly width: number;
  /** [width, n − at]; likewise u */
  readonly v: Float64Array;
  readonly u: Float64Array;
}

/** Rows of one update: results this small stay in the cache, where one of the whole matrix is written and read anew. */
const ROWS = 256;

/**
 * @param matrix [n, n], symmetric; used as working memory
 * @param width  diagonals below the main one that stay
 * @param keep   told of each block of reflections, for who wants functions of the matrix: A = Q·B·Qᵀ with Q their product
 */
export async function reduceToBand(
  matrix: Float64Array,
  n: number,
  width: number,
  algebra: LinearAlgebra,
  keep?: (block: Reflections) => void,
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
    // Rows of these are the reflections: V [b, below] and U = TᵀV, so that Q = I − UᵀV.
    const { v, u } = panel;
    keep?.({ at: done + width, width, v, u });
    const padded = new Float64Array(width * size);
    for (let i = 0; i < width; i++) padded.set(u.subarray(i * below, (i + 1) * below), i * size + width);
    const full = await algebra.product(padded, a.subarray(0, size * size), { m: width, k: size, n: size });
    const p = new Float64Array(width * below);
    for (let i = 0; i < width; i++) p.set(full.subarray(i * size + width, (i + 1) * size), i * below);
    const half = await algebra.product(u, p, { m: width, k: below, n: width, transposeB: true });
    // W = P − ½ (P·Uᵀ)·V
    const correction = await algebra.product(half, v, { m: width, k: width, n: below, transposeA: true });
    const w = p.map((value, i) => value - 0.5 * (correction[i] as number));
    await shrink(a, size, width, columnsOf(v, w, width, below), stack(w, v), algebra);
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

/** Rows of both as columns, [below, 2·width]. */
function columnsOf(v: Float64Array, w: Float64Array, width: number, below: number): Float64Array {
  const both = new Float64Array(2 * width * below);
  for (let j = 0; j < width; j++) {
    for (let i = 0; i < below; i++) {
      both[2 * width * i + j] = v[j * below + i] as number;
      both[2 * width * i + width + j] = w[j * below + i] as number;
    }
  }
  return both;
}

/** A [size, size] without its first `width` rows and columns, less left·right, packed from the front of the same memory. */
async function shrink(
  a: Float64Array,
  size: number,
  width: number,
  left: Float64Array,
  right: Float64Array,
  algebra: LinearAlgebra,
): Promise<void> {
  const below = size - width;
  const k = 2 * width;
  for (let first = 0; first < below; first += ROWS) {
    const last = Math.min(below, first + ROWS);
    const part = left.subarray(first * k, last * k);
    const update = await algebra.product(part, right, { m: last - first, k, n: below });
    for (let i = first; i < last; i++) {
      let from = (i + width) * size + width;
      let to = i * below;
      for (let of = (i - first) * below, end = of + below; of < end; of++, from++, to++) {
        a[to] = (a[from] as number) - (update[of] as number);
      }
    }
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
