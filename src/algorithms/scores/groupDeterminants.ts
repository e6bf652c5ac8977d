/**
 * Sums over the spectrum of a covariance without each group of rows, exactly, from one decomposition.
 *
 * Let M = YᵀY/ν and, with Y and M′ less the rows of a group about their new mean, f′(λ) = ∫ ω(s)/(λ + s) ds. Then
 * Tr f(M) − Tr f(M′) = ∫ ω(s)·D(s) ds, D(s) = log det(M + s) − log det(M′ + s), and D needs no more than the group's block
 * of s·(G + s)⁻¹, G = YYᵀ/ν, which is I − Y(M + s)⁻¹Yᵀ/ν (matrix determinant lemma). The integral is a trapezoidal sum in
 * log s, whose integrand is analytic in |Im log s| < π: steps of 2 leave 5e-5 of it out (Trefethen & Weideman, "The
 * exponentially convergent trapezoidal rule", SIAM Review 56(3), 2014).
 *
 * Where there are hardly more rows than directions the derivative (leverage.ts) does not hold, and twenty decompositions are
 * what this spares.
 */
import type { Spectrum } from '../linalg/spectral.ts';
import { GROUPS } from '../stats/jackknife.ts';
import { breathe } from './inputs.ts';
import type { ScoreInputs } from './types.ts';

/** Of log s. */
export const STEP = 2;
/** How far beyond the spectrum the sum goes, in log s; what comes after follows a geometric series. */
const BEYOND = 4;

export interface GroupRows {
  readonly spectrum: Spectrum;
  /** Qᵀ·Yᵀ/√ν of a spectrum of M, or Qᵀ of one of G, rows group by group, [size, n] */
  readonly right: Float64Array;
  /** What the spectrum is of. */
  readonly of: 'M' | 'G';
  /** Rows of each group, [GROUPS] */
  readonly counts: ArrayLike<number>;
  /** Whether the rows that are left are centred anew. */
  readonly centred: boolean;
}

export interface Determinants {
  /** s in even steps of its logarithm */
  readonly at: Float64Array;
  /** D(s) of each group, [GROUPS] for each s */
  readonly falls: readonly Float64Array[];
}

/** Rows group by group: their order, and how many each group has. */
export function byGroup(groups: Uint8Array): { readonly order: Int32Array; readonly counts: Float64Array } {
  const counts = new Float64Array(GROUPS);
  for (const group of groups) counts[group] = (counts[group] as number) + 1;
  const order = Int32Array.from(groups.keys()).sort(
    (a, b) => (groups[a] as number) - (groups[b] as number) || a - b,
  );
  return { order, counts };
}

/** D(s) over the whole spectrum; null where the spectrum is nothing. */
export async function groupDeterminants(
  inputs: Pick<ScoreInputs, 'algebra' | 'signal'>,
  rows: GroupRows,
  report: (share: number) => void,
): Promise<Determinants | null> {
  const { values, size } = rows.spectrum;
  const largest = values[size - 1] as number;
  if (!(largest > 0)) return null;
  // Below it nothing but rounding is left.
  const lowest = values.find((value) => value > size * Number.EPSILON * largest) ?? largest;
  const from = Math.log(lowest) - BEYOND;
  const steps = Math.ceil((Math.log(largest) + BEYOND - from) / STEP);
  const at = Float64Array.from({ length: steps + 1 }, (_, i) => Math.exp(from + i * STEP));
  const falls: Float64Array[] = [];
  for (const [i, s] of at.entries()) {
    await breathe(inputs);
    falls.push(await fallsAt(inputs, rows, s));
    report((i + 1) / at.length);
  }
  return { at, falls };
}

