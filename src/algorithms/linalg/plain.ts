/** Products by plain loops: for tests, and where a call of the runtime would cost more than the work itself. */
import type { LinearAlgebra, ProductSizes } from './types.ts';

export const plainAlgebra: LinearAlgebra = {
  product: async (a, b, sizes) => multiply(a, b, sizes, new Float64Array(sizes.m * sizes.n)),
  productF32: async (a, b, sizes) => multiply(a, b, sizes, new Float32Array(sizes.m * sizes.n)),
};

/** out [m, n] = A·B. Sums are kept in double precision, whatever the arrays hold. */
export function multiply<T extends Float32Array | Float64Array>(
  a: T,
  b: T,
  { m, k, n, transposeA = false, transposeB = false }: ProductSizes,
  out: T,
): T {
  const row = new Float64Array(n);
  for (let i = 0; i < m; i++) {
    if (transposeB) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let l = 0; l < k; l++) {
          sum += (a[transposeA ? l * m + i : i * k + l] as number) * (b[j * k + l] as number);
        }
        row[j] = sum;
      }
    } else {
      row.fill(0);
      for (let l = 0; l < k; l++) {
        const factor = a[transposeA ? l * m + i : i * k + l] as number;
        for (let j = 0; j < n; j++) row[j] = (row[j] as number) + factor * (b[l * n + j] as number);
      }
    }
    out.set(row, i * n);
  }
  return out;
}
