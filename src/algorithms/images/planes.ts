/** A picture as numbers: what is compared, blurred and passed from one model to the next. */

/** Channels one after the other, [C, h, w]; −1 is black and 1 is white. Values beyond are kept. */
export interface Planes {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly data: Float32Array;
}

/** A picture that goes in, with the mask of models that take one: one channel of the same size. */
export interface PictureIn extends Planes {
  readonly mask?: Planes;
}

export function sameSize(a: Planes, b: Planes): boolean {
  return a.channels === b.channels && a.height === b.height && a.width === b.width;
}

/** Mean |a − b| over all values of two pictures of one size (CycleGAN's cycle loss: Zhu et al. 2017, equation 2). */
export function meanAbsoluteDifference(a: Planes, b: Planes): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs((a.data[i] as number) - (b.data[i] as number));
  return sum / a.data.length;
}
