/** A share of tries that come in clusters: tries in one picture are alike, so they count for less than as many pictures. */
import { student95 } from './effect.ts';

const Z = 1.959964;

/**
 * p = Σ hits / Σ tries, with Wilson's interval for an effective number of tries: p(1 − p) over the variance of p between
 * clusters (linearised ratio), made smaller for few clusters by (z/t)² (Korn and Graubard 1998). Where all tries agree that
 * variance says nothing, and each cluster counts as one try; without a second cluster there is one try in all.
 *
 * @param hits by cluster, each at most its `tries`
 */
export function clusteredShare(
  hits: ArrayLike<number>,
  tries: ArrayLike<number>,
): { mean: number; interval: readonly [number, number] } {
  const clusters = Array.from(tries, (_, i) => i).filter((i) => (tries[i] as number) > 0);
  const total = clusters.reduce((sum, i) => sum + (tries[i] as number), 0);
  if (total === 0) return { mean: 0, interval: [0, 1] };
  const p = clusters.reduce((sum, i) => sum + (hits[i] as number), 0) / total;
  const m = clusters.length;
  const squares = clusters.reduce((sum, i) => sum + ((hits[i] as number) - p * (tries[i] as number)) ** 2, 0);
  const variance = m > 1 ? ((m / (m - 1)) * squares) / total ** 2 : 0;
  const independent = variance > 0 ? Math.min(total, (p * (1 - p)) / variance) : m;
  const fewer = m > 1 ? (Z / student95(m - 1)) ** 2 : 1;
  return { mean: p, interval: wilson(p, independent * fewer) };
}

/** Wilson's score interval (1927), 95 %. */
export function wilson(p: number, n: number): readonly [number, number] {
  const z2 = Z * Z;
  const centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z / (1 + z2 / n)) * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  // At 0 and 1 one end is p itself, but for rounding.
  return [Math.max(0, Math.min(p, centre - half)), Math.min(1, Math.max(p, centre + half))];
}
