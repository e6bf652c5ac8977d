/** One long draw, a stretch at a time, so that a score over 50,000 samples does not hold all their latents. */
import type { LatentSource } from '../../shared/samples/latents.ts';
import { createRandom, drawComponents } from './draw.ts';
import type { RandomSource } from './randomSource.ts';

/** A multiple of 16, which is how many normals PyTorch makes together. */
const ROWS = 1024;
/** Below as many numbers the whole is drawn at once: it is small, and any order of reading costs the same. */
const SMALL = 1 << 20;

/**
 * Whether drawing in stretches gives the same numbers as drawing everything. It does not where components outside a
 * threshold are drawn again (after all the others), nor for PyTorch's normals when their number is no multiple of 16.
 */
export function drawsInChunks({ rng, distribution, truncation }: LatentSource, numbers: number): boolean {
  if (numbers <= SMALL || truncation.mode === 'resample') return false;
  const isPlainNormal = distribution === 'normal' && truncation.mode !== 'truncnorm';
  return rng === 'numpy' || !isPlainNormal || numbers % 16 === 0;
}

/** Rows in order cost one draw each; a step back starts over. */
export class StreamChunks {
  readonly #source: LatentSource;
  readonly #seed: number;
  readonly #size: number;
  #random: RandomSource;
  #chunk: Float32Array;
  /** Which chunk that is. */
  #at = 0;

  constructor(source: LatentSource, seed: number, size: number) {
    this.#source = source;
    this.#seed = seed;
    this.#size = size;
    this.#random = createRandom(source.rng, seed);
    this.#chunk = this.#draw();
  }

  /** Row i, float32 [size]; not to be written to, and good until the next call. */
  row(i: number): Float32Array {
    const wanted = Math.floor(i / ROWS);
    if (wanted < this.#at) {
      this.#random = createRandom(this.#source.rng, this.#seed);
      this.#at = 0;
      this.#chunk = this.#draw();
    }
    for (; this.#at < wanted; this.#at++) this.#chunk = this.#draw();
    const from = (i - wanted * ROWS) * this.#size;
    return this.#chunk.subarray(from, from + this.#size);
  }

  #draw(): Float32Array {
    return drawComponents(this.#random, this.#source, ROWS * this.#size);
  }
}