async function fallsAt(
  { algebra }: Pick<ScoreInputs, 'algebra'>,
  { spectrum, right, of, counts, centred }: GroupRows,
  s: number,
): Promise<Float64Array> {
  const { size } = spectrum;
  const n = right.length / size;
  const half = await spectrum.half(s, right, n);
  const falls = new Float64Array(GROUPS);
  for (let group = 0, first = 0; group < GROUPS; group++) {
    const m = counts[group] as number;
    const part = new Float64Array(size * m);
    for (let i = 0; i < size; i++) part.set(half.subarray(i * n + first, i * n + first + m), i * m);
    const block = await algebra.product(part, part, { m, k: size, n: m, transposeA: true });
    // s·(G + s)⁻¹ of the group's rows
    for (let i = 0; i < block.length; i++) {
      const value = block[i] as number;
      block[i] = of === 'G' ? s * value : (i % (m + 1) === 0 ? 1 : 0) - value;
    }
    falls[group] = fall(block, m, centred ? n - m : null);
    first += m;
  }
  return falls;
}

/**
 * −log det of S − (I − S)·11ᵀ/left, S [m, m]: without its rows the mean moves by what they sum to, which takes a further
 * 11ᵀ/left off. `left` null: the mean stays.
 */
function fall(s: Float64Array, m: number, left: number | null): number {
  let sum = 0;
  // L⁻¹·1 along with L·Lᵀ = S
  const ones = new Float64Array(m);
  let square = 0;
  for (let i = 0; i < m; i++) {
    const row = i * m;
    let one = 1;
    for (let j = 0; j <= i; j++) {
      const other = j * m;
      let value = s[row + j] as number;
      for (let l = 0; l < j; l++) value -= (s[row + l] as number) * (s[other + l] as number);
      if (j < i) {
        value /= s[other + j] as number;
        one -= value * (ones[j] as number);
        s[row + j] = value;
      } else {
        // Rounding where the group alone reaches into a direction.
        const pivot = Math.sqrt(Math.max(value, Number.EPSILON));
        s[row + i] = pivot;
        sum += 2 * Math.log(pivot);
        ones[i] = one / pivot;
        square += (ones[i] as number) ** 2;
      }
    }
  }
  if (left !== null) sum += Math.log(Math.max(1 - (square - m) / left, Number.EPSILON));
  return -sum;
}

/**
 * Tr √M − Tr √M′ of each group. √λ has ω(s) = 1/(2π√s); D falls as 1/s beyond the spectrum and is a straight line in log s
 * below it, so that both ends are series.
 */
export function lostRoots({ at, falls }: Determinants): Float64Array {
  const last = falls.length - 1;
  const ratio = Math.exp(-STEP / 2);
  return Float64Array.from({ length: GROUPS }, (_, group) => {
    const of = (i: number) => falls[Math.max(0, Math.min(last, i))]?.[group] as number;
    let sum = 0;
    for (let i = 0; i <= last; i++) sum += Math.sqrt(at[i] as number) * of(i);
    sum += (Math.sqrt(at[last] as number) * of(last) * ratio) / (1 - ratio);
    const slope = of(0) - of(1);
    sum += Math.sqrt(at[0] as number) * ((of(0) * ratio) / (1 - ratio) + (slope * ratio) / (1 - ratio) ** 2);
    return (sum * STEP) / (2 * Math.PI);
  });
}

/**
 * Tr M ln M − Tr M′ ln M′ of each group, where traces fall by `traces`: (λ ln λ)′ = 1 + ∫ (1/(1 + s) − 1/(λ + s)) ds.
 */
export function lostEntropy({ at, falls }: Determinants, traces: ArrayLike<number>): Float64Array {
  const last = falls.length - 1;
  return Float64Array.from({ length: GROUPS }, (_, group) => {
    const trace = traces[group] as number;
    const of = (i: number) => {
      const s = at[i] as number;
      return s * (trace / (1 + s) - (falls[i]?.[group] as number));
    };
    let sum = 0;
    for (let i = 0; i <= last; i++) sum += of(i);
    // At both ends the integrand falls by e^±log s.
    const ratio = Math.exp(-STEP);
    sum += ((of(0) + of(last)) * ratio) / (1 - ratio);
    return sum * STEP + trace;
  });
}
