/**
 * NumPy's legacy `RandomState` (`numpy.random.seed`): MT19937, 53-bit uniforms, polar Box–Muller normals.
 * Source: numpy:numpy/random/src/legacy/legacy-distributions.c (legacy_gauss), numpy/random/mtrand.pyx.
 */
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { Mt19937 } from './mt19937.ts';
import type { RandomSource } from './randomSource.ts';
import { checkSeed } from './seeds.ts';

/** `RandomState(seed)`; a list of 32-bit words seeds with `init_by_array`, as `RandomState([a, b])` does. */
export class NumpyRandom implements RandomSource {
  readonly #twister = new Mt19937();
  /** The second normal of the last pair, kept for the next call as NumPy keeps it. */
  #spare: number | undefined;

  constructor(seed: number | readonly number[]) {
    if (typeof seed === 'number') this.seed(seed);
    else this.#seedByArray(seed);
  }

  seed(seed: number): void {
    checkSeed(seed);
    this.#twister.seed(seed);
    this.#spare = undefined;
  }

  /** Equal to `randn(n).astype(np.float32)`: in float64 the last bit of `log` differs between libraries. */
  normals(n: number): Float32Array {
    const out = new Float32Array(n);
    for (let i = 0; i < n; i++) out[i] = this.#normal();
    return out;
  }

  /** `random_sample(n)`: multiples of 2^-53 in [0, 1), bit-exact, float64 [n]. */
  uniforms(n: number): Float64Array {
    const out = new Float64Array(n);
    for (let i = 0; i < n; i++) out[i] = this.#uniform();
    return out;
  }

  /** `permutation(n)`, and so `choice(n, k, replace=False)` in its first k: Int32 [n], bit-exact. */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.#below(i);
      const kept = order[i] as number;
      order[i] = order[j] as number;
      order[j] = kept;
    }
    return order;
  }

  /** 0…max, as numpy/random/src/distributions/distributions.c (random_interval): bits masked, draws beyond it thrown away. */
  #below(max: number): number {
    let mask = max;
    for (let shift = 1; shift <= 16; shift *= 2) mask |= mask >>> shift;
    for (;;) {
      const drawn = (this.#twister.next() & mask) >>> 0;
      if (drawn <= max) return drawn;
    }
  }

  #seedByArray(words: readonly number[]): void {
    if (words.length === 0) {
      throw new GenscopeError('input.invalid', 'The list of seed words is empty.', 'Give one word or more.');
    }
    words.forEach(checkSeed);
    this.#twister.seedByArray(words);
  }

  #uniform(): number {
    const high = this.#twister.next() >>> 5;
    const low = this.#twister.next() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  #normal(): number {
    const spare = this.#spare;
    if (spare !== undefined) {
      this.#spare = undefined;
      return spare;
    }
    for (;;) {
      const x = 2 * this.#uniform() - 1;
      const y = 2 * this.#uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spare = factor * x;
      return factor * y;
    }
  }
}
