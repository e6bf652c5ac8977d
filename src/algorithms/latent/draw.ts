/** One draw of latents: generator × distribution × truncation, in one place for both layouts. */
import type { LatentSource, Rng } from '../../shared/samples/latents.ts';
import { NumpyRandom } from './numpyRandom.ts';
import type { RandomSource } from './randomSource.ts';
import { TorchRandom } from './torchRandom.ts';
import { resampleOutside, truncatedNormals } from './truncation.ts';

/** A generator of the named library, seeded. Throws `input.invalid` when the seed is none. */
export function createRandom(rng: Rng, seed: number): RandomSource {
  return rng === 'numpy' ? new NumpyRandom(seed) : new TorchRandom(seed);
}

/**
 * n latent components from where `random` stands, float32 [n]. A draw of shape (N, d) is the same numbers in
 * row-major order, in both libraries. Truncation inside the graph (`input`, `psi`) leaves the latent as it is.
 */
export function drawComponents(
  random: RandomSource,
  source: Pick<LatentSource, 'distribution' | 'truncation'>,
  n: number,
): Float32Array {
  const { distribution, truncation } = source;
  if (truncation.mode === 'truncnorm') return truncatedNormals(random.uniforms(n), truncation.scale);
  const draw = (count: number): Float32Array => {
    if (distribution === 'normal') return random.normals(count);
    const uniforms = random.uniforms(count);
    return new Float32Array(distribution === 'uniform01' ? uniforms : uniforms.map((u) => 2 * u - 1));
  };
  const z = draw(n);
  if (truncation.mode === 'resample') resampleOutside(z, truncation.threshold, draw);
  return z;
}
