/** What an edit changes in a picture, as a picture. Pure, but for the colours' table. */
import { heatColour, type Rgb } from './overlays.ts';

/** Differences of this many levels out of 255, and larger ones, have the ramp's last colour. */
export const FULL_DIFFERENCE = 64;
/** The ramp begins in black: no difference shall look like none. */
const DARK = 0.2;

/**
 * |after − before|, the mean over R, G and B, as RGBA.
 * @param before RGBA, of the same size as `after`
 */
export function differenceOf(
  before: Uint8ClampedArray,
  after: Uint8ClampedArray,
): Uint8ClampedArray<ArrayBuffer> {
  const data = new Uint8ClampedArray(after.length);
  for (let i = 0; i < after.length; i += 4) {
    let sum = 0;
    for (let c = 0; c < 3; c++) sum += Math.abs((after[i + c] as number) - (before[i + c] as number));
    const [r, g, b] = differenceColour(sum / 3 / FULL_DIFFERENCE);
    data[i] = r;
    data[i + 1] = g;
    data[i + 2] = b;
    data[i + 3] = 255;
  }
  return data;
}

/** @param share of the full difference, 0…1 and beyond */
export function differenceColour(share: number): Rgb {
  const light = Math.min(1, share / DARK);
  const [r, g, b] = heatColour(Math.min(1, share));
  return [r * light, g * light, b * light];
}
