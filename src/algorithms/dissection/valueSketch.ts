/** Quantiles of a stream of values in fixed memory: what thresholds are read from (ALGORITHMS.md, section 2). */

/** Exponents of float32 that get bins of their own: 2^−32 … 2^24; what is smaller counts as 0. */
const LOWEST = -32;
const HIGHEST = 24;
/** Bins to each power of two: 0.8 % wide at most. */
const STEPS = 128;
/** Bits of float32's fraction below those that tell the bin. */
const REST = 23 - Math.log2(STEPS);
const HALF = (HIGHEST - LOWEST) * STEPS;
/** Negative bins, one for zero, positive bins: in order of value. */
const BINS = 2 * HALF + 1;
const ZERO = HALF;

/** Length of a sketch's `counts`. */
export const SKETCH_BINS = BINS;

/**
 * A histogram of float32 values with bins of equal relative width, with linear interpolation inside a bin. For values
 * that are spread smoothly the tail fraction is right to about 1e-5 whatever their scale; the sketch of a stream does not
 * depend on the order or batching of its values, which the sketches in use elsewhere (KLL and its like) cannot say.
 * Values whose spread is far smaller than their distance from 0 share few bins: there it is worse (see the tests).
 *
 * Values at or below `floor` need not be added one by one, only counted: a quantile in a bin above the floor's is the same
 * to the last bit as if they had been.
 */
export class ValueSketch {
  /** A bin holds up to 2^32 − 1 values: 65,000 maps of 256². */
  readonly counts: Uint32Array;
  /** Values in all, those not looked at included. */
  total = 0;
  min = Infinity;
  max = -Infinity;
  /** What lies at or below has been counted in `total` alone. It may rise between calls of `add`, never fall. */
  floor = -Infinity;

  constructor(counts: Uint32Array = new Uint32Array(SKETCH_BINS)) {
    this.counts = counts;
  }

  /** Counts `values[0 … n)`; `unseen` others are known to be at or below the floor. */
  add(values: ArrayLike<number>, n: number, unseen = 0): void {
    const { counts } = this;
    let min = Infinity;
    let max = -Infinity;
    for (let i = 0; i < n; i++) {
      const value = values[i] as number;
      if (value < min) min = value;
      if (value > max) max = value;
      const bin = binOf(value);
      counts[bin] = (counts[bin] as number) + 1;
    }
    this.#widen(min, max, unseen);
    this.total += n + unseen;
  }

  /**
   * As `add`, of float32 values as the bits they are kept in.
   * @param range [least, most] of the values, before they were rounded to float32; of none [Infinity, −Infinity]
   */
  addBits(words: Int32Array, n: number, range: Float64Array, unseen = 0): void {
    const { counts } = this;
    for (let i = 0; i < n; i++) {
      const bin = binOfBits(words[i] as number);
      counts[bin] = (counts[bin] as number) + 1;
    }
    this.#widen(range[0] as number, range[1] as number, unseen);
    this.total += n + unseen;
  }

  /** `n` values at or below the floor. */
  addUnseen(n: number): void {
    this.#widen(Infinity, -Infinity, n);
    this.total += n;
  }

  /** `n` values that are known to be 0. */
  addZeros(n: number): void {
    if (n === 0) return;
    this.counts[ZERO] = (this.counts[ZERO] as number) + n;
    this.min = Math.min(this.min, 0);
    this.max = Math.max(this.max, 0);
    this.total += n;
  }

  /**
   * The value above which the share `tail` of all values lies; NaN when that is not above the floor or nothing was added.
   * Values that are all alike are their own quantile, so that none lies strictly above.
   */
  quantile(tail: number): number {
    if (this.total === 0) return Number.NaN;
    const lowest = this.floor === -Infinity ? 0 : binOf(this.floor) + 1;
    let left = tail * this.total;
    for (let bin = BINS - 1; bin >= lowest; bin--) {
      const count = this.counts[bin] as number;
      if (count === 0) continue;
      if (count < left) {
        left -= count;
        continue;
      }
      if (bin === ZERO) return 0;
      const high = Math.min(lowerEdge(bin + 1), this.max, Number.MAX_VALUE);
      // Not above `high`: a value may have been rounded up into its bin.
      const low = Math.min(high, Math.max(lowerEdge(bin), this.min, -Number.MAX_VALUE));
      // A bin as wide as the outermost is lost to rounding: the difference may come out below where it begins.
      return Math.max(low, high - ((high - low) * left) / count);
    }
    return this.floor === -Infinity ? this.min : Number.NaN;
  }

  #widen(least: number, most: number, unseen: number): void {
    if (least < this.min) this.min = least;
    if (most > this.max) this.max = most;
    // What is not seen is lower still: the lowest bin in use then begins at its edge. (−Infinity: NaN alone is not seen.)
    if (unseen > 0 && this.floor > -Infinity) this.min = Math.min(this.min, this.floor);
  }

  /** Another sketch's values as well. */
  merge(other: ValueSketch): void {
    for (let i = 0; i < BINS; i++) this.counts[i] = (this.counts[i] as number) + (other.counts[i] as number);
    this.total += other.total;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
    this.floor = Math.max(this.floor, other.floor);
  }
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

function binOf(value: number): number {
  float[0] = value;
  return binOfBits(bits[0] as number);
}

/** Sign, exponent and the first bits of the fraction, in the order of the values. */
function binOfBits(word: number): number {
  const magnitude = ((word & 0x7fffffff) >>> REST) - (LOWEST + 127) * STEPS;
  if (magnitude < 0) return ZERO;
  const step = magnitude < HALF ? magnitude : HALF - 1;
  return word < 0 ? ZERO - 1 - step : ZERO + 1 + step;
}

/** Where a bin begins; of the bin after the last, where that ends. The outermost hold all that is beyond. */
function lowerEdge(bin: number): number {
  if (bin === 0) return -Infinity;
  if (bin === BINS) return Infinity;
  if (bin === ZERO) return -(2 ** LOWEST);
  if (bin > ZERO) return magnitudeAt(bin - ZERO - 1);
  return -magnitudeAt(ZERO - bin);
}

function magnitudeAt(step: number): number {
  return 2 ** (LOWEST + Math.floor(step / STEPS)) * (1 + (step % STEPS) / STEPS);
}

/** The highest floor that leaves the bin of `value`, and all above it, whole. */
export function floorUnder(value: number): number {
  const edge = lowerEdge(binOf(value));
  // A bin below 0 begins just above its edge; one above 0 at it.
  return edge < 0 ? edge : edge * (1 - 2 ** -20);
}
