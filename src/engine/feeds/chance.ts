/** Inputs that are drawn for each sample apart from its latent: noise maps, and codes of a codebook. */
import { NumpyRandom } from '../../algorithms/latent/numpyRandom.ts';
import type { TensorValue, ValueInfo } from '../runtime/session.ts';
import type { FeedRequest } from './request.ts';
import { elements, rowsTensor, tailOf } from './tensors.ts';

/** How an input that stands for chance is fed. */
export interface NoiseSource {
  readonly kind: 'normal' | 'uniform';
  /** Its value when noise is off: the middle of its distribution, or what switches a Dropout off. */
  readonly neutral: number;
}

/**
 * Noise for a sample comes from its own seed, apart from its latent, so that a picture stays a function of the seed. A
 * map without a batch axis is shared by a run; such a model runs one sample at a time.
 */
export function noiseFeed(input: ValueInfo, request: FeedRequest, source: NoiseSource): TensorValue {
  const tail = tailOf(input, request.fixedRows);
  const size = elements(tail);
  const values = new Float32Array(request.count * size).fill(source.neutral);
  if (request.noise !== 'zero') {
    for (let i = 0; i < request.count; i++) {
      const seed = request.noise === 'random' ? (request.seeds[i] ?? 0) : 0;
      const random = new NumpyRandom(ownSeed(seed, input.name));
      values.set(source.kind === 'normal' ? random.normals(size) : random.uniforms(size), i * size);
    }
  }
  return rowsTensor(input, tail, values, request);
}

/** Codes, each of the `entries` as likely, from the sample's seed. Between two keys they cannot be mixed: the nearer one's. */
export function codesFeed(input: ValueInfo, entries: number, request: FeedRequest): TensorValue {
  const tail = tailOf(input, request.fixedRows);
  const size = elements(tail);
  const values = new Float32Array(request.count * size);
  for (let i = 0; i < request.count; i++) {
    const seed = request.nearestSeeds?.[i] ?? request.seeds[i] ?? 0;
    const uniforms = new NumpyRandom(ownSeed(seed, input.name)).uniforms(size);
    for (let k = 0; k < size; k++) values[i * size + k] = Math.floor((uniforms[k] as number) * entries);
  }
  return rowsTensor(input, tail, values, request);
}

/** A 32-bit seed of its own for each input (FNV-1a over the name, mixed with the sample's seed). */
function ownSeed(seed: number, name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return Math.imul(hash ^ seed, 0x01000193) >>> 0;
}
