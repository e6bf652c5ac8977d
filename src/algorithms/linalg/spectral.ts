/**
 * Functions of a symmetric matrix without its eigenvectors. M = Q·B·Qᵀ with a band B, and a smooth g is a sum of a few
 * resolvents, g(λ) ≈ Σ ω_j/(λ + s_j): those of a band cost n²·width operations each. The poles stand in even steps of log λ
 * over the spectrum and the weights are fitted to g at the eigenvalues, which are known. (Best rational approximations
 * of roots and logarithms have such poles: Hale, Higham & Trefethen, SIAM J. Numer. Anal. 46(5), 2008.)
 */
import { type Band, type Reflections, reduceToBand } from './bandReduction.ts';
import { chaseToTridiagonal } from './bulgeChase.ts';
import { bandWidth } from './eigenvalues.ts';
import { multiply } from './plain.ts';
import { mirror, transposed } from './symmetric.ts';
import { tridiagonalEigenvalues } from './tridiagonal.ts';
import type { LinearAlgebra, ProductSizes } from './types.ts';

/** Rows of one product: results this small stay in the cache. */
const ROWS = 256;
/** A step of the poles in log λ to begin with. */
const STEP = 2.5;
const MOST_POLES = 24;
/** The fit's error, as a share of g, weighted as below. */
const CLOSE = 2e-3;
/** Eigenvalues below this share of the largest are rounding: nothing is asked of g there. */
const NOTHING = 1e-13;

export class Spectrum {
  /** Ascending, [n]; absolute error a few ε·‖M‖ */
  readonly values: Float64Array;
  readonly size: number;
  readonly #band: Band;
  readonly #blocks: readonly Reflections[];
  readonly #algebra: LinearAlgebra;

  private constructor(
    values: Float64Array,
    band: Band,
    blocks: readonly Reflections[],
    algebra: LinearAlgebra,
  ) {
    this.values = values;
    this.size = band.size;
    this.#band = band;
    this.#blocks = blocks;
    this.#algebra = algebra;
  }

  /** @param matrix [n, n], symmetric; used as working memory */
  static async of(matrix: Float64Array, n: number, algebra: LinearAlgebra): Promise<Spectrum> {
    const blocks: Reflections[] = [];
    const width = Math.max(1, Math.min(bandWidth(n), n - 1));
    const band = await reduceToBand(matrix, n, width, algebra, (block) => blocks.push(block));
    const { diagonal, below } = chaseToTridiagonal({ ...band, values: band.values.slice() });
    return new Spectrum(tridiagonalEigenvalues(diagonal, below), band, blocks, algebra);
  }

  /**
   * L·g(M)·Lᵀ, [rows, rows].
   *
   * @param g      at each eigenvalue, [n]; smooth in log λ
   * @param factor L [rows, n]; null: the identity
   * @param pause  called now and then; throws to stop
   * @param digits what is multiplied is float32 or float64: float32 leaves errors of 1e-6 of the largest |g|, so for a g
   *               that hardly varies
   */
  async apply(
    g: Float64Array,
    factor: Float64Array | null,
    rows: number,
    pause: () => Promise<void>,
    digits: 'float32' | 'float64' = 'float64',
  ): Promise<Float64Array> {
    const { size: n } = this;
    const { poles, weights } = fitPoles(this.values, g);
    const inner = new Float64Array(n * n);
    for (const [j, pole] of poles.entries()) {
      await pause();
      await addResolvent(this.#band, pole, weights[j] as number, inner, this.#algebra);
    }
    const start = factor === null ? identity(n) : transposed(factor, rows, n);
    const turned = await this.#turn<Floats>(
      digits === 'float32' ? new Float32Array(start) : start,
      rows,
      pause,
    );
    const left = transposed(turned, n, rows);
    const middle = alike(inner, left);
    const out = new Float64Array(rows * rows);
    // (QᵀLᵀ)ᵀ·F·(QᵀLᵀ), of which half is made.
    const half = await times(this.#algebra, left, middle, { m: rows, k: n, n });
    for (let from = 0; from < rows; from += ROWS) {
      await pause();
      const to = Math.min(rows, from + ROWS);
      const part = await times(this.#algebra, left.subarray(from * n, to * n), half.subarray(0, to * n), {
        ...{ m: to - from, k: n, n: to, transposeB: true },
      });
      for (let i = from; i < to; i++) {
        const at = (i - from) * to;
        out.set(part.subarray(at, at + i + 1), i * rows);
      }
    }
    mirror(out, rows);
    return out;
  }

