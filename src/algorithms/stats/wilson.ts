/** Interval of a share: Wilson, "Probable inference", JASA 22, 1927. */

const Z = 1.959963984540054;

/** 95 %, within [0, 1] also for 0 and all of `of`. */
export function wilson(hits: number, of: number): readonly [number, number] {
  const share = hits / of;
  const middle = share + Z ** 2 / (2 * of);
  const half = Z * Math.sqrt((share * (1 - share)) / of + Z ** 2 / (4 * of ** 2));
  const scale = 1 + Z ** 2 / of;
  return [Math.max(0, (middle - half) / scale), Math.min(1, (middle + half) / scale)];
}
