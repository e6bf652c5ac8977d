/** Classes kept as an array beside pictures or features. */
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { NpyArray } from '../files/npyArray.ts';
import type { NpzArchive } from '../files/npz.ts';
import { MOST_CLASSES } from './labels.ts';

/**
 * [N] or [N, 1] of class numbers, or one-hot [N, K], under the first of these names that is there. Classes are a help: what
 * is wrong with them is said, and they are left out.
 */
export async function readClasses(
  npz: NpzArchive,
  names: readonly string[],
  rows: number,
  warnings: string[],
): Promise<Int32Array | null> {
  const name = names.find((candidate) => npz.names.includes(candidate));
  if (name === undefined) return null;
  const unused = (why: string) => {
    warnings.push(`${name} ${why}: the classes are not used.`);
    return null;
  };
  let array: NpyArray;
  try {
    array = await npz.read(name);
  } catch (thrown) {
    if (!(thrown instanceof GenscopeError) || thrown.code !== 'input.invalid') throw thrown;
    return unused(`holds no class numbers (${thrown.message.replace(/[.\s]+$/, '')})`);
  }
  const { shape, values } = array;
  const [n = 0, width = 1] = shape;
  if (shape.length > 2 || n !== rows)
    return unused(`is [${shape.join(', ')}], not a class for each of ${rows}`);
  const labels = width === 1 ? Int32Array.from(values) : fromOneHot(values, n, width);
  const isWhole =
    labels !== null &&
    (width > 1 || values.every((value) => Number.isInteger(value) && value >= 0 && value < MOST_CLASSES));
  return isWhole ? labels : unused('holds other numbers than classes');
}

function fromOneHot(values: Float32Array | Float64Array, n: number, width: number): Int32Array | null {
  const labels = new Int32Array(n);
  for (let row = 0; row < n; row++) {
    let [label, ones] = [0, 0];
    for (let k = 0; k < width; k++) {
      const value = values[row * width + k] as number;
      if (value === 1) [label, ones] = [k, ones + 1];
      else if (value !== 0) return null;
    }
    if (ones !== 1) return null;
    labels[row] = label;
  }
  return labels;
}