  /**
   * C⁻¹·right with C·Cᵀ = B + pole: of right = Qᵀ·X the product with itself is Xᵀ·(M + pole)⁻¹·X.
   *
   * @param right [n, columns]; not changed
   */
  async half(pole: number, right: Float64Array, columns: number): Promise<Float64Array> {
    const out = right.slice();
    await solveDown(blocksOf(this.#band, pole), out, columns, this.#algebra);
    return out;
  }

  /** Qᵀ·Lᵀ, [n, rows]; L null: the identity */
  turned(factor: Float64Array | null, rows: number, pause: () => Promise<void>): Promise<Float64Array> {
    const { size: n } = this;
    return this.#turn(factor === null ? identity(n) : transposed(factor, rows, n), rows, pause);
  }

  /** Qᵀ·right, [n, columns], in place */
  async #turn<T extends Floats>(right: T, columns: number, pause: () => Promise<void>): Promise<T> {
    const { size: n } = this;
    for (let first = 0; first < this.#blocks.length; first += TOGETHER) {
      await pause();
      const blocks = this.#blocks.slice(first, first + TOGETHER);
      const { at, width, v, u } = await joined(blocks, n, this.#algebra);
      const below = n - at;
      const rest = right.subarray(at * columns) as T;
      const sizes = { m: width, k: below, n: columns };
      const half = await times(this.#algebra, alike(v, right), rest, sizes);
      const turning = alike(transposed(u, width, below), right);
      for (let from = 0; from < below; from += ROWS) {
        const to = Math.min(below, from + ROWS);
        const part = await times(this.#algebra, turning.subarray(from * width, to * width) as T, half, {
          m: to - from,
          k: width,
          n: columns,
        });
        for (let i = 0, to = from * columns; i < part.length; i++, to++) {
          rest[to] = (rest[to] as number) - (part[i] as number);
        }
      }
    }
    return right;
  }
}

type Floats = Float32Array | Float64Array;

/** The product of two matrices of one type, in that type */
function times<T extends Floats>(algebra: LinearAlgebra, a: T, b: T, sizes: ProductSizes): Promise<T> {
  const product =
    a instanceof Float32Array
      ? algebra.productF32(a, b as Float32Array, sizes)
      : algebra.product(a, b as Float64Array, sizes);
  return product as Promise<T>;
}

/** Numbers in the type of others */
function alike<T extends Floats>(values: Float64Array, other: T): T {
  return (other instanceof Float32Array ? new Float32Array(values) : values) as T;
}

/** Blocks of reflections that are applied as one: so many passes over memory less. */
const TOGETHER = 4;

/**
 * Q_k ⋯ Q_1 as I − UᵀV, where each is I − u_iᵀv_i as they are applied to rows: the next takes its own off what those before
 * have left, (I − uᵀv)(I − UᵀV) = I − UᵀV − uᵀ(v − (v·Uᵀ)V).
 */
async function joined(
  blocks: readonly Reflections[],
  n: number,
  algebra: LinearAlgebra,
): Promise<Reflections> {
  const { at } = blocks[0] as Reflections;
  const below = n - at;
  const total = blocks.reduce((sum, { width }) => sum + width, 0);
  const v = new Float64Array(total * below);
  const u = new Float64Array(total * below);
  let done = 0;
  for (const block of blocks) {
    const { width } = block;
    const own = n - block.at;
    // Qᵀ = I − VᵀU of what was kept as Q = I − UᵀV.
    for (let i = 0; i < width; i++) {
      const to = (done + i) * below + below - own;
      v.set(block.u.subarray(i * own, (i + 1) * own), to);
      u.set(block.v.subarray(i * own, (i + 1) * own), to);
    }
    if (done > 0) {
      const rows = v.subarray(done * below, (done + width) * below);
      const [beforeU, beforeV] = [u.subarray(0, done * below), v.subarray(0, done * below)];
      const across = await algebra.product(rows, beforeU, { m: width, k: below, n: done, transposeB: true });
      const less = await algebra.product(across, beforeV, { m: width, k: done, n: below });
      for (let i = 0; i < less.length; i++) rows[i] = (rows[i] as number) - (less[i] as number);
    }
    done += width;
  }
  return { at, width: total, v, u };
}

/** Poles and weights of Σ ω_j/(λ + s_j) ≈ g at the eigenvalues. */
export function fitPoles(
  values: Float64Array,
  g: Float64Array,
): { readonly poles: readonly number[]; readonly weights: Float64Array; readonly error: number } {
  const largest = values[values.length - 1] as number;
  const places = [...values.keys()].filter((k) => (values[k] as number) > largest * NOTHING);
  if (!(largest > 0) || places.length === 0) return { poles: [], weights: new Float64Array(0), error: 0 };
  const lowest = values[places[0] as number] as number;
  let best = fitWith(values, g, places, spread(lowest, largest, STEP));
  for (let step = STEP / 1.3; best.error > CLOSE; step /= 1.3) {
    const poles = spread(lowest, largest, step);
    if (poles.length > MOST_POLES) break;
    const next = fitWith(values, g, places, poles);
    if (next.error < best.error) best = next;
  }
  return best;
}

function spread(lowest: number, largest: number, step: number): number[] {
  const [from, to] = [Math.log(lowest) - 1, Math.log(largest) + 1.5];
  const count = Math.max(3, Math.ceil((to - from) / step) + 1);
  return Array.from({ length: count }, (_, i) => Math.exp(from + ((to - from) * i) / (count - 1)));
}

/** Least squares of the relative error, with a ridge (the columns are nearly alike). Eigenvalues count by the root of what they hold. */
function fitWith(values: Float64Array, g: Float64Array, places: readonly number[], poles: readonly number[]) {
  const rows = places.length;
  const count = poles.length;
  const importance = places.map((k) => Math.sqrt(values[k] as number));
  const total = importance.reduce((a, b) => a + b, 0);
  const weight = importance.map((value) => Math.sqrt(value / total + 0.1 / rows));
  const columns = poles.map((pole) =>
    Float64Array.from(
      places,
      (k, i) => (weight[i] as number) / ((values[k] as number) + pole) / (g[k] as number),
    ),
  );
  const target = Float64Array.from(weight);
  const lengths = columns.map((column) => Math.sqrt(dot(column, column)));
  columns.forEach((column, j) => {
    for (let i = 0; i < rows; i++) column[i] = (column[i] as number) / (lengths[j] as number);
  });
  const upper = new Float64Array(count * count);
  const right = new Float64Array(count);
  for (let j = 0; j < count; j++) {
    const extended = columns[j] as Float64Array;
    for (let c = 0; c <= j; c++) upper[c * count + j] = dot(columns[c] as Float64Array, extended);
    right[j] = dot(extended, target);
  }
  const solution = solveRidge(upper, right, count);
  const weights = Float64Array.from(solution, (value, j) => value / (lengths[j] as number));
  let error = 0;
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < count; j++)
      sum += ((columns[j] as Float64Array)[i] as number) * (solution[j] as number);
    error += (sum - (target[i] as number)) ** 2;
  }
  return { poles, weights, error: Math.sqrt(error / 1.1) };
}

