/** A batch norm at rest is one factor and one shift a channel: they go into the convolution before it. */

export interface NormOf {
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/** FID's Inception; PyTorch's own default is another. */
const EPSILON = 1e-3;

function factor({ gamma, variance }: NormOf, channel: number): number {
  return (gamma[channel] as number) / Math.sqrt((variance[channel] as number) + EPSILON);
}

/** @param weight [out, in, h, w] */
export function foldedWeight(weight: Float32Array, norm: NormOf): Float32Array {
  const each = weight.length / norm.gamma.length;
  return weight.map((value, i) => value * factor(norm, Math.floor(i / each)));
}

/** [out] */
export function foldedBias(norm: NormOf): Float32Array {
  return norm.beta.map((value, channel) => value - (norm.mean[channel] as number) * factor(norm, channel));
}
