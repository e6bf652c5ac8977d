/** Mean and covariance under the names that pytorch-fid and clean-fid read. */
import type { NpzValue } from '../files/npz.ts';

/** @param mu float64 [size]  @param sigma float64 [size, size], divided by n − 1 */
export function statisticsEntries(
  size: number,
  mu: Float64Array,
  sigma: Float64Array,
  n: number,
): Record<string, NpzValue> {
  return {
    mu: { shape: [size], values: mu },
    sigma: { shape: [size, size], values: sigma },
    n: { shape: [], values: Int32Array.of(n) },
  };
}
