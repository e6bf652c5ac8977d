/** Eigenvalues of symmetric tridiagonal matrices: implicit QL with Wilkinson's shift. */
import { GenscopeError } from '../../shared/kernel/errors.ts';

/** Far beyond what any matrix needs (EISPACK allows 30 for each value). */
const ITERATIONS = 60;

/**
 * All eigenvalues, ascending, [n]; absolute error a few ε·‖T‖.
 * Source: Bowdler, Martin, Reinsch & Wilkinson, "The QR and QL algorithms for symmetric matrices", 1968 (tql1).
 *
 * @param diagonal [n], not changed
 * @param below    [n − 1] or longer: `below[i]` couples i and i + 1
 * @param rotate   told of each rotation of columns i and i + 1, for who wants eigenvectors: (i, cosine, sine); the
 *                 eigenvalues then come in the order of those columns instead of sorted
 * @throws GenscopeError `internal` when it does not converge, which only numbers that are none bring about
 */
export function tridiagonalEigenvalues(
  diagonal: Float64Array,
  below: Float64Array,
  rotate?: (i: number, cosine: number, sine: number) => void,
): Float64Array {
  const n = diagonal.length;
  const scale = largest(diagonal, below);
  const d = diagonal.map((value) => value / scale);
  const e = new Float64Array(n);
  for (let i = 0; i + 1 < n; i++) e[i] = (below[i] as number) / scale;
  for (let l = 0; l < n; l++) {
    for (let iteration = 0; ; iteration++) {
      const end = splitAfter(d, e, l);
      if (end === l) break;
      if (iteration === ITERATIONS) throw diverged();
      sweep(d, e, l, end, rotate);
    }
  }
  for (let i = 0; i < n; i++) d[i] = (d[i] as number) * scale;
  return rotate ? d : d.sort();
}

/** The first m ≥ l whose coupling to m + 1 is nothing. */
function splitAfter(d: Float64Array, e: Float64Array, l: number): number {
  let m = l;
  for (; m + 1 < d.length; m++) {
    // Beside the whole (1 after scaling), not only beside its neighbours: the rotations bring rounding of that size back
    // into a corner of zeros for ever, and eigenvalues are wanted to that accuracy, not each to its own.
    const neighbours = Math.abs(d[m] as number) + Math.abs(d[m + 1] as number);
    if (Math.abs(e[m] as number) <= Number.EPSILON * Math.max(neighbours, 1)) break;
  }
  return m;
}

function sweep(
  d: Float64Array,
  e: Float64Array,
  l: number,
  m: number,
  rotate: ((i: number, cosine: number, sine: number) => void) | undefined,
): void {
  let g = ((d[l + 1] as number) - (d[l] as number)) / (2 * (e[l] as number));
  let r = Math.hypot(g, 1);
  g = (d[m] as number) - (d[l] as number) + (e[l] as number) / (g + (g >= 0 ? r : -r));
  let sine = 1;
  let cosine = 1;
  let p = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = sine * (e[i] as number);
    const b = cosine * (e[i] as number);
    r = Math.sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1] = (d[i + 1] as number) - p;
      e[m] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = (d[i + 1] as number) - p;
    r = ((d[i] as number) - g) * sine + 2 * cosine * b;
    p = sine * r;
    d[i + 1] = g + p;
    g = cosine * r - b;
    rotate?.(i, cosine, sine);
  }
  d[l] = (d[l] as number) - p;
  e[l] = g;
  e[m] = 0;
}

function largest(d: Float64Array, e: Float64Array): number {
  let most = 0;
  for (const value of d) most = Math.max(most, Math.abs(value));
  for (const value of e) most = Math.max(most, Math.abs(value));
  return most > 0 ? most : 1;
}

function diverged(): GenscopeError {
  return new GenscopeError(
    'internal',
    'The eigenvalues of a matrix were not found.',
    'Please report it with the features that it happened with.',
  );
}
