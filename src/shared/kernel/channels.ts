/** Values of feature maps between the two orders that graphs keep them in. */

/** [N, C, h, w] → [N, h, w, C]. @param shape [N, C, h, w] */
export function channelsLast(values: Float32Array, shape: readonly number[]): Float32Array {
  const [, units = 1, h = 1, w = 1] = shape;
  return turned(values, units, h * w);
}

/** [N, h, w, C] → [N, C, h, w]. @param shape [N, h, w, C] */
export function channelsFirst(values: ArrayLike<number>, shape: readonly number[]): Float32Array {
  const [, h = 1, w = 1, units = 1] = shape;
  return turned(values, h * w, units);
}

/** [N, a, b] → [N, b, a]. */
function turned(values: ArrayLike<number>, a: number, b: number): Float32Array {
  const out = new Float32Array(values.length);
  const size = a * b;
  for (let row = 0; row < values.length; row += size)
    for (let i = 0; i < a; i++)
      for (let j = 0; j < b; j++) out[row + j * a + i] = values[row + i * b + j] as number;
  return out;
}
