/**
 * The standard normal distribution: Φ and its inverse, in double precision.
 * Sources: Φ: Marsaglia, "Evaluating the Normal Distribution", J. Stat. Software 11(4), 2004 (series), and
 * Laplace's continued fraction in the tail; Φ⁻¹: Wichura, Algorithm AS 241 (PPND16), Applied Statistics 37(3), 1988.
 */

/** P(Z ≤ x) in [0, 1]; relative error below 1e-13, in the left tail too. */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x > 2.5) return 1 - upperTail(x);
  if (x < -2.5) return upperTail(-x);
  let term = x;
  let sum = x;
  for (let i = 3; sum + term !== sum; i += 2) {
    term *= (x * x) / i;
    sum += term;
  }
  return 0.5 + sum * density(x);
}

/** The x with P(Z ≤ x) = p, for p in [0, 1] (±∞ at the ends, NaN outside); relative error about 1e-16. */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(CENTRE, 0.180625 - q * q);
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  if (r === Number.POSITIVE_INFINITY) return q < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const magnitude = r <= 5 ? ratio(FLANK, r - 1.6) : ratio(TAIL, r - 5);
  return q < 0 ? -magnitude : magnitude;
}

function density(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

/** P(Z > x) for x > 2.5: φ(x) / (x + 1/(x + 2/(x + 3/…))), evaluated from the far end. */
function upperTail(x: number): number {
  let fraction = x;
  for (let k = 120; k > 0; k--) fraction = x + k / fraction;
  return density(x) / fraction;
}

/** Numerator and denominator of a rational approximation, highest power first. */
type Rational = readonly [readonly number[], readonly number[]];

function ratio([numerator, denominator]: Rational, r: number): number {
  const horner = (sum: number, coefficient: number): number => sum * r + coefficient;
  return numerator.reduce(horner, 0) / denominator.reduce(horner, 0);
}

/** |p − ½| ≤ 0.425. */
const CENTRE: Rational = [
  [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946,
    1971.5909503065513, 133.14166789178438, 3.3871328727963665,
  ],
  [
    5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751,
    687.1870074920579, 42.31333070160091, 1,
  ],
];

/** Farther out, down to p = e^-25. */
const FLANK: Rational = [
  [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
    5.769497221460691, 4.630337846156546, 1.4234371107496835,
  ],
  [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
    1.6763848301838038, 2.053191626637759, 1,
  ],
];

/** Beyond. */
const TAIL: Rational = [
  [
    2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124,
    0.29656057182850487, 1.7848265399172913, 5.463784911164114, 6.657904643501103,
  ],
  [
    2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133,
    0.014875361290850615, 0.1369298809227358, 0.599832206555888, 1,
  ],
];
