/** One layer under dissection: what is counted of it, pass by pass. */
import { AgreementCounts, type AgreementState } from '../../algorithms/dissection/agreement.ts';
import { Bilinear } from '../../algorithms/dissection/bilinear.ts';
import type { LabelMap } from '../../algorithms/dissection/labelMap.ts';
import { MaskSpans } from '../../algorithms/dissection/maskSpans.ts';
import { NullCounts, type ShiftedLabels } from '../../algorithms/dissection/nullBaseline.ts';
import { TopSamples } from '../../algorithms/dissection/topSamples.ts';
import type { LayerDescription } from '../../shared/generator/model.ts';
import { type LevelRules, LevelWork } from './levelWork.ts';
import type { ImageMaps } from './maps.ts';

/** Samples kept for each unit. */
const TOP = 10;

export interface LayerWorkSize {
  readonly concepts: number;
  readonly blocks: number;
  readonly shifts: readonly number[];
  /** The maps compared: height, width. */
  readonly maps: readonly [number, number];
  /** Of levels, where another definition than ours is asked for. */
  readonly rules?: LevelRules;
}

export class LayerWork {
  readonly layer: LayerDescription;
  readonly units: number;
  readonly counts: AgreementCounts;
  readonly chance: NullCounts;
  readonly top: TopSamples;
  /** Sum of activations of each unit over the agreement sample. */
  readonly sum: Float64Array;
  readonly peak: Float64Array;
  readonly level: LevelWork;
  readonly #bilinear: Bilinear;
  readonly #mask: MaskSpans;

  /** @param saved counts of the same layer to go on from */
  constructor(layer: LayerDescription, size: LayerWorkSize, saved?: SavedCounts) {
    const { units } = layer;
    this.layer = layer;
    this.units = units;
    this.#bilinear = new Bilinear(layer.resolution, size.maps);
    this.#mask = new MaskSpans(this.#bilinear);
    this.level = new LevelWork(units, size.concepts, this.#bilinear, size.rules);
    this.counts = new AgreementCounts({ units, concepts: size.concepts, blocks: size.blocks }, saved);
    this.chance = new NullCounts(size.shifts, units, size.concepts, saved?.nullBoth);
    this.top = new TopSamples(units, TOP, saved && { indices: saved.topIndices, values: saved.topValues });
    this.sum = saved?.sum ?? new Float64Array(units);
    this.peak = saved?.peak ?? new Float64Array(units).fill(-Infinity);
  }

  /** @param shifted label maps of the images before this one */
  addAgreement(image: ImageMaps, block: number, labels: LabelMap, shifted: ShiftedLabels): void {
    const { levels } = this.level;
    if (levels === null) throw new TypeError('No levels were settled.');
    const { cells } = this.#bilinear;
    this.counts.addLabels(block, labels);
    for (let unit = 0; unit < this.units; unit++) {
      const offset = image.offset + unit * cells;
      const peak = this.#summarise(unit, image.maps, offset, cells);
      if (peak > -Infinity) this.top.add(unit, image.index, peak);
      const level = levels[unit] as number;
      // Nothing between cells is higher than the cells.
      const n = peak > level ? this.#mask.find(image.maps, offset, level) : 0;
      if (n === 0) continue;
      this.counts.addMask(block, unit, this.#mask.bounds, n, labels);
      this.chance.addMask(unit, this.#mask.bounds, n, shifted);
    }
  }

  #summarise(unit: number, maps: Float32Array, offset: number, cells: number): number {
    let sum = 0;
    let peak = -Infinity;
    for (let i = offset; i < offset + cells; i++) {
      const value = maps[i] as number;
      // A stray infinity (half precision) would be all that is left of a sum.
      if (value - value !== 0) continue;
      sum += value;
      if (value > peak) peak = value;
    }
    this.sum[unit] = (this.sum[unit] as number) + sum;
    if (peak > (this.peak[unit] as number)) this.peak[unit] = peak;
    return peak;
  }

  /** Mean activation of each unit over `images` images. */
  means(images: number): Float64Array {
    return this.sum.map((sum) => sum / Math.max(1, images * this.#bilinear.cells));
  }

  /** What the agreement pass has counted; the arrays in use, not copies. */
  state(): SavedCounts {
    const { both, mask, concept, pixels } = this.counts;
    return {
      ...{ both, mask, concept, pixels },
      nullBoth: this.chance.both,
      topIndices: this.top.indices,
      topValues: this.top.values,
      sum: this.sum,
      peak: this.peak,
    };
  }
}

export interface SavedCounts extends AgreementState {
  readonly nullBoth: Uint32Array;
  readonly topIndices: Int32Array;
  readonly topValues: Float64Array;
  readonly sum: Float64Array;
  readonly peak: Float64Array;
}
