/** The size that masks and concepts are compared at. */

/** Height and width of the picture, smaller where it is larger than `longest`. */
export function mapSize(
  image: { readonly width: number; readonly height: number },
  longest: number,
): readonly [number, number] {
  const scale = Math.min(1, longest / Math.max(image.width, image.height));
  return [Math.max(1, Math.round(image.height * scale)), Math.max(1, Math.round(image.width * scale))];
}
