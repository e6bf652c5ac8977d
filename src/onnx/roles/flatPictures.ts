/** Pictures that leave a graph as rows of numbers, [N, channels · side²]: WGAN-GP's reference code flattens them so. */
import type { DeclaredShape } from '../../shared/generator/model.ts';
import type { ImageLayout, PictureSize } from '../../shared/generator/roles.ts';
import type { Tail } from './tail.ts';

/** Smaller squares are met by chance. */
const SMALLEST_SIDE = 8;
const CHANNELS = [3, 1] as const;

export interface FlatPicture {
  readonly layout: ImageLayout;
  readonly channels: 1 | 3;
  /** Null where a convolution's map is laid out, but nothing says how long the row is: a run will show it. */
  readonly size: PictureSize | null;
  /** The graph shows that a convolution's map of these channels is laid out; else only the length fits. */
  readonly isShown: boolean;
}

/** Null where a row cannot be a square picture. */
export function flatPicture(shape: DeclaredShape, tail: Tail): FlatPicture | null {
  const length = typeof shape[1] === 'number' ? shape[1] : tail.row;
  const layout: ImageLayout = tail.permutation?.join() === '0,2,3,1' ? 'NHWC' : 'NCHW';
  const shown = CHANNELS.find((channels) => channels === tail.channels);
  if (length === 0)
    return shown === undefined ? null : { layout, channels: shown, size: null, isShown: true };
  const fits = (channels: 1 | 3) => side(length, channels) > 0;
  const isShown = shown !== undefined && fits(shown);
  const channels = isShown ? shown : CHANNELS.find(fits);
  if (channels === undefined) return null;
  const width = side(length, channels);
  return { layout, channels, size: { width, height: width }, isShown };
}

/** The side of a square of that many pixels; 0 where it is none. */
function side(length: number, channels: number): number {
  const whole = Math.round(Math.sqrt(length / channels));
  return whole >= SMALLEST_SIDE && whole * whole * channels === length ? whole : 0;
}
