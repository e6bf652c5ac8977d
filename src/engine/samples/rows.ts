/** Pictures that stand beside each other: brought to one size without touching a pixel's colour. */
import { joinPictures } from '../pictures/pixels.ts';
import type { PictureStack } from '../runtime/imageCodec.ts';

/**
 * The pictures of a row as one stack of the largest width and height among them; smaller ones are enlarged by repeating
 * pixels, so that what a super-resolution model is given can be compared with what it makes of it.
 */
export function alike(pictures: readonly PictureStack[]): PictureStack {
  const width = Math.max(...pictures.map((picture) => picture.width));
  const height = Math.max(...pictures.map((picture) => picture.height));
  return joinPictures(pictures.map((picture) => stretched(picture, width, height)));
}

/** Each picture of the stack about the centre of a larger black one. */
export function padded(stack: PictureStack, width: number, height: number): PictureStack {
  if (stack.width === width && stack.height === height) return stack;
  const left = Math.floor((width - stack.width) / 2);
  const top = Math.floor((height - stack.height) / 2);
  return remapped(stack, width, height, (x, y) =>
    x < left || y < top || x >= left + stack.width || y >= top + stack.height ? null : [x - left, y - top],
  );
}

function stretched(stack: PictureStack, width: number, height: number): PictureStack {
  if (stack.width === width && stack.height === height) return stack;
  const across = stack.width / width;
  const down = stack.height / height;
  return remapped(stack, width, height, (x, y) => [
    Math.floor((x + 0.5) * across),
    Math.floor((y + 0.5) * down),
  ]);
}

/** Opaque black. */
const BLACK = 0xff000000;

/** @param from the pixel of each picture that stands at (x, y) of the new one; null for black */
function remapped(
  stack: PictureStack,
  width: number,
  height: number,
  from: (x: number, y: number) => readonly [number, number] | null,
): PictureStack {
  const source = new Uint32Array(stack.data.slice().buffer);
  const target = new Uint32Array(stack.count * width * height).fill(BLACK);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = from(x, y);
      if (at === null) continue;
      const [sourceX, sourceY] = at;
      for (let i = 0; i < stack.count; i++)
        target[(i * height + y) * width + x] = source[
          (i * stack.height + sourceY) * stack.width + sourceX
        ] as number;
    }
  return { count: stack.count, width, height, data: new Uint8Array(target.buffer) };
}
