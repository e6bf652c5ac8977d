/** From what a generator puts out to what a screen takes: float or byte images of any layout to RGBA bytes. */

import type { ImageRole, PictureSize } from '../../shared/generator/roles.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { Quantisation } from '../../shared/scores/scores.ts';
import { halfToFloat } from '../files/half.ts';
import type { PictureStack } from '../runtime/imageCodec.ts';
import type { TensorData, TensorValue } from '../runtime/session.ts';

export interface ImageSize {
  readonly count: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** [N, C, h, w] or [N, h, w, C] as sizes, all axes there. Rows [N, C·h·w] need the `size` that their role says. */
export function imageSize(
  shape: readonly number[],
  layout: ImageRole['layout'],
  size?: ImageRole['size'],
): ImageSize {
  if (shape.length === 2 && size !== undefined) return rowSize(shape, size);
  const [count, a, b, c] = shape;
  if (count === undefined || a === undefined || b === undefined || c === undefined || shape.length > 4) {
    throw new GenscopeError(
      'model.rolesUnknown',
      `The output has the shape [${shape.join(', ')}], which is not a picture.`,
      'Choose another output as the image.',
      { next: ['answerRoles'] },
    );
  }
  return layout === 'NCHW'
    ? { count, channels: a, height: b, width: c }
    : { count, height: a, width: b, channels: c };
}

function rowSize([count = 0, length = 0]: readonly number[], size: PictureSize): ImageSize {
  const channels = length / (size.width * size.height);
  if (Number.isInteger(channels) && channels >= 1 && channels <= 4) return { count, channels, ...size };
  throw new GenscopeError(
    'model.rolesUnknown',
    `Rows of ${length} numbers are no pictures of ${size.width}×${size.height}.`,
    'Give the size of the pictures in the sidecar, or choose another output as the image.',
    { next: ['answerRoles'] },
  );
}

/**
 * RGBA bytes [N·h, w, 4] of an image tensor. Floats become round((x − low) / (high − low) · 255), clipped, halves to
 * even, which is what NumPy's and PyTorch's `round` give; or, with `floor`, StyleGAN's floor(127.5·x + 128), which on
 * [−1, 1] is the same but for halves, which go up.
 * @returns the pictures, and how many values were not finite (they are drawn black)
 */
export function toPictures(
  tensor: TensorValue,
  role: ImageRole,
  quantisation: Quantisation = 'round',
): { pictures: PictureStack; nonFinite: number } {
  const size = imageSize(tensor.shape, role.layout, role.size);
  const byte = quantisation === 'round' ? rounded : halvesUp;
  const values = asNumbers(tensor.data, tensor.dtype);
  const [low, high] = role.range;
  const scale = 255 / (high - low);
  const plane = size.height * size.width;
  const pixelStep = role.layout === 'NCHW' ? 1 : size.channels;
  const channelStep = role.layout === 'NCHW' ? plane : 1;
  // One channel is grey; a second without a third (rare) leaves blue as red.
  const green = size.channels > 1 ? channelStep : 0;
  const blue = size.channels > 2 ? 2 * channelStep : 0;
  const words = new Uint32Array(size.count * plane);
  let nonFinite = 0;
  for (let image = 0; image < size.count; image++) {
    const first = image * plane * size.channels;
    const end = (image + 1) * plane;
    let sum = 0;
    for (let to = image * plane, at = first; to < end; to++, at += pixelStep) {
      const r = ((values[at] as number) - low) * scale;
      const g = ((values[at + green] as number) - low) * scale;
      const b = ((values[at + blue] as number) - low) * scale;
      sum += r + g + b;
      // One 32-bit store a pixel, little-endian as every platform we run on.
      words[to] = 0xff000000 | (byte(b) << 16) | (byte(g) << 8) | byte(r);
    }
    // A sum is finite only if all of it is: the search for what is not need not slow every picture down.
    if (sum - sum !== 0)
      nonFinite += blacken(words, image * plane, end, values, first, pixelStep, [0, green, blue]);
  }
  const data = new Uint8Array(words.buffer);
  return { pictures: { count: size.count, width: size.width, height: size.height, data }, nonFinite };
}

/** Sets what is not finite to 0 in one picture, and counts it. */
function blacken(
  words: Uint32Array,
  start: number,
  end: number,
  values: ArrayLike<number>,
  first: number,
  pixelStep: number,
  channels: readonly number[],
): number {
  let found = 0;
  for (let to = start, at = first; to < end; to++, at += pixelStep) {
    channels.forEach((offset, channel) => {
      if (Number.isFinite(values[at + offset])) return;
      found++;
      words[to] = (words[to] as number) & ~(0xff << (channel * 8));
    });
  }
  return found;
}

/** Adding and taking away 1.5 · 2^52 leaves a double no room for a fraction: it rounds, halves to even. */
const ROUND = 6_755_399_441_055_744;

/** A value on 0–255 as a byte: rounded and clipped. */
function rounded(value: number): number {
  return (value < 0 ? 0 : value > 255 ? 255 : value) + ROUND - ROUND;
}

function halvesUp(value: number): number {
  return (value < 0 ? 0 : value > 254.5 ? 255 : value + 0.5) | 0;
}

/** RGB bytes [N, h, w, 3] of RGBA pictures: the layout of `images.npy`. */
export function withoutAlpha(pictures: PictureStack): Uint8Array {
  const pixels = pictures.count * pictures.width * pictures.height;
  const rgb = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    rgb[i * 3] = pictures.data[i * 4] as number;
    rgb[i * 3 + 1] = pictures.data[i * 4 + 1] as number;
    rgb[i * 3 + 2] = pictures.data[i * 4 + 2] as number;
  }
  return rgb;
}

