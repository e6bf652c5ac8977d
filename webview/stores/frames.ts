/** Frames from the engine, checked and taken apart into pictures. */
import type { Frames } from '../../src/shared/protocol.ts';

/** A picture with the id of what it shows (the file's stamp, source, seed, class, size): a picture never passes for another. */
export interface Picture {
  readonly id: string;
  readonly image: ImageData;
}

export function isFrames(value: unknown): value is Frames {
  if (typeof value !== 'object' || value === null) return false;
  const frames = value as Partial<Record<keyof Frames, unknown>>;
  if (
    !isSize(frames.offset, 0) ||
    !isSize(frames.count, 1) ||
    !isSize(frames.width, 1) ||
    !isSize(frames.height, 1)
  ) {
    return false;
  }
  if (!(frames.data instanceof Uint8Array)) return false;
  if (frames.encoding === 'webp') return true;
  const length = frames.count * frames.width * frames.height * 4;
  return frames.encoding === 'rgba' && frames.data.length === length;
}

/** The pictures of a block, in order. */
export async function decodeFrames(frames: Frames): Promise<ImageData[]> {
  return frames.encoding === 'rgba' ? splitRgba(frames) : splitWebp(frames);
}

function splitRgba({ count, width, height, data }: Frames): ImageData[] {
  const size = width * height * 4;
  return Array.from({ length: count }, (_, i) => {
    // A copy, since the block's buffer may be shared with other messages.
    return new ImageData(new Uint8ClampedArray(data.subarray(i * size, (i + 1) * size)), width, height);
  });
}

async function splitWebp({ count, width, height, data }: Frames): Promise<ImageData[]> {
  const bitmap = await createImageBitmap(new Blob([new Uint8Array(data)], { type: 'image/webp' }), {
    premultiplyAlpha: 'none',
    colorSpaceConversion: 'none',
  });
  const context = new OffscreenCanvas(width, height * count).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('No 2D canvas is available to decode WebP.');
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return Array.from({ length: count }, (_, i) => context.getImageData(0, i * height, width, height));
}

function isSize(value: unknown, least: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= 1e6;
}