const RIDGE = 1e-13;

/** (A + ridge)⁻¹·b by Cholesky; the upper half of A is given. */
function solveRidge(upper: Float64Array, b: Float64Array, n: number): Float64Array {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = (upper[j * n + i] as number) + (i === j ? RIDGE * n : 0);
      for (let k = 0; k < j; k++) sum -= (l[i * n + k] as number) * (l[j * n + k] as number);
      l[i * n + j] = i === j ? Math.sqrt(Math.max(sum, RIDGE)) : sum / (l[j * n + j] as number);
    }
  }
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] = (x[i] as number) - (l[i * n + k] as number) * (x[k] as number);
    x[i] = (x[i] as number) / (l[i * n + i] as number);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] = (x[i] as number) - (l[k * n + i] as number) * (x[k] as number);
    x[i] = (x[i] as number) / (l[i * n + i] as number);
  }
  return x;
}

/** Rows solved at once: one product in place of as many passes over memory; at least the width of the band. */
const SOLVED = 32;

/** inner += weight·(B + pole)⁻¹, [n, n]. */
async function addResolvent(
  band: Band,
  pole: number,
  weight: number,
  inner: Float64Array,
  algebra: LinearAlgebra,
): Promise<void> {
  const { size: n } = band;
  const blocks = blocksOf(band, pole);
  const work = identity(n);
  await solveDown(blocks, work, n, algebra);
  await solveUp(blocks, work, n, algebra);
  for (let i = 0; i < inner.length; i++) inner[i] = (inner[i] as number) + weight * (work[i] as number);
}

/** Rows [from, to) of C, where B + pole = C·Cᵀ; C couples them to the block before alone. */
interface SolvedRows {
  readonly from: number;
  readonly to: number;
  /** C⁻¹ of the block on the diagonal, [rows, rows] */
  readonly inverse: Float64Array;
  /** C left of it, [rows, rows of the block before] */
  readonly left: Float64Array;
}

