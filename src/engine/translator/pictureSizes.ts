/** Which sizes an image-to-image graph takes, where its file does not say: found by trying. */
import type { Planes } from '../../algorithms/images/planes.ts';
import type { DeclaredShape } from '../../shared/generator/model.ts';
import type { ImageRole } from '../../shared/generator/roles.ts';

export interface PictureSize {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Sides to try where any should do: cheap ones first, then what published models were trained at. */
const SIDES = [64, 256, 128, 512, 224];
/** U-Nets of eight scales want multiples of 256; nothing published wants more. */
const LARGEST_MULTIPLE = 256;

/** What the file declares as the picture's sizes: one, or where axes are left open those to try in turn. */
export function sizesToTry(shape: DeclaredShape, layout: ImageRole['layout']): PictureSize[] {
  const [, second, third, fourth] = shape;
  const [channels, height, width] = layout === 'NCHW' ? [second, third, fourth] : [fourth, second, third];
  const known = (dim: number | string | undefined) => (typeof dim === 'number' && dim > 0 ? dim : undefined);
  const side = known(height) ?? known(width);
  const sides = side === undefined ? SIDES : [side];
  const colours = known(channels) === undefined ? [3, 1] : [known(channels) as number];
  return sides.flatMap((one) =>
    colours.map((channel) => ({
      channels: channel,
      height: known(height) ?? one,
      width: known(width) ?? one,
    })),
  );
}

/** True where both height and width are left open. */
export function takesAnySize(shape: DeclaredShape, layout: ImageRole['layout']): boolean {
  const sides = layout === 'NCHW' ? shape.slice(2, 4) : shape.slice(1, 3);
  return sides.every((dim) => typeof dim !== 'number' || dim <= 0);
}

/**
 * The smallest power of two whose multiples the graph takes: a size counts when it runs and comes out enlarged like
 * the size known to work. ResNet generators put out whole multiples of 4 for any size, U-Nets refuse what does not halve.
 * Null where nothing but the known size works: it is fixed inside.
 */
export async function smallestMultiple(
  known: PictureSize,
  enlargement: number,
  outputOf: (size: PictureSize) => Promise<{ readonly width: number; readonly height: number } | null>,
): Promise<number | null> {
  for (let multiple = 1; multiple <= Math.min(LARGEST_MULTIPLE, known.height); multiple *= 2) {
    // Both sides differ, and neither is a multiple of more: some graphs take squares only.
    const size = {
      channels: known.channels,
      height: known.height + multiple,
      width: known.width + 3 * multiple,
    };
    const output = await outputOf(size);
    if (output?.height === size.height * enlargement && output.width === size.width * enlargement)
      return multiple;
  }
  return null;
}

/** A picture to try a model with: soft coloured waves from black to white, others for another index. */
export function probePicture(index: number, { channels, height, width }: PictureSize): Planes {
  const data = new Float32Array(channels * height * width);
  let at = 0;
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const across = ((index + 1) * x) / width;
        const down = ((2 - (index % 2)) * y) / height;
        data[at++] = Math.sin(2 * Math.PI * (across + down) + 2 * c) * (1 - 0.5 * (y / height));
      }
  return { channels, height, width, data };
}
