/**
 * Functions of a symmetric matrix without its eigenvectors. M = Q·B·Qᵀ with a band B, and a smooth g is a sum of a few
 * resolvents, g(λ) ≈ Σ ω_j/(λ + s_j): those of a band cost n²·width operations each. The poles stand in even steps of log λ
 * over the spectrum and the weights are fitted to g at the eigenvalues, which are known. (Best rational approximations
 * of roots and logarithms have such poles: Hale, Higham & Trefethen, SIAM J. Numer. Anal. 46(5), 2008.)
 */
import { type Band, type Reflections, reduceToBand } from './bandReduction.ts';
import { chaseToTridiagonal } from './bulgeChase.ts';
import { bandWidth } from './eigenvalues.ts';
import { mirror, transposed } from './symmetric.ts';
import { tridiagonalEigenvalues } from './tridiagonal.ts';
import type { LinearAlgebra } from './types.ts';

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
   */
  async apply(
    g: Float64Array,
    factor: Float64Array | null,
    rows: number,
    pause: () => Promise<void>,
  ): Promise<Float64Array> {
    const { size: n } = this;
    const { poles, weights } = fitPoles(this.values, g);
    const inner = new Float64Array(n * n);
    const work = new Float64Array(n * n);
    for (const [j, pole] of poles.entries()) {
      await pause();
      addResolvent(this.#band, pole, weights[j] as number, work, inner);
    }
    mirror(inner, n);
    const turned = await this.#turned(factor, rows, pause);
    const out = new Float64Array(rows * rows);
    const half = await this.#algebra.product(inner, turned, { m: n, k: n, n: rows });
    // (QᵀLᵀ)ᵀ·F·(QᵀLᵀ), of which half is made.
    const left = transposed(turned, n, rows);
    for (let from = 0; from < rows; from += ROWS) {
      await pause();
      const to = Math.min(rows, from + ROWS);
      const part = await this.#algebra.product(left.subarray(from * n, to * n), half, {
        m: to - from,
        k: n,
        n: rows,
      });
      for (let i = from; i < to; i++) {
        const at = (i - from) * rows;
        out.set(part.subarray(at, at + i + 1), i * rows);
      }
    }
    mirror(out, rows);
    return out;
  }

  /** Qᵀ·Lᵀ, [n, rows] */
  async #turned(
    factor: Float64Array | null,
    rows: number,
    pause: () => Promise<void>,
  ): Promise<Float64Array> {
    const { size: n } = this;
    const turned = factor === null ? identity(n) : transposed(factor, rows, n);
    for (const { at, width, v, u } of this.#blocks) {
      await pause();
      const below = n - at;
      const rest = turned.subarray(at * rows);
      const half = await this.#algebra.product(u, rest, { m: width, k: below, n: rows });
      const columns = transposed(v, width, below);
      for (let from = 0; from < below; from += ROWS) {
        const to = Math.min(below, from + ROWS);
        const part = await this.#algebra.product(columns.subarray(from * width, to * width), half, {
          m: to - from,
          k: width,
          n: rows,
        });
        for (let i = 0, to = from * rows; i < part.length; i++, to++) {
          rest[to] = (rest[to] as number) - (part[i] as number);
        }
      }
    }
    return turned;
  }
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

/** inner += weight·(B + pole)⁻¹, on and below the diagonal; `work` [n, n] is overwritten. */
function addResolvent(
  band: Band,
  pole: number,
  weight: number,
  work: Float64Array,
  inner: Float64Array,
): void {
  const { size: n, width } = band;
  const lead = width + 1;
  const c = bandCholesky(band, pole);
  // C·X = I, row by row: row i of X has nothing right of i.
  for (let i = 0; i < n; i++) {
    const row = i * n;
    work.fill(0, row, row + i + 1);
    work[row + i] = 1;
    for (let l = Math.max(0, i - width); l < i; l++) {
      subtract(work, row, l * n, l + 1, c[i * lead + width - (i - l)] as number);
    }
    scale(work, row, i + 1, 1 / (c[i * lead + width] as number));
  }
  // Cᵀ·Z = X from the last row up; of the symmetric Z the part on and below the diagonal needs no other.
  for (let i = n - 1; i >= 0; i--) {
    const row = i * n;
    for (let l = i + 1; l <= Math.min(n - 1, i + width); l++) {
      subtract(work, row, l * n, i + 1, c[l * lead + width - (l - i)] as number);
    }
    scale(work, row, i + 1, 1 / (c[i * lead + width] as number));
    for (let j = row; j <= row + i; j++) inner[j] = (inner[j] as number) + weight * (work[j] as number);
  }
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
