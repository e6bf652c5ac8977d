/** Gaussian blur of float pictures, one axis after the other. */
import type { Planes } from './planes.ts';

/** Beyond four standard deviations a Gaussian has less than a ten-thousandth of its weight. */
const REACH = 4;

/**
 * Each channel blurred with a Gaussian of standard deviation σ pixels, cut at 4σ and scaled to the sum 1; beyond the
 * edge the picture goes on as its mirror image, edge pixel included. The same as `scipy.ndimage.gaussian_filter` with
 * its own defaults. σ ≤ 0 gives the picture itself.
 */
export function gaussianBlur(picture: Planes, sigma: number): Planes {
  if (!(sigma > 0)) return picture;
  const { channels, height, width } = picture;
  const kernel = gaussian(sigma);
  const across = new Float64Array(picture.data.length);
  const data = new Float32Array(picture.data.length);
  for (let row = 0; row < channels * height; row++)
    blurLine(picture.data, across, { first: row * width, step: 1, length: width }, kernel);
  for (let channel = 0; channel < channels; channel++)
    for (let x = 0; x < width; x++)
      blurLine(across, data, { first: channel * height * width + x, step: width, length: height }, kernel);
  return { ...picture, data };
}

/** The right half of the kernel, its middle first. */
function gaussian(sigma: number): Float64Array {
  const radius = Math.floor(REACH * sigma + 0.5);
  const half = Float64Array.from({ length: radius + 1 }, (_, x) => Math.exp(-0.5 * (x / sigma) ** 2));
  const sum = half.reduce((a, b) => a + b) * 2 - (half[0] as number);
  return half.map((weight) => weight / sum);
}

/** A row or a column: `length` values, `step` apart. */
interface Line {
  readonly first: number;
  readonly step: number;
  readonly length: number;
}

function blurLine(
  from: Float32Array | Float64Array,
  to: Float32Array | Float64Array,
  { first, step, length }: Line,
  kernel: Float64Array,
): void {
  const radius = kernel.length - 1;
  const padded = new Float64Array(length + 2 * radius);
  for (let i = 0; i < padded.length; i++)
    padded[i] = from[first + mirrored(i - radius, length) * step] as number;
  for (let i = 0; i < length; i++) {
    const middle = i + radius;
    let sum = (padded[middle] as number) * (kernel[0] as number);
    for (let k = 1; k <= radius; k++)
      sum += ((padded[middle - k] as number) + (padded[middle + k] as number)) * (kernel[k] as number);
    to[first + i * step] = sum;
  }
}

/** The index inside a line that stands for one beyond its ends: …1 0 | 0 1 2 | 2 1…, for any distance. */
function mirrored(i: number, length: number): number {
  const period = 2 * length;
  const inside = ((i % period) + period) % period;
  return inside < length ? inside : period - 1 - inside;
}
