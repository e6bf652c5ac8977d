/** Holm's correction: of several tests at once. Source: Holm, "A simple sequentially rejective multiple test procedure", 1979. */

/** p values that may be held against one level however many tests there are, in the order given. */
export function holm(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((a, b) => (values[a] as number) - (values[b] as number));
  const adjusted = new Array<number>(values.length).fill(1);
  let most = 0;
  for (const [rank, i] of order.entries()) {
    most = Math.max(most, Math.min(1, (values.length - rank) * (values[i] as number)));
    adjusted[i] = most;
  }
  return adjusted;
}
