/**
 * What agreement chance gives: masks compared with the segmentations of *other* images of the same sample (ALGORITHMS.md,
 * section 2). A unit that fires on the lower half of every picture agrees with "grass" there too; only what is above this
 * is more than habit.
 *
 * An image's partner is drawn from those shortly before it, cyclically, whatever its class. One shift for all images would
 * not do: samples take their classes in turn, so that a shift pairs either images of one class only or of two classes
 * only, while chance mixes them; the first kind alone would then decide what chance can reach.
 */
import { type AgreementTotals, countShared } from './agreement.ts';
import type { LabelMap } from './labelMap.ts';

/** Draws of the null; a unit's bar is read from as many. */
const DRAWS = 5;
/** Partners are at least as many images, and a whole number of turns of the classes where that is not too many. */
const FEWEST = 16;
const MOST = 32;

/** Up to five different numbers, one for each draw; the last is the number of images to choose a partner from, less one. */
export function nullShifts(classes: number, samples: number): readonly number[] {
  const turns = classes > 1 && classes <= MOST ? classes * Math.ceil(FEWEST / classes) : FEWEST;
  const partners = Math.min(turns, samples - 1);
  const draws = Math.min(DRAWS, partners);
  return Array.from({ length: draws }, (_, k) => Math.floor(((k + 1) * partners) / draws) - 1);
}

/** The label maps of the images before the present one. Prime it with the last ones of the sample: it is a cycle. */
export class ShiftedLabels {
  readonly #ring: (LabelMap | undefined)[];
  #next = 0;
  #image: number;

  /** @param image place in the sample of the image that comes after the primed ones: its partners are drawn by it */
  constructor(shifts: readonly number[], image = 0) {
    this.#ring = new Array<LabelMap | undefined>(Math.max(0, ...shifts) + 1);
    this.#image = image - this.#ring.length;
  }

  /** How many images have to be primed. */
  get length(): number {
    return this.#ring.length;
  }

  push(labels: LabelMap): void {
    this.#ring[this.#next] = labels;
    this.#next = (this.#next + 1) % this.#ring.length;
    this.#image++;
  }

  /** The present image's partner in the draw of this shift: another one for each shift, 1 … `length` images before. */
  partner(shift: number): LabelMap {
    const { length } = this.#ring;
    const found = this.#ring[(this.#next + scatter(this.#image) + shift) % length];
    if (found === undefined) throw new RangeError(`Fewer than ${length} label maps before this one.`);
    return found;
  }
}

/** A number below 2^20 for each image, neighbours' far apart: multiplied by 2^32 over the golden ratio (Knuth, volume 3). */
function scatter(image: number): number {
  return Math.imul(image, 0x9e3779b1) >>> 12;
}

/** Pixels that masks share with the concepts of their images' partners, [shifts, units, concepts]. */
export class NullCounts {
  readonly shifts: readonly number[];
  readonly units: number;
  readonly concepts: number;
  readonly both: Uint32Array;

  constructor(shifts: readonly number[], units: number, concepts: number, both?: Uint32Array) {
    this.shifts = shifts;
    this.units = units;
    this.concepts = concepts;
    this.both = both ?? new Uint32Array(shifts.length * units * concepts);
  }

  /** A mask as `AgreementCounts.addMask` takes it. */
  addMask(unit: number, spans: Int32Array, n: number, labels: ShiftedLabels): void {
    this.shifts.forEach((shift, k) => {
      const base = (k * this.units + unit) * this.concepts;
      countShared(this.both, base, this.concepts, spans, n, labels.partner(shift));
    });
  }

  /** max over concepts of the IoU with partners, [shifts, units]: a draw of the null for each unit and shift. */
  statistics({ mask, concept }: AgreementTotals): Float64Array {
    const { units, concepts } = this;
    const best = new Float64Array(this.shifts.length * units);
    for (let row = 0; row < best.length; row++) {
      for (let c = 0; c < concepts; c++) {
        const both = this.both[row * concepts + c] as number;
        const union = (mask[row % units] as number) + (concept[c] as number) - both;
        if (union > 0) best[row] = Math.max(best[row] as number, both / union);
      }
    }
    return best;
  }
}

/** The largest draw of each unit, [units]. */
export function nullOfUnits(statistics: Float64Array, units: number): Float64Array {
  const most = new Float64Array(units);
  statistics.forEach((value, i) => {
    most[i % units] = Math.max(most[i % units] as number, value);
  });
  return most;
}

/** Student's t, upper 1 %, by degrees of freedom from 1. */
const T99 = [31.82, 6.965, 4.541, 3.747];

/**
 * What a unit's IoU has to exceed to be more than chance, [units]: of one more draw of its null 99 % would stay below, as
 * far as its draws tell (upper prediction bound of a normal). Each unit has a bar of its own, for units with large masks
 * reach far more by chance than those with small ones, and one bar for all would be theirs.
 */
export function nullBars(statistics: Float64Array, units: number): Float64Array {
  const draws = statistics.length / units;
  const most = nullOfUnits(statistics, units);
  const t = T99[draws - 2];
  if (t === undefined) return most;
  return most.map((highest, unit) => {
    const own = Array.from({ length: draws }, (_, k) => statistics[k * units + unit] as number);
    const mean = own.reduce((sum, value) => sum + value, 0) / draws;
    const variance = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (draws - 1);
    return Math.max(highest, mean + t * Math.sqrt(variance * (1 + 1 / draws)));
  });
}

/** The value that the share `level` of the draws does not exceed, interpolated as NumPy does. */
export function percentile(values: ArrayLike<number>, level: number): number {
  return percentileOfSorted(Float64Array.from(values).sort(), level);
}

/** The same of values in ascending order. */
export function percentileOfSorted(sorted: Float64Array, level: number): number {
  if (sorted.length === 0) return 0;
  const at = level * (sorted.length - 1);
  const low = sorted[Math.floor(at)] as number;
  const high = sorted[Math.ceil(at)] as number;
  return low + (high - low) * (at - Math.floor(at));
}
