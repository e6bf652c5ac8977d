/**
 * Divergence frontiers of two distributions over the same bins: p of the reference, q of the samples.
 * Sources: Djolonga et al. 2020 (arXiv 1905.10768); Liu et al. 2021 (arXiv 2106.07898).
 */

/** Σ p log(p/q); ∞ where q lacks what p has. */
export function kl(p: Float64Array, q: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    const value = p[i] as number;
    if (value > 0) sum += value * Math.log(value / (q[i] as number));
  }
  return sum;
}

/** λp + (1 − λ)q */
export function mixture(p: Float64Array, q: Float64Array, lambda: number): Float64Array {
  return p.map((value, i) => lambda * value + (1 - lambda) * (q[i] as number));
}

export interface Frontier {
  readonly lambda: readonly number[];
  /** KL(Q‖R_λ): samples where the reference has little: what quality costs. */
  readonly typeOne: readonly number[];
  /** KL(P‖R_λ): the reference where samples have little: what variety costs. */
  readonly typeTwo: readonly number[];
}

/** At λ = 0.01 … 0.99, 100 points, as both papers' code draws it. */
export function frontierOf(p: Float64Array, q: Float64Array): Frontier {
  const lambda = Array.from({ length: 100 }, (_, i) => 0.01 + (0.98 * i) / 99);
  const mixtures = lambda.map((value) => mixture(p, q, value));
  return {
    lambda,
    typeOne: mixtures.map((r) => kl(q, r)),
    typeTwo: mixtures.map((r) => kl(p, r)),
  };
}

/** Σ (p + q)/2 − pq·ln(p/q)/(p − q), in [0, 1]: 2∫ λ·KL(P‖R_λ) + (1 − λ)·KL(Q‖R_λ) dλ. */
export function frontierIntegral(p: Float64Array, q: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < p.length; i++) sum += term(p[i] as number, q[i] as number);
  return sum;
}

function term(p: number, q: number): number {
  const middle = (p + q) / 2;
  if (p === 0 || q === 0) return middle;
  const x = (p - q) / (p + q);
  // Near p = q the difference of two equal numbers: its series, (p + q)·(x²/3 + x⁴/15 + x⁶/35 + …), instead.
  if (Math.abs(x) < 1e-2) return (p + q) * x * x * (1 / 3 + x * x * (1 / 15 + (x * x) / 35));
  return middle - (p * q * Math.log(p / q)) / (p - q);
}
