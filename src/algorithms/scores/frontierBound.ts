/**
 * How far the frontier integral of n samples in k bins may be from that of the distributions themselves.
 *
 * Statistical part (Liu et al. 2021, arXiv 2106.07898, the bound for the frontier integral of empirical distributions;
 * constants as in the authors' langliu95/divergence-frontier-bounds utils.py, stat_error_bound): for n samples of each,
 *   E |FI(P̂_n, Q̂_n) − FI(P, Q)| ≤ (2 ln n + 1)·(√(k/n) + k/n),
 * and, of distributions that are known (stat_error_oracle_bound), with α(P) = Σ √(P(1 − P)/n) and
 * β(P) = Σ (1 − P)^n · P · (max(1, ln 1/P) + ½) for the mass that n samples miss,
 *   ≤ (ln n + ½)·(α(P) + α(Q)) + β(P) + β(Q).
 *
 * Quantisation part (there: |S| = 2m bins suffice for an error of (f(0) + f*(0))/m, and f(0) = f*(0) = ½ for FI): with k bins
 *   0 ≤ FI(P, Q) − FI(P_S, Q_S) ≤ 2/k
 * for the best partition: cut the values of f(p/q) where p ≤ q into m equal steps and those of f*(q/p) where q ≤ p likewise;
 * within a bin f moves by at most ½/m. k-means need not find that partition, so this part is what could be reached.
 */

export function statisticalBound(n: number, k: number): number {
  return (2 * Math.log(n) + 1) * (Math.sqrt(k / n) + k / n);
}

export function quantisationBound(k: number): number {
  return 2 / k;
}

export function totalBound(n: number, k: number): number {
  return statisticalBound(n, k) + quantisationBound(k);
}

/** The second statistical bound, for distributions that are known or taken for known. */
export function boundOfDistributions(n: number, p: Float64Array, q: Float64Array): number {
  const spread = (of: Float64Array) =>
    of.reduce((sum, value) => sum + Math.sqrt((value * (1 - value)) / n), 0);
  const missing = (of: Float64Array) =>
    of.reduce((sum, value) => {
      if (value === 0) return sum;
      return sum + (1 - value) ** n * value * (Math.max(1, Math.log(1 / value)) + 0.5);
    }, 0);
  return (Math.log(n) + 0.5) * (spread(p) + spread(q)) + missing(p) + missing(q);
}

/** The fewest samples of each side for which the bound is at most the target, with k chosen by n; to three digits. */
export function samplesFor(target: number, bins: (n: number) => number): number {
  const enough = (n: number) => totalBound(n, bins(n)) <= target;
  let high = 16;
  while (!enough(high)) high *= 2;
  let low = high / 2;
  while (high - low > high / 2000) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return Number(high.toPrecision(3));
}
