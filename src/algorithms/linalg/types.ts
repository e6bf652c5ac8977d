/** Dense matrices and their products: what the linear algebra here is written against. */

export interface ProductSizes {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** A is stored [k, m] instead of [m, k]. */
  readonly transposeA?: boolean;
  /** B is stored [n, k] instead of [k, n]. */
  readonly transposeB?: boolean;
}

/** Products through the runtime's kernels; plain loops in tests. Results are [m, n], row by row, in new memory. */
export interface LinearAlgebra {
  product(a: Float64Array, b: Float64Array, sizes: ProductSizes): Promise<Float64Array>;
  /** The same in float32, for distances between many rows. */
  productF32(a: Float32Array, b: Float32Array, sizes: ProductSizes): Promise<Float32Array>;
}
