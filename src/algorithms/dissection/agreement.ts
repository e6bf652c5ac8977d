/**
 * Counts of pixels that a unit's mask and a concept share, in blocks of images (ALGORITHMS.md, section 2). Masks are runs
 * of pixels (`MaskSpans`), and so are concepts: each piece of a run is looked up in the label map once, so that the cost
 * grows neither with the number of concepts nor with the number of pixels.
 */
import type { LabelMap } from './labelMap.ts';

export interface AgreementSize {
  readonly units: number;
  readonly concepts: number;
  readonly blocks: number;
}

/** All counts of one layer. Memory depends on units, concepts and blocks, never on the number of images. */
export class AgreementCounts {
  readonly size: AgreementSize;
  /** [blocks, units, concepts] */
  readonly both: Uint32Array;
  /** [blocks, units] */
  readonly mask: Float64Array;
  /** [blocks, concepts] */
  readonly concept: Float64Array;
  /** Pixels seen, [blocks]. */
  readonly pixels: Float64Array;

  constructor(size: AgreementSize, state?: AgreementState) {
    const { units, concepts, blocks } = size;
    this.size = size;
    this.both = state?.both ?? new Uint32Array(blocks * units * concepts);
    this.mask = state?.mask ?? new Float64Array(blocks * units);
    this.concept = state?.concept ?? new Float64Array(blocks * concepts);
    this.pixels = state?.pixels ?? new Float64Array(blocks);
  }

  /** One image's label map: once per image, before or after its units. */
  addLabels(block: number, labels: LabelMap): void {
    const base = block * this.size.concepts;
    countConcepts(this.concept, base, this.size.concepts, labels);
    this.pixels[block] = (this.pixels[block] as number) + labels.pixels;
  }

  /** One unit's mask over that image: the first `n` runs of `spans`, each from one pixel to that before another. */
  addMask(block: number, unit: number, spans: Int32Array, n: number, labels: LabelMap): void {
    const { units, concepts } = this.size;
    const row = block * units + unit;
    let pixels = 0;
    for (let i = 0; i < 2 * n; i += 2) pixels += (spans[i + 1] as number) - (spans[i] as number);
    this.mask[row] = (this.mask[row] as number) + pixels;
    countShared(this.both, row * concepts, concepts, spans, n, labels);
  }
}

/** What a `AgreementCounts` can be made again from. */
export type AgreementState = Pick<AgreementCounts, 'both' | 'mask' | 'concept' | 'pixels'>;

/** counts[base + c] grows by the pixels that show concept c. */
export function countConcepts(
  counts: Float64Array,
  base: number,
  concepts: number,
  { planes, ends }: LabelMap,
): void {
  planes.forEach((plane, k) => {
    const end = ends[k] as Int32Array;
    for (let i = 0; i < plane.length; ) {
      const label = plane[i] as number;
      const next = end[i] as number;
      if (label < concepts) counts[base + label] = (counts[base + label] as number) + next - i;
      i = next;
    }
  });
}

/** counts[base + c] grows by the pixels of the mask that show concept c. */
export function countShared(
  counts: Uint32Array,
  base: number,
  concepts: number,
  spans: Int32Array,
  n: number,
  { planes, ends }: LabelMap,
): void {
  for (let k = 0; k < planes.length; k++) {
    const plane = planes[k] as Uint16Array;
    const endOf = ends[k] as Int32Array;
    for (let i = 0; i < 2 * n; i += 2) {
      const end = spans[i + 1] as number;
      for (let at = spans[i] as number; at < end; ) {
        const label = plane[at] as number;
        const next = Math.min(endOf[at] as number, end);
        if (label < concepts) counts[base + label] = (counts[base + label] as number) + next - at;
        at = next;
      }
    }
  }
}

/** Sums over blocks, as [units, concepts], [units], [concepts]. */
export interface AgreementTotals {
  readonly both: Float64Array;
  readonly mask: Float64Array;
  readonly concept: Float64Array;
  readonly pixels: number;
}

/** @param weights how often each block counts; once, unless said (an interval draws blocks again and again) */
export function totals(counts: AgreementCounts, weights?: ArrayLike<number>): AgreementTotals {
  const { units, concepts, blocks } = counts.size;
  const both = new Float64Array(units * concepts);
  const mask = new Float64Array(units);
  const concept = new Float64Array(concepts);
  let pixels = 0;
  for (let block = 0; block < blocks; block++) {
    const weight = weights === undefined ? 1 : (weights[block] as number);
    if (weight === 0) continue;
    addScaled(both, counts.both, block * both.length, weight);
    addScaled(mask, counts.mask, block * units, weight);
    addScaled(concept, counts.concept, block * concepts, weight);
    pixels += weight * (counts.pixels[block] as number);
  }
  return { both, mask, concept, pixels };
}

function addScaled(sum: Float64Array, from: ArrayLike<number>, offset: number, weight: number): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + weight * (from[offset + i] as number);
}

/** IoU of every unit with every concept, [units, concepts]: counts summed over the sample, divided once. */
export function agreementOf({ both, mask, concept }: AgreementTotals): Float64Array {
  const concepts = concept.length;
  return both.map((shared, i) => {
    const union = (mask[Math.floor(i / concepts)] as number) + (concept[i % concepts] as number) - shared;
    return union > 0 ? shared / union : 0;
  });
}
