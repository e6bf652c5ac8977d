/** From an image file to the picture that a model takes: decoded, brought to size, in the model's channels. */

import path from 'node:path';
import type { PictureIn } from '../../algorithms/images/planes.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { readPictureFile } from '../pictures/folderSource.ts';
import { pictureToPlanes } from '../pictures/planes.ts';
import { cover, decodePicture, type PictureStack, shrink } from '../runtime/imageCodec.ts';
import { maskOf } from './masks.ts';

/** What pictures have to be like. */
export interface PictureFrame {
  readonly channels: number;
  /** Null where any size will do. */
  readonly size: { readonly width: number; readonly height: number } | null;
  readonly multiple: number;
  /** Of the longer side, where any size will do. */
  readonly maxSide: number;
  /** Classes of a label map: its grey values are classes, and no value between two of them is one. */
  readonly labels?: number | undefined;
  /** A mask comes with each picture. */
  readonly isMasked?: boolean | undefined;
}

export interface PreparedPicture {
  readonly planes: PictureIn;
  /** It was too large, and was made smaller, though any size would have done. */
  readonly reduced: boolean;
}

/**
 * A model with a size of its own gets each picture scaled to cover it (Lanczos) and cut about the centre; any other gets
 * pictures as they are, but for more than `maxSide`, cut about the centre to whole multiples.
 * @throws GenscopeError `input.invalid` for a file that is no picture, or one that is too small
 */
export async function readPicture(file: string, frame: PictureFrame): Promise<PreparedPicture> {
  const decoded = await decodePicture(readPictureFile(file), frame.channels === 4 ? 'keep' : 'onWhite');
  if (frame.labels !== undefined) requireLabels(decoded, frame.labels);
  const { picture, reduced } = await bringToSize(decoded, frame);
  const planes = pictureToPlanes(picture, frame.channels);
  if (!frame.isMasked) return { planes, reduced };
  return { planes: { ...planes, mask: await readMask(file, decoded, frame) }, reduced };
}

/** Brought to size exactly as its picture was, pixel by pixel: a mean of inside and outside is neither. */
async function readMask(file: string, { width, height }: PictureStack, frame: PictureFrame) {
  const name = maskOf(file);
  const decoded = await decodePicture(readPictureFile(name), 'onWhite');
  if (decoded.width !== width || decoded.height !== height)
    throw new GenscopeError(
      'input.invalid',
      `It is ${width}×${height}, and its mask ${path.basename(name)} is ${decoded.width}×${decoded.height}.`,
      'Make the mask as large as the picture.',
    );
  const { picture } = await bringToSize(decoded, { ...frame, labels: 2 });
  return pictureToPlanes(picture, 1);
}

/** @throws GenscopeError `input.invalid` for colours, and for a grey value that is no class */
function requireLabels({ data }: PictureStack, labels: number): void {
  for (let at = 0; at < data.length; at += 4) {
    const value = data[at] as number;
    if (value !== data[at + 1] || value !== data[at + 2])
      throw new GenscopeError(
        'input.invalid',
        'It is in colours, and a label map has its classes as grey values.',
        `Save it as a grey picture with the values 0 to ${labels - 1}.`,
      );
    if (value >= labels)
      throw new GenscopeError(
        'input.invalid',
        `It has the label ${value}; the model takes 0 to ${labels - 1}.`,
        'Replace what has no class by one that the model knows.',
      );
  }
}

/** Smaller by leaving pixels out: a mean of two classes is another one. */
function fewerLabels(picture: PictureStack, maxSide: number): Promise<PictureStack> {
  const scale = Math.min(1, maxSide / Math.max(picture.width, picture.height));
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  return cover(picture, side(picture.width), side(picture.height), 'nearest');
}

async function bringToSize(
  decoded: PictureStack,
  frame: PictureFrame,
): Promise<{ picture: PictureStack; reduced: boolean }> {
  const { size, multiple, maxSide } = frame;
  const kernel = frame.labels === undefined ? 'lanczos3' : 'nearest';
  if (size) return { picture: await cover(decoded, size.width, size.height, kernel), reduced: false };
  const reduced =
    frame.labels === undefined ? await shrink(decoded, maxSide) : await fewerLabels(decoded, maxSide);
  const width = Math.floor(reduced.width / multiple) * multiple;
  const height = Math.floor(reduced.height / multiple) * multiple;
  if (width === 0 || height === 0) {
    const says = `It is ${decoded.width}×${decoded.height}; the model takes no less than ${multiple}×${multiple}.`;
    throw new GenscopeError('input.invalid', says, 'Choose larger pictures.');
  }
  return { picture: cutCentre(reduced, width, height), reduced: reduced !== decoded };
}

function cutCentre(picture: PictureStack, width: number, height: number): PictureStack {
  if (picture.width === width && picture.height === height) return picture;
  const left = Math.floor((picture.width - width) / 2);
  const top = Math.floor((picture.height - height) / 2);
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * picture.width + left) * 4;
    data.set(picture.data.subarray(from, from + width * 4), y * width * 4);
  }
  return { count: 1, width, height, data };
}
