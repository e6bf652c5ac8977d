/** Values at growing N, and the straight line against 1/N whose intercept is the value at N = ∞. */
import { NumpyRandom } from '../latent/numpyRandom.ts';

/**
 * `count` sizes from min(5000, max(N/10, 2)) to N, evenly spaced and rounded down. Source: mchong6/FID_IS_infinity
 * score_infinity.py, Chong & Forsyth, "Effectively unbiased FID and Inception Score", CVPR 2020 (arXiv 1911.07023).
 */
export function subsetSizes(n: number, count: number): number[] {
  const least = Math.min(5000, Math.max(Math.floor(n / 10), 2));
  const step = (n - least) / (count - 1);
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? n : Math.floor(i * step + least)));
}

/** Rows of a subset of each size, drawn without replacement: one permutation a size from one seeded generator. */
export function subsets(n: number, sizes: readonly number[], seed: number): Int32Array[] {
  const random = new NumpyRandom(seed);
  return sizes.map((size) => random.permutation(n).slice(0, size));
}

export interface Line {
  readonly intercept: number;
  readonly slope: number;
}

/** Least squares: y ≈ intercept + slope·x. */
export function fitLine(x: readonly number[], y: readonly number[]): Line {
  const meanX = x.reduce((a, b) => a + b, 0) / x.length;
  const meanY = y.reduce((a, b) => a + b, 0) / y.length;
  let covariance = 0;
  let variance = 0;
  x.forEach((value, i) => {
    covariance += (value - meanX) * ((y[i] as number) - meanY);
    variance += (value - meanX) ** 2;
  });
  const slope = variance > 0 ? covariance / variance : 0;
  return { intercept: meanY - slope * meanX, slope };
}
