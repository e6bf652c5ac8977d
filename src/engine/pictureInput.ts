/** From an image file to the picture that a model takes: decoded, brought to size, in the model's channels. */
import type { Planes } from '../algorithms/images/planes.ts';
import { GenscopeError } from '../shared/errors.ts';
import { readPictureFile } from './images/folderSource.ts';
import { pictureToPlanes } from './planes.ts';
import { cover, decodePicture, type PictureStack, shrink } from './runtime/imageCodec.ts';

/** What pictures have to be like. */
export interface PictureFrame {
  readonly channels: number;
  /** Null where any size will do. */
  readonly size: { readonly width: number; readonly height: number } | null;
  readonly multiple: number;
  /** Of the longer side, where any size will do. */
  readonly maxSide: number;
}

export interface PreparedPicture {
  readonly planes: Planes;
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
  const { picture, reduced } = await bringToSize(decoded, frame);
  return { planes: pictureToPlanes(picture, frame.channels), reduced };
}

async function bringToSize(
  decoded: PictureStack,
  frame: PictureFrame,
): Promise<{ picture: PictureStack; reduced: boolean }> {
  const { size, multiple, maxSide } = frame;
  if (size) return { picture: await cover(decoded, size.width, size.height), reduced: false };
  const reduced = await shrink(decoded, maxSide);
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
