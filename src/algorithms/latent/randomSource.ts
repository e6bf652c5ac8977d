/**
 * What a latent needs from a random generator, whichever library it imitates. Layouts, distributions and
 * truncations are written once, against this.
 */
export interface RandomSource {
  /** Starts over, as a new generator with this seed (0…2^32 − 1) would; throws `input.invalid` for another. */
  seed(seed: number): void;
  /** One call of `randn(n)`: n draws from N(0, 1), rounded to float32, [n]. */
  normals(n: number): Float32Array;
  /** One call of `random_sample(n)` or `rand(n)`: n draws from U[0, 1) in the library's own precision, [n]. */
  uniforms(n: number): Float64Array | Float32Array;
}
