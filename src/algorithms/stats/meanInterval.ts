/** A mean with how well it is known. */

export interface MeanInterval {
  readonly mean: number;
  /** mean ± 1.96 standard errors: 95 % for many independent values. Of a single value it is that value twice. */
  readonly interval: readonly [number, number];
  readonly n: number;
}

/** Null for no values. The standard error is s / √n with the sample's s (n − 1). */
export function meanInterval(values: readonly number[]): MeanInterval | null {
  const n = values.length;
  if (n === 0) return null;
  const mean = values.reduce((a, b) => a + b) / n;
  const variance = n < 2 ? 0 : values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = 1.96 * Math.sqrt(variance / n);
  return { mean, interval: [mean - half, mean + half], n };
}
