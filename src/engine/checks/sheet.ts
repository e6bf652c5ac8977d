/** Rows of pictures as one: the first apart from the rest, and groups apart from each other. */
import { cover, type PictureStack } from '../runtime/imageCodec.ts';

const GAP = 2;
const GROUP_GAP = 10;
/** Between a light and a dark page. */
const GROUND = 128;

/** @param rows pictures of any size; each is brought to the first one's  @param groups how many columns belong together */
export async function pictureSheet(
  rows: readonly (readonly PictureStack[])[],
  groups: readonly number[],
): Promise<PictureStack> {
  const [first] = rows[0] ?? [];
  const { width: w, height: h } = first ?? { width: 1, height: 1 };
  const lefts: number[] = [];
  let x = 0;
  for (const count of groups) {
    for (let i = 0; i < count; i++) {
      lefts.push(x);
      x += w + GAP;
    }
    x += GROUP_GAP - GAP;
  }
  const width = Math.max(1, x - GROUP_GAP);
  const height = Math.max(1, rows.length * (h + GAP) - GAP);
  const data = new Uint8Array(width * height * 4).fill(GROUND);
  for (let at = 3; at < data.length; at += 4) data[at] = 255;
  for (const [row, pictures] of rows.entries())
    for (const [column, picture] of pictures.entries()) {
      const fits = picture.width === w && picture.height === h;
      const { data: own } = fits ? picture : await cover(picture, w, h);
      for (let y = 0; y < h; y++)
        data.set(
          own.subarray(y * w * 4, (y + 1) * w * 4),
          ((row * (h + GAP) + y) * width + (lefts[column] ?? 0)) * 4,
        );
    }
  return { count: 1, width, height, data };
}
