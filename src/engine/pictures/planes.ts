/** Pictures as numbers on [−1, 1], made of what a model puts out and turned into what another takes. */
import type { Planes } from '../../algorithms/images/planes.ts';
import type { ImageRole, LabelMapRole, MaskRole } from '../../shared/generator/roles.ts';
import type { PictureStack } from '../runtime/imageCodec.ts';
import type { TensorValue } from '../runtime/session.ts';
import { asNumbers, imageSize, toPictures } from './pixels.ts';

/** How planes look as a tensor. */
const PLAIN: ImageRole = { role: 'image', layout: 'NCHW', range: [-1, 1] };

/** The one picture of an image tensor [1, …]; nothing is clipped. */
export function toPlanes(tensor: TensorValue, role: ImageRole): Planes {
  const { channels, height, width } = imageSize(tensor.shape, role.layout);
  const values = asNumbers(tensor.data, tensor.dtype);
  const [low, high] = role.range;
  const scale = 2 / (high - low);
  const offset = -1 - low * scale;
  const area = height * width;
  const [step, channelStep] = role.layout === 'NCHW' ? [1, area] : [channels, 1];
  const data = new Float32Array(channels * area);
  for (let channel = 0; channel < channels; channel++)
    for (let i = 0; i < area; i++)
      data[channel * area + i] = (values[channel * channelStep + i * step] as number) * scale + offset;
  return { channels, height, width, data };
}

/** The values of a picture in a model's own layout and range. */
export function fromPlanes(picture: Planes, role: ImageRole | MaskRole): Float32Array {
  const { channels, height, width } = picture;
  const [low, high] = role.range;
  const scale = (high - low) / 2;
  const offset = low + scale;
  const area = height * width;
  const [step, channelStep] = role.layout === 'NCHW' ? [1, area] : [channels, 1];
  const values = new Float32Array(picture.data.length);
  for (let channel = 0; channel < channels; channel++)
    for (let i = 0; i < area; i++)
      values[channel * channelStep + i * step] =
        (picture.data[channel * area + i] as number) * scale + offset;
  return values;
}

/** A plane of ones and zeros for each class of a grey picture whose bytes are the classes. */
export function oneHotPlanes(
  { height, width, data }: Planes,
  { classes, layout }: LabelMapRole,
): Float32Array {
  const area = height * width;
  const values = new Float32Array(classes * area);
  for (let i = 0; i < area; i++) {
    // Readers refuse what is no class; a probe has every grey.
    const label = Math.min(classes - 1, Math.max(0, Math.round(((data[i] as number) + 1) * 127.5)));
    values[layout === 'NCHW' ? label * area + i : i * classes + label] = 1;
  }
  return values;
}

/** As RGBA bytes for a screen or a file, clipped; what is not finite is black and counted. */
export function planesToPicture({ channels, height, width, data }: Planes): {
  pictures: PictureStack;
  nonFinite: number;
} {
  return toPictures({ dtype: 'float32', shape: [1, channels, height, width], data }, PLAIN);
}

/**
 * RGBA bytes as planes: one channel is the luma that PIL's convert('L') gives (ITU-R 601, in whole numbers), three are
 * red, green and blue, four have the alpha with them.
 */
export function pictureToPlanes(picture: PictureStack, channels: number): Planes {
  const { width, height, data } = picture;
  const area = width * height;
  const values = new Float32Array(channels * area);
  for (let i = 0; i < area; i++) {
    const at = i * 4;
    if (channels === 1) values[i] = unit(luma(data, at));
    else for (let c = 0; c < channels; c++) values[c * area + i] = unit(data[at + c] as number);
  }
  return { channels, height, width, data: values };
}

function unit(byte: number): number {
  return byte / 127.5 - 1;
}

function luma(data: Uint8Array, at: number): number {
  const [r, g, b] = [data[at] as number, data[at + 1] as number, data[at + 2] as number];
  return (r * 19_595 + g * 38_470 + b * 7_471 + 0x8000) >> 16;
}
