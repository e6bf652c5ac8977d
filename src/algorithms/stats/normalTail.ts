/** The normal distribution's tail, without a table. */

/**
 * P(Z > z), to about 1e-15 relative for z ≥ 0: the continued fraction of erfc far out, its series near 0
 * (Abramowitz & Stegun 26.2.11 and 26.2.14).
 */
export function normalTail(z: number): number {
  if (Number.isNaN(z)) return Number.NaN;
  if (z < 0) return 1 - normalTail(-z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 3) {
    // Φ(z) − ½ = φ(z)·Σ z^(2n+1)/(1·3·5·…·(2n+1)).
    let term = z;
    let sum = z;
    for (let n = 1; Math.abs(term) > 1e-18 * sum; n++) {
      term *= (z * z) / (2 * n + 1);
      sum += term;
    }
    return 0.5 - density * sum;
  }
  // Q(z) = φ(z)/(z + 1/(z + 2/(z + 3/(z + …)))), from the far end.
  let fraction = z;
  for (let n = 200; n >= 1; n--) fraction = z + n / fraction;
  return density / fraction;
}