/** The pictures of one or more stacks as one grid picture, row by row, `columns` wide, black where none is left. */
export function asGrid(stacks: readonly PictureStack[], columns: number): PictureStack {
  const first = stacks[0];
  if (!first)
    throw new GenscopeError(
      'input.invalid',
      'There are no samples to put into a grid.',
      'Ask for at least one.',
    );
  const count = stacks.reduce((sum, stack) => sum + stack.count, 0);
  const { width, height } = first;
  const across = Math.max(1, Math.min(columns, count));
  const rows = Math.ceil(count / across);
  const data = new Uint8Array(across * width * rows * height * 4);
  for (let i = 3; i < data.length; i += 4) data[i] = 255;
  let index = 0;
  for (const stack of stacks) {
    for (let i = 0; i < stack.count; i++, index++) {
      const left = (index % across) * width;
      const top = Math.floor(index / across) * height;
      for (let y = 0; y < height; y++) {
        const source = (i * height + y) * width * 4;
        data.set(stack.data.subarray(source, source + width * 4), ((top + y) * across * width + left) * 4);
      }
    }
  }
  return { count: 1, width: across * width, height: rows * height, data };
}

/** Several stacks of one size as one. */
export function joinPictures(stacks: readonly PictureStack[]): PictureStack {
  const [first] = stacks;
  if (!first)
    throw new GenscopeError('input.invalid', 'There is nothing to save.', 'Ask for at least one sample.');
  const data = new Uint8Array(stacks.reduce((sum, stack) => sum + stack.data.length, 0));
  let at = 0;
  let count = 0;
  for (const stack of stacks) {
    data.set(stack.data, at);
    at += stack.data.length;
    count += stack.count;
  }
  return { ...first, count, data };
}

/** Tensor data as an indexable of numbers; float16 bits are widened. */
export function asNumbers(data: TensorData, dtype: string): ArrayLike<number> {
  if (dtype === 'float16' && data instanceof Uint16Array) return halfToFloat(data);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float64Array.from(data, Number);
  return data;
}

/** Float32 values as IEEE 754 binary16 bits, rounding halves to even. */
export function floatToHalf(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) out[i] = halfBits(bits[i] as number);
  return out;
}

function halfBits(float: number): number {
  const sign = (float >>> 16) & 0x8000;
  const exponent = (float >>> 23) & 255;
  const fraction = float & 0x7fffff;
  if (exponent === 255) return sign | 0x7c00 | (fraction ? 0x200 : 0);
  const target = exponent - 112;
  if (target >= 31) return sign | 0x7c00;
  if (target <= 0) {
    if (target < -10) return sign;
    return sign | roundShift(fraction | 0x800000, 14 - target);
  }
  // A carry out of the fraction runs on into the exponent, which is just right.
  return sign | ((target << 10) + roundShift(fraction, 13));
}

function roundShift(value: number, shift: number): number {
  const half = 2 ** (shift - 1);
  const rest = value % (half * 2);
  const floor = Math.floor(value / (half * 2));
  return rest > half || (rest === half && floor % 2 === 1) ? floor + 1 : floor;
}
