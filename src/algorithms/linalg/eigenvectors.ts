/** Eigenvectors: all of a small symmetric matrix, and the leading ones of a large one. */
import { reflector } from './householder.ts';
import { tridiagonalEigenvalues } from './tridiagonal.ts';
import type { LinearAlgebra } from './types.ts';

export interface Eigen {
  /** Descending. */
  readonly values: Float64Array;
  /** A vector a row, of length 1, in the order of the values, [count, n]. */
  readonly vectors: Float64Array;
}

/**
 * All eigenvalues and vectors of a symmetric [n, n]: reflections to a tridiagonal matrix, then QL. About 8·n³ operations
 * in plain loops: for n up to a few hundred.
 */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const a = matrix.slice();
  // Rows are the vectors of the basis so far.
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  const below = new Float64Array(n);
  const p = new Float64Array(n);
  for (let c = 0; c + 2 < n; c++) {
    const first = c + 1;
    // By symmetry the column below the diagonal is the row right of it, which lies together.
    const v = a.slice(c * n, (c + 1) * n);
    const { tau, alpha } = reflector(v, first, n - first);
    below[c] = alpha;
    if (tau === 0) continue;
    let dot = 0;
    for (let i = first; i < n; i++) {
      let sum = 0;
      for (let j = first; j < n; j++) sum += (a[i * n + j] as number) * (v[j] as number);
      p[i] = tau * sum;
      dot += (p[i] as number) * (v[i] as number);
    }
    const half = -0.5 * tau * dot;
    for (let i = first; i < n; i++) p[i] = (p[i] as number) + half * (v[i] as number);
    for (let i = first; i < n; i++) {
      const [vi, pi] = [v[i] as number, p[i] as number];
      for (let j = first; j < n; j++) {
        a[i * n + j] = (a[i * n + j] as number) - vi * (p[j] as number) - pi * (v[j] as number);
      }
    }
    // Q ← H·Q with vectors as rows.
    const sums = new Float64Array(n);
    for (let i = first; i < n; i++) {
      for (let j = 0; j < n; j++) sums[j] = (sums[j] as number) + (v[i] as number) * (q[i * n + j] as number);
    }
    for (let i = first; i < n; i++) {
      const factor = tau * (v[i] as number);
      for (let j = 0; j < n; j++) q[i * n + j] = (q[i * n + j] as number) - factor * (sums[j] as number);
    }
  }
  if (n > 1) below[n - 2] = a[(n - 1) * n + n - 2] as number;
  const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * n + i] as number);
  const values = tridiagonalEigenvalues(diagonal, below, (i, cosine, sine) => {
    for (let j = 0, one = i * n, two = (i + 1) * n; j < n; j++, one++, two++) {
      const f = q[two] as number;
      const g = q[one] as number;
      q[two] = sine * g + cosine * f;
      q[one] = cosine * g - sine * f;
    }
  });
  const order = [...values.keys()].sort((i, j) => (values[j] as number) - (values[i] as number));
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    vectors.set(q.subarray(from * n, (from + 1) * n), to * n);
  });
  return { values: Float64Array.from(order, (i) => values[i] as number), vectors };
}

/** Up to here all vectors are made at once. */
const SMALL = 256;
const FIRST = 64;
/** Products between two rotations. */
const STEPS = 2;
const SETTLED = 1e-4;

/**
 * The fewest leading eigenvectors of a positive semi-definite matrix that hold a share of its trace. A block of vectors
 * is multiplied by the matrix a few times and rotated to its Ritz vectors until the sum of their values settles to 1e-4
 * of itself; it is doubled until they hold enough (subspace iteration: Parlett, "The Symmetric Eigenvalue Problem", ch. 14).
 * Larger blocks give the subspace more exactly than its own edge.
 */
