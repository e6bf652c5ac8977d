/** Unit sets as what is done to a whole layer. */
import type { Affine } from '../../algorithms/edits/fold.ts';

/** r ← value[u] for the units of the set, everywhere: ablation and insertion are the same with other values. */
export function replaced(units: number, set: readonly number[], values: ArrayLike<number>): Affine {
  const scale = new Float32Array(units).fill(1);
  const shift = new Float32Array(units);
  for (const unit of set) {
    scale[unit] = 0;
    shift[unit] = values[unit] as number;
  }
  return { shape: [1, units, 1, 1], scale, shift };
}
