/**
 * MT19937, the generator under both NumPy's `RandomState` and PyTorch's CPU generator.
 * Source: Matsumoto & Nishimura 1998 and their `mt19937ar.c` (init_genrand, init_by_array, genrand_int32);
 * numpy:numpy/random/src/mt19937/mt19937.c, pytorch:aten/src/ATen/core/MT19937RNGEngine.h use the same three.
 */

const SIZE = 624;
const SHIFT = 397;
const MATRIX = 0x9908b0df | 0;
const UPPER = 0x80000000 | 0;
const LOWER = 0x7fffffff;

export class Mt19937 {
  /** Signed, so that V8 keeps the words in integer registers; the bits are the reference's. */
  readonly #state = new Int32Array(SIZE);
  #position = 0;

  constructor(seed = 5489) {
    this.seed(seed);
  }

  /** `init_genrand`: starts over from a 32-bit seed, the only form that the two libraries use for a number. */
  seed(seed: number): void {
    const state = this.#state;
    let word = seed | 0;
    state[0] = word;
    for (let i = 1; i < SIZE; i++) {
      word = (Math.imul(1812433253, word ^ (word >>> 30)) + i) | 0;
      state[i] = word;
    }
    this.#position = 0;
  }

  /** `init_by_array`: starts over from one or more 32-bit words (NumPy's `RandomState([a, b, …])`). */
  seedByArray(key: readonly number[]): void {
    this.seed(19650218);
    const state = this.#state;
    let i = 1;
    let j = 0;
    const advance = (): void => {
      i++;
      if (i < SIZE) return;
      state[0] = state[SIZE - 1] as number;
      i = 1;
    };
    const mixed = (factor: number): number => {
      const before = state[i - 1] as number;
      return (state[i] as number) ^ Math.imul(before ^ (before >>> 30), factor);
    };
    for (let k = Math.max(SIZE, key.length); k > 0; k--) {
      state[i] = mixed(1664525) + (key[j] as number) + j;
      advance();
      j = j + 1 < key.length ? j + 1 : 0;
    }
    for (let k = SIZE - 1; k > 0; k--) {
      state[i] = mixed(1566083941) - i;
      advance();
    }
    state[0] = UPPER;
  }

  /**
   * The next output, an integer in 0…2^32 − 1. The reference twists all 624 words at once; here each word is
   * twisted when it is asked for, in the same order and so to the same value: a sample of its own seed
   * (`each`) seldom needs more than half of them.
   */
  next(): number {
    const state = this.#state;
    const i = this.#position;
    const following = i + 1 < SIZE ? i + 1 : 0;
    const opposite = i + SHIFT < SIZE ? i + SHIFT : i + SHIFT - SIZE;
    const joined = ((state[i] as number) & UPPER) | ((state[following] as number) & LOWER);
    let word = (state[opposite] as number) ^ (joined >>> 1) ^ (-(joined & 1) & MATRIX);
    state[i] = word;
    this.#position = following;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    word ^= word >>> 18;
    return word >>> 0;
  }
}