export async function leadingEigen(
  matrix: Float64Array,
  n: number,
  share: number,
  algebra: LinearAlgebra,
  pause: () => Promise<void>,
): Promise<Eigen> {
  let total = 0;
  for (let i = 0; i < n; i++) total += matrix[i * n + i] as number;
  const wanted = share * total;
  if (n <= SMALL) return cut(symmetricEigen(matrix, n), n, wanted);
  let block = startBlock(FIRST, n, undefined);
  for (let count = FIRST; ; count = Math.min(n, 2 * count)) {
    if (count >= n) return cut(symmetricEigen(matrix, n), n, wanted);
    block = startBlock(count, n, block);
    let before = 0;
    for (;;) {
      for (let step = 0; step < STEPS; step++) {
        const next = await algebra.product(block, matrix, { m: count, k: n, n });
        block = await orthonormal(next, count, n, algebra);
      }
      const { rotated, values } = await ritz(matrix, block, count, n, algebra);
      block = rotated;
      await pause();
      const sum = values.reduce((a, b) => a + b, 0);
      const settled = sum - before <= SETTLED * sum;
      before = sum;
      if (!settled) continue;
      if (sum >= wanted) return cut({ values, vectors: block }, n, wanted);
      break;
    }
  }
}

/** The leading ones whose values add up to what is wanted. */
function cut({ values, vectors }: Eigen, n: number, wanted: number): Eigen {
  let sum = 0;
  let count = 0;
  while (count < values.length && (count === 0 || sum < wanted * (1 - 1e-12)))
    sum += values[count++] as number;
  return { values: values.slice(0, count), vectors: vectors.slice(0, count * n) };
}

/** Rows of waves that no matrix has reason to be orthogonal to, after those that are there. */
function startBlock(count: number, n: number, kept: Float64Array | undefined): Float64Array {
  const block = new Float64Array(count * n);
  for (let i = 0; i < block.length; i++) block[i] = Math.sin(i * 1.2345678 + (i % 97) ** 2);
  if (kept !== undefined) block.set(kept.subarray(0, block.length));
  return block;
}

/** Orthonormal rows that span the same: L⁻¹·B with L·Lᵀ = B·Bᵀ, twice, since once loses digits (Yamamoto et al. 2015, CholeskyQR2). */
async function orthonormal(
  rows: Float64Array,
  count: number,
  n: number,
  algebra: LinearAlgebra,
): Promise<Float64Array> {
  let basis = rows;
  for (let pass = 0; pass < 2; pass++) {
    const gram = await algebra.product(basis, basis, { m: count, k: n, n: count, transposeB: true });
    const lower = plainCholesky(gram, count);
    basis = solveLower(lower, basis, count, n);
  }
  return basis;
}

async function ritz(
  matrix: Float64Array,
  block: Float64Array,
  count: number,
  n: number,
  algebra: LinearAlgebra,
): Promise<{ rotated: Float64Array; values: Float64Array }> {
  const half = await algebra.product(block, matrix, { m: count, k: n, n });
  const small = await algebra.product(half, block, { m: count, k: n, n: count, transposeB: true });
  const { values, vectors } = symmetricEigen(small, count);
  return { rotated: await algebra.product(vectors, block, { m: count, k: count, n }), values };
}

/** Cholesky of a Gram matrix, in place of a pivot that vanishes a large one: its row becomes nothing. */
function plainCholesky(a: Float64Array, n: number): Float64Array {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j] as number;
      for (let k = 0; k < j; k++) sum -= (l[i * n + k] as number) * (l[j * n + k] as number);
      if (i > j) l[i * n + j] = sum / (l[j * n + j] as number);
      else l[i * n + i] = sum > (a[i * n + i] as number) * 1e-15 ? Math.sqrt(sum) : 1e150;
    }
  }
  return l;
}

/** L⁻¹·B for B [n, columns]. */
function solveLower(l: Float64Array, b: Float64Array, n: number, columns: number): Float64Array {
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) {
      const factor = l[i * n + k] as number;
      for (let j = 0; j < columns; j++) {
        x[i * columns + j] = (x[i * columns + j] as number) - factor * (x[k * columns + j] as number);
      }
    }
    const inverse = 1 / (l[i * n + i] as number);
    for (let j = 0; j < columns; j++) x[i * columns + j] = (x[i * columns + j] as number) * inverse;
  }
  return x;
}
