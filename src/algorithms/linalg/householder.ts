/** Householder reflections H = I − τ·v·vᵀ with v₀ = 1. */

/**
 * Turns x into the v of the reflection that takes it to (α, 0, …, 0). Source: LAPACK dlarfg.
 *
 * @param x      overwritten by v (v₀ = 1)
 * @returns τ (0: nothing to do) and α
 */
export function reflector(x: Float64Array, from: number, length: number): { tau: number; alpha: number } {
  const first = x[from] as number;
  let square = 0;
  for (let i = from + 1; i < from + length; i++) square += (x[i] as number) ** 2;
  x[from] = 1;
  if (square === 0) return { tau: 0, alpha: first };
  const norm = Math.sqrt(first * first + square);
  const alpha = first >= 0 ? -norm : norm;
  const scale = 1 / (first - alpha);
  for (let i = from + 1; i < from + length; i++) x[i] = (x[i] as number) * scale;
  return { tau: (alpha - first) / alpha, alpha };
}
