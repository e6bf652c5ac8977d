/** A set of units chosen one after the other by what each adds, without trying every unit every time. */

/**
 * Lazy greedy choice (Minoux 1978): a unit's gain hardly grows when others are chosen before it, so only units whose gain
 * when last measured still leads are measured again. With `gain` submodular this is the plain greedy choice; else near it.
 *
 * @param first gains of each candidate alone, in the order of `candidates`
 * @param measure value of a set, larger is better
 */
export async function lazyGreedy(
  candidates: readonly number[],
  first: readonly number[],
  size: number,
  measure: (units: readonly number[]) => Promise<number>,
): Promise<{ units: number[]; values: number[] }> {
  const open = candidates.map((unit, i) => ({ unit, gain: first[i] as number, round: 0 }));
  const units: number[] = [];
  const values: number[] = [];
  let value = 0;
  while (units.length < size && open.length > 0) {
    open.sort((a, b) => b.gain - a.gain || a.unit - b.unit);
    const best = open[0] as (typeof open)[number];
    if (best.round < units.length) {
      best.gain = (await measure([...units, best.unit])) - value;
      best.round = units.length;
      continue;
    }
    open.shift();
    units.push(best.unit);
    value += best.gain;
    values.push(value);
  }
  return { units, values };
}
