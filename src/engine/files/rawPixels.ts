/** What the small readers of pictures have in common. */
import { GenscopeError } from '../../shared/kernel/errors.ts';

/** RGBA bytes [height, width, 4], opaque. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A decoded picture takes four bytes a pixel; more than this is no picture to look at. */
export const MOST_PIXELS = 1e8;

/** @throws GenscopeError `input.invalid` for no pixels, or too many */
export function blank(width: number, height: number): Pixels {
  if (!(width > 0 && height > 0)) throw undecodable('it has no pixels');
  if (width * height > MOST_PIXELS)
    throw new GenscopeError(
      'input.invalid',
      `It has more than ${MOST_PIXELS / 1e6} million pixels.`,
      'Save it again as PNG.',
    );
  return { width, height, data: new Uint8Array(width * height * 4).fill(255) };
}

export function undecodable(why: string, detail?: string): GenscopeError {
  return new GenscopeError('input.invalid', `It could not be decoded: ${why}.`, 'Save it again as PNG.', {
    ...(detail !== undefined && { detail }),
  });
}

export const ENDS_EARLY = 'it ends before its last pixel';

/** Grey, grey and alpha, RGB or RGBA bytes as opaque RGBA: alpha is dropped, as PIL's `convert('RGB')` does. */
export function toRgba(values: Uint8Array, width: number, height: number, channels: number): Pixels {
  const out = blank(width, height);
  const grey = channels < 3;
  for (let i = 0, from = 0; i < out.data.length; i += 4, from += channels)
    for (let c = 0; c < 3; c++) out.data[i + c] = values[grey ? from : from + c] as number;
  return out;
}