function blocksOf(band: Band, pole: number): SolvedRows[] {
  const { size: n, width } = band;
  const lead = width + 1;
  const c = bandCholesky(band, pole);
  const at = (i: number, j: number) => (i - j > width ? 0 : (c[i * lead + width - (i - j)] as number));
  const rows = Math.max(SOLVED, width);
  const blocks: SolvedRows[] = [];
  for (let from = 0; from < n; from += rows) {
    const to = Math.min(n, from + rows);
    const size = to - from;
    const inverse = new Float64Array(size * size);
    for (let i = 0; i < size; i++) {
      const pivot = at(from + i, from + i);
      for (let l = Math.max(0, i - width); l < i; l++) {
        subtract(inverse, i * size, l * size, l + 1, at(from + i, from + l));
      }
      inverse[i * size + i] = 1;
      scale(inverse, i * size, i + 1, 1 / pivot);
    }
    const before = Math.max(0, from - rows);
    const left = new Float64Array(size * (from - before));
    for (let i = 0; i < size; i++) {
      for (let j = Math.max(before, from + i - width); j < from; j++) {
        left[i * (from - before) + j - before] = at(from + i, j);
      }
    }
    blocks.push({ from, to, inverse, left });
  }
  return blocks;
}

/** C⁻¹·right, [n, columns], in place. */
async function solveDown(
  blocks: readonly SolvedRows[],
  right: Float64Array,
  columns: number,
  algebra: LinearAlgebra,
): Promise<void> {
  for (const { from, to, inverse, left } of blocks) {
    const size = to - from;
    const before = left.length / size;
    const carried = multiply(inverse, left, { m: size, k: size, n: before }, new Float64Array(left.length));
    const both = beside(carried, before, inverse, size, size, -1, 1);
    const rows = right.subarray((from - before) * columns, to * columns);
    right.set(await algebra.product(both, rows, { m: size, k: before + size, n: columns }), from * columns);
  }
}

/** C⁻ᵀ·right, [n, columns], in place. */
async function solveUp(
  blocks: readonly SolvedRows[],
  right: Float64Array,
  columns: number,
  algebra: LinearAlgebra,
): Promise<void> {
  for (let b = blocks.length - 1; b >= 0; b--) {
    const { from, to, inverse } = blocks[b] as SolvedRows;
    const size = to - from;
    const next = blocks[b + 1];
    const after = next === undefined ? 0 : next.to - next.from;
    const turned = transposed(inverse, size, size);
    const coupling = next === undefined ? new Float64Array(0) : transposed(next.left, after, size);
    const carried = multiply(
      turned,
      coupling,
      { m: size, k: size, n: after },
      new Float64Array(size * after),
    );
    const both = beside(turned, size, carried, after, size, 1, -1);
    const rows = right.subarray(from * columns, (to + after) * columns);
    right.set(await algebra.product(both, rows, { m: size, k: size + after, n: columns }), from * columns);
  }
}

/** Two matrices of as many rows side by side, each times a number. */
function beside(
  a: Float64Array,
  columnsA: number,
  b: Float64Array,
  columnsB: number,
  rows: number,
  timesA: number,
  timesB: number,
): Float64Array {
  const columns = columnsA + columnsB;
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columnsA; j++) out[i * columns + j] = timesA * (a[i * columnsA + j] as number);
    for (let j = 0; j < columnsB; j++)
      out[i * columns + columnsA + j] = timesB * (b[i * columnsB + j] as number);
  }
  return out;
}

function subtract(a: Float64Array, to: number, from: number, count: number, factor: number): void {
  for (let j = 0; j < count; j++) a[to + j] = (a[to + j] as number) - factor * (a[from + j] as number);
}

function scale(a: Float64Array, at: number, count: number, factor: number): void {
  for (let j = at; j < at + count; j++) a[j] = (a[j] as number) * factor;
}

/** C of B + pole = C·Cᵀ; row i holds C[i, i − width … i]. */
function bandCholesky({ size: n, width, stride, values }: Band, pole: number): Float64Array {
  const lead = width + 1;
  const c = new Float64Array(n * lead);
  for (let i = 0; i < n; i++) {
    const first = Math.max(0, i - width);
    for (let j = first; j <= i; j++) {
      let sum = (values[i * stride + j + stride] as number) + (i === j ? pole : 0);
      for (let l = Math.max(first, j - width); l < j; l++) {
        sum -= (c[i * lead + width - (i - l)] as number) * (c[j * lead + width - (j - l)] as number);
      }
      c[i * lead + width - (i - j)] =
        i === j ? Math.sqrt(Math.max(sum, pole * 1e-3)) : sum / (c[j * lead + width] as number);
    }
  }
  return c;
}

function identity(n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) out[i * n + i] = 1;
  return out;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
