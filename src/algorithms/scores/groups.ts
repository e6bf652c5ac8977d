/** Values without each group of generated samples, for scores that are means or counts over samples. */
import { GROUPS, jackknifeGroups } from '../stats/jackknife.ts';

/** The value without group 0, 1, …; null where there are too few samples for groups. */
export function leaveGroupsOut<T>(
  n: number,
  of: (keeps: (row: number) => boolean, group: number) => T,
): T[] | null {
  const groups = jackknifeGroups(n);
  if (groups === null) return null;
  return Array.from({ length: GROUPS }, (_, group) => of((row) => groups[row] !== group, group));
}

/** Mean of one number a sample, and without each group. */
export function meanWithout(values: ArrayLike<number>): {
  readonly value: number;
  readonly replicates: readonly number[] | null;
} {
  const mean = (keeps: (row: number) => boolean) => {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < values.length; i++) {
      if (!keeps(i)) continue;
      sum += values[i] as number;
      count++;
    }
    return sum / count;
  };
  return { value: mean(() => true), replicates: leaveGroupsOut(values.length, mean) };
}

/** How often each label 0…k − 1 occurs, [k]. */
export function histogram(
  labels: ArrayLike<number>,
  k: number,
  keeps: (row: number) => boolean = () => true,
): Float64Array {
  const counts = new Float64Array(k);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    if (keeps(i)) counts[label] = (counts[label] as number) + 1;
  }
  return counts;
}
