/** Feature maps of an image, and the size that masks and concepts are compared at. */

/** Where one image's feature maps lie, and which image it is. */
export interface ImageMaps {
  /** Place in the sample. */
  readonly index: number;
  /** float32 [units, h, w] from `offset` on. */
  readonly maps: Float32Array;
  readonly offset: number;
}

/** Height and width of the picture, smaller where it is larger than `longest`. */
export function mapSize(
  image: { readonly width: number; readonly height: number },
  longest: number,
): readonly [number, number] {
  const scale = Math.min(1, longest / Math.max(image.width, image.height));
  return [Math.max(1, Math.round(image.height * scale)), Math.max(1, Math.round(image.width * scale))];
}
