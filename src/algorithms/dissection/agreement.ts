/**
 * Counts of pixels that a unit's mask and a concept share, in blocks of images (ALGORITHMS.md, section 2). Masks are lists
 * of pixels, of which there are few (1 %): each is looked up in the label map once, so that the cost does not grow with
 * the number of concepts.
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
    for (const plane of labels.planes) {
      for (let i = 0; i < plane.length; i++) {
        const label = plane[i] as number;
        if (label < this.size.concepts)
          this.concept[base + label] = (this.concept[base + label] as number) + 1;
      }
    }
    this.pixels[block] = (this.pixels[block] as number) + labels.pixels;
  }

  /** One unit's mask over that image: the first `n` of `pixels`. */
  addMask(block: number, unit: number, pixels: Int32Array, n: number, labels: LabelMap): void {
    const { units, concepts } = this.size;
    const row = block * units + unit;
    this.mask[row] = (this.mask[row] as number) + n;
    countShared(this.both, row * concepts, concepts, pixels, n, labels);
  }
}

/** What a `AgreementCounts` can be made again from. */
export type AgreementState = Pick<AgreementCounts, 'both' | 'mask' | 'concept' | 'pixels'>;

/** counts[base + c] grows by the pixels of the mask that show concept c. */
export function countShared(
  counts: Uint32Array,
  base: number,
  concepts: number,
  pixels: Int32Array,
  n: number,
  labels: LabelMap,
): void {
  for (const plane of labels.planes) {
    for (let i = 0; i < n; i++) {
      const label = plane[pixels[i] as number] as number;
      if (label < concepts) counts[base + label] = (counts[base + label] as number) + 1;
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
