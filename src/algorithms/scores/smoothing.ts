/**
 * Distributions from counts over k bins. The empirical one gives unseen bins nothing, which makes divergences too large;
 * the others move some mass to them.
 * Source: Liu et al. 2021 (arXiv 2106.07898), section 4 and langliu95/divergence-frontier-bounds utils.py.
 */

export const SMOOTHINGS = [
  'empirical',
  'krichevsky-trofimov',
  'laplace',
  'braess-sauer',
  'good-turing',
] as const;
export type Smoothing = (typeof SMOOTHINGS)[number];

/** @param counts [k], not all 0  @returns [k], adds up to 1 */
export function smoothed(counts: ArrayLike<number>, how: Smoothing): Float64Array {
  const t = Float64Array.from(counts);
  switch (how) {
    case 'empirical':
      return normalised(t);
    case 'krichevsky-trofimov':
      return normalised(t.map((count) => count + 0.5));
    case 'laplace':
      return normalised(t.map((count) => count + 1));
    case 'braess-sauer':
      return normalised(t.map((count) => count + (count === 0 ? 0.5 : count === 1 ? 1 : 0.75)));
    case 'good-turing':
      return normalised(goodTuring(t));
  }
}

/** Bins seen t times share (Φ_{t+1} + 1)(t + 1)/n where t ≤ Φ_{t+1} (Φ_t: how many bins were seen t times); else each has t/n. */
function goodTuring(counts: Float64Array): Float64Array {
  const n = counts.reduce((a, b) => a + b, 0);
  const seen = new Map<number, number>();
  for (const count of counts) seen.set(count, (seen.get(count) ?? 0) + 1);
  return counts.map((t) => {
    const more = seen.get(t + 1) ?? 0;
    if (t > more) return t / n;
    return ((more + 1) * (t + 1)) / n / (seen.get(t) ?? 1);
  });
}

function normalised(weights: Float64Array): Float64Array {
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}
