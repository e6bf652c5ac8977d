/** What a segmentation says of a picture: a concept for each pixel, or one of each category. */

/** The concept of a pixel that has none. */
export const NO_CONCEPT = 0xffff;

export interface LabelMap {
  readonly height: number;
  readonly width: number;
  readonly pixels: number;
  /**
   * Each [height·width], values 0 … concepts − 1 or NO_CONCEPT. Most segmenters give one plane; one that names an object
   * and its part gives two, whose concepts are numbered one after the other.
   */
  readonly planes: readonly Uint16Array[];
  /** Of each pixel of each plane, the pixel after the last of the run of equal ones that it lies in, row after row. */
  readonly ends: readonly Int32Array[];
}

export function labelMap(height: number, width: number, planes: readonly Uint16Array[]): LabelMap {
  return { height, width, pixels: height * width, planes, ends: planes.map(endsOfRuns) };
}

function endsOfRuns(plane: Uint16Array): Int32Array {
  const ends = new Int32Array(plane.length);
  let end = plane.length;
  for (let i = plane.length - 1; i >= 0; i--) {
    if (plane[i] !== plane[end - 1]) end = i + 1;
    ends[i] = end;
  }
  return ends;
}
