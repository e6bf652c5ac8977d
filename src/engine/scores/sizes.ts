/** Pictures of two sizes are brought to one by the extractor, and part of every score is then that. */

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Aspects closer than this are the same, rounding of sides included. */
const SAME_ASPECT = 0.02;

export function sizeWarnings(samples: Size | null, reference: Size | null): readonly string[] {
  if (samples === null || reference === null) return [];
  if (samples.width === reference.width && samples.height === reference.height) return [];
  const sizes = `Pictures of the reference are ${text(reference)}, samples ${text(samples)}`;
  const aspect = (samples.width / samples.height) * (reference.height / reference.width);
  return Math.abs(aspect - 1) > SAME_ASPECT
    ? [
        `${sizes}: both are stretched to the extractor’s size. Cut the reference as the training pictures were cut.`,
      ]
    : [
        `${sizes}: part of each score is that one is sharper. Bring the reference to the size of the samples.`,
      ];
}

function text({ width, height }: Size): string {
  return `${width}×${height}`;
}
