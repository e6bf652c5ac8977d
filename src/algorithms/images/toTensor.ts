/** From bytes to what a model takes, with NumPy's roundings: float32 after each step. */
import type { Placement } from './placement.ts';

export interface ValueRules {
  /** Multiplied with each byte; null for none. */
  readonly scale: number | null;
  /** 1 is taken off after scaling: [0, 2] becomes [−1, 1]. */
  readonly offset: boolean;
  /** Taken off and divided by, per channel; null for none. */
  readonly normal: { readonly mean: readonly number[]; readonly std: readonly number[] } | null;
  /** Blue first. */
  readonly flipChannels: boolean;
  /** What lies around a picture that is too small: black before the values are changed, or zeros after. */
  readonly padding: 'black' | 'zeros';
}

/** The float of every byte in every channel. @returns [3·256] */
export function valueTable({ scale, offset, normal }: ValueRules): Float32Array {
  const { fround } = Math;
  return Float32Array.from({ length: 3 * 256 }, (_, i) => {
    const channel = i >> 8;
    let value = i & 255;
    // The product is one of doubles, rounded once (transformers `rescale`).
    if (scale !== null) value = fround(value * scale);
    if (offset) value = fround(value - 1);
    if (normal === null) return value;
    const centred = fround(value - fround(normal.mean[channel] as number));
    return fround(centred / fround(normal.std[channel] as number));
  });
}

/** Writes [3, height, width] of one resized picture into `out` from `at`. @param bytes RGBA of `placement.resized` */
export function writeTensor(
  bytes: Uint8Array,
  placement: Placement,
  table: Float32Array,
  { flipChannels, padding }: ValueRules,
  out: Float32Array,
  at: number,
): void {
  const [height, width] = placement.input;
  const [rows, columns] = placement.resized;
  const [top, left] = placement.start;
  const plane = height * width;
  const red = at + (flipChannels ? 2 * plane : 0);
  const green = at + plane;
  const blue = at + (flipChannels ? 0 : 2 * plane);
  const padded = top < 0 || left < 0 || top + height > rows || left + width > columns;
  for (const [channel, base] of padded ? [red, green, blue].entries() : [])
    out.fill(padding === 'black' ? (table[channel * 256] as number) : 0, base, base + plane);
  const firstX = Math.max(0, -left);
  const endX = Math.min(width, columns - left);
  for (let y = Math.max(0, -top); y < Math.min(height, rows - top); y++) {
    let from = ((top + y) * columns + left + firstX) * 4;
    for (let to = y * width + firstX; to < y * width + endX; to++, from += 4) {
      out[red + to] = table[bytes[from] as number] as number;
      out[green + to] = table[256 + (bytes[from + 1] as number)] as number;
      out[blue + to] = table[512 + (bytes[from + 2] as number)] as number;
    }
  }
}
