/** How much of a picture shows each concept, before and after. */
import type { LabelMap } from '../dissection/labelMap.ts';

/** Shares of the picture's pixels by concept, into `out[offset …]`. */
export function areasOf(labels: LabelMap, concepts: number, out: Float64Array, offset: number): void {
  out.fill(0, offset, offset + concepts);
  for (const plane of labels.planes)
    for (let i = 0; i < plane.length; i++) {
      const label = plane[i] as number;
      if (label < concepts) out[offset + label] = (out[offset + label] as number) + 1;
    }
  for (let c = offset; c < offset + concepts; c++) out[c] = (out[c] as number) / labels.pixels;
}

/** One concept, or several together (house = wall + roof + …), picture by picture. */
export function areaSeries(areas: Float64Array, concepts: number, chosen: readonly number[]): Float64Array {
  return Float64Array.from({ length: areas.length / concepts }, (_, image) =>
    chosen.reduce((sum, c) => sum + (areas[image * concepts + c] as number), 0),
  );
}
