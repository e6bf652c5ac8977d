/**
 * How a sum over the spectrum of a covariance changes when some rows are left out, from one decomposition.
 *
 * Let M = XᵀX/(n − 1) and f′(λ) = ∫ ω(s)/(λ + s) ds. Without the rows U of a group, Tr f(M) falls by
 * ∫ ω(s)·(−log det(I − U·R(s)·Uᵀ)) ds with R(s) = (M + s)⁻¹, exactly. Its first order alone, Σ uᵀ·f′(M)·u, takes each row
 * from a matrix that it has itself bent towards it, and at n = 4 d makes the standard error of FID a third too large.
 * So the logarithm is taken along: −log(1 − h) has the slope 1/(1 − h̄) about the mean leverage h̄(s) = Tr M·R(s)/n, with the
 * half of the group that is already gone counted in (κ). What is left is a quadratic form uᵀ·g(M)·u,
 * g(λ) = ∫ ω(s)/(λ + s) · κ/(1 − κ·h̄(s)) ds. Measured against exact replicates (n/d = 1.5 … 20, normal and heavy-tailed
 * rectified features): the standard error is 1–8 % too large, never too small; the mean of the replicates is not to be
 * used.
 */

const POINTS = 240;

/**
 * g at each eigenvalue.
 *
 * @param values  eigenvalues, ascending
 * @param n       rows
 * @param left    rows that a group leaves out
 * @param density ω(s)
 * @param nought  an eigenvalue at which g is to be 0, for an integral that does not end (ln λ): a constant makes no
 *                difference where all rows have one length
 */
export function correctedSlope(
  values: Float64Array,
  n: number,
  left: number,
  density: (s: number) => number,
  nought: number | null = null,
): Float64Array {
  const largest = values[values.length - 1] as number;
  // No row reaches into directions where nothing but rounding is.
  const lowest = values.find((value) => value > values.length * Number.EPSILON * largest) ?? largest;
  // In log s: the integrand falls by e^½ a unit on both sides for roots, which leaves 0.2 % out.
  const from = Math.log(lowest) - 12;
  const step = (Math.log(largest) + 12 - from) / (POINTS - 1);
  const kappa = 1 / (1 - left / n / 2);
  const g = new Float64Array(values.length);
  for (let point = 0; point < POINTS; point++) {
    const s = Math.exp(from + step * point);
    let leverage = 0;
    for (const value of values) if (value > 0) leverage += value / (value + s);
    const corrected = kappa / (1 - (kappa * leverage) / n);
    const weight = density(s) * s * step * corrected * (point === 0 || point === POINTS - 1 ? 0.5 : 1);
    const less = nought === null ? 0 : 1 / (nought + s);
    for (let k = 0; k < g.length; k++) {
      g[k] = (g[k] as number) + weight * (1 / (Math.max(0, values[k] as number) + s) - less);
    }
  }
  return g;
}
