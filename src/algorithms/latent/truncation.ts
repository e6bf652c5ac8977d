/**
 * The two truncations of the latent itself; ψ and a graph's own input act further on and leave it as it is. They are different distributions and
 * therefore two named modes: `resample` clips N(0, 1) at ±t and stretches nothing; `truncnorm` is always cut at ±2 and then
 * shrunk. Sources: (a1) as in GAN papers' "truncation trick" (arXiv 1809.11096, §3.1); (a2) BigGAN's
 * `truncation * scipy.stats.truncnorm.rvs(-2, 2, …)` (TF Hub's biggan demo, huggingface:pytorch-pretrained-BigGAN utils.py).
 */
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { LatentSource } from '../../shared/samples/latents.ts';
import { normalCdf, normalQuantile } from './normal.ts';

/** Below this, fewer than 1 in 100 draws fall inside and resampling would only burn time. */
export const MIN_THRESHOLD = 0.01;

const BOUND = 2;
const BELOW = normalCdf(-BOUND);
const MASS = 1 - 2 * BELOW;

/**
 * (a1) Draws the components with |z| > threshold again, in place, until none is left outside. Each round takes one draw
 * of as many values as there are components outside, and hands them out in index order:
 * `while (bad := abs(z) > t).any(): z[bad] = rng.randn(bad.sum())`. The comparison is float32's, as it is there.
 */
export function resampleOutside(z: Float32Array, threshold: number, draw: (n: number) => Float32Array): void {
  const limit = Math.fround(threshold);
  for (let outside = beyond(z, limit); outside.length > 0; outside = beyond(z, limit)) {
    const fresh = draw(outside.length);
    outside.forEach((at, i) => {
      z[at] = fresh[i] as number;
    });
  }
}

/** The indices of the components with |z| > limit, in order. */
function beyond(z: Float32Array, limit: number): number[] {
  const indices: number[] = [];
  for (let i = 0; i < z.length; i++) {
    if (Math.abs(z[i] as number) > limit) indices.push(i);
  }
  return indices;
}

/**
 * (a2) scale · truncnorm(−2, 2) by inverse CDF from uniforms in [0, 1), float32 [n] in ±2·scale: what
 * `scipy.stats.truncnorm.rvs` computes from `RandomState.uniform`, to 1e-12 before rounding.
 */
export function truncatedNormals(uniforms: ArrayLike<number>, scale: number): Float32Array {
  const out = new Float32Array(uniforms.length);
  for (let i = 0; i < out.length; i++) out[i] = scale * truncatedNormalQuantile(uniforms[i] as number);
  return out;
}

/** The u-quantile of N(0, 1) cut at ±2, for u in [0, 1]. */
export function truncatedNormalQuantile(u: number): number {
  const x = normalQuantile(BELOW + u * MASS);
  return Math.min(BOUND, Math.max(-BOUND, x));
}

/** Throws `input.invalid` for a truncation that cannot be drawn. */
export function checkTruncation({ truncation, distribution }: LatentSource): void {
  if (truncation.mode === 'resample' && !(truncation.threshold >= MIN_THRESHOLD)) {
    throw new GenscopeError(
      'input.invalid',
      `A truncation threshold of ${truncation.threshold} would reject almost every draw.`,
      `Choose a threshold of ${MIN_THRESHOLD} or more; common values are 0.5 to 2.`,
    );
  }
  if (truncation.mode === 'psi' && !Number.isFinite(truncation.psi)) {
    throw new GenscopeError(
      'input.invalid',
      `${truncation.psi} is not a ψ.`,
      'Choose a number; 1 leaves pictures as they are, 0 gives the average one, 0.7 is common.',
    );
  }
  if (truncation.mode !== 'truncnorm') return;
  if (!Number.isFinite(truncation.scale) || truncation.scale < 0) {
    throw new GenscopeError(
      'input.invalid',
      `${truncation.scale} is not a scale for a truncated normal distribution.`,
      'Choose a number from 0 up; BigGAN uses 0.02 to 1.',
    );
  }
  if (distribution !== 'normal') {
    throw new GenscopeError(
      'input.invalid',
      'A truncated normal distribution cannot be combined with uniform latents.',
      'Choose normal latents, or the truncation that draws components again.',
    );
  }
}
