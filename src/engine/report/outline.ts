/** A unit's mask drawn into a picture: its rim, so that what it is about stays visible. */
import type { Bilinear } from '../../algorithms/dissection/bilinear.ts';
import type { PictureStack } from '../runtime/imageCodec.ts';

/** Yellow, as RGBA bytes. */
const RIM = [255, 222, 40, 255] as const;

/** Where a unit's map lies, and the level above which a pixel is its. */
export interface UnitMap {
  /** float32 [h, w] from `offset` on. */
  readonly maps: Float32Array;
  readonly offset: number;
  readonly level: number;
}

/** A copy of picture `i` of the stack with the mask's rim; `bilinear` enlarges maps to its size. */
export function outlined(
  pictures: PictureStack,
  i: number,
  bilinear: Bilinear,
  { maps, offset, level }: UnitMap,
): PictureStack {
  const { width, height } = pictures;
  const bytes = width * height * 4;
  const data = pictures.data.slice(i * bytes, (i + 1) * bytes);
  const values = new Float32Array(width * height);
  bilinear.enlarge(maps, offset, values);
  const inside = (x: number, y: number) =>
    x < 0 || y < 0 || x >= width || y >= height || (values[y * width + x] as number) > level;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!inside(x, y)) continue;
      const rim = !(inside(x - 1, y) && inside(x + 1, y) && inside(x, y - 1) && inside(x, y + 1));
      if (rim) data.set(RIM, (y * width + x) * 4);
    }
  }
  return { count: 1, width, height, data };
}
