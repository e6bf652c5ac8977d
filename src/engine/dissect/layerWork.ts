/** One layer under dissection: what is counted of it, pass by pass. */
import { AgreementCounts, type AgreementState } from '../../algorithms/dissection/agreement.ts';
import { Bilinear } from '../../algorithms/dissection/bilinear.ts';
import type { LabelMap } from '../../algorithms/dissection/labelMap.ts';
import { LevelSketches } from '../../algorithms/dissection/levelSketches.ts';
import { type BestLevel, LevelCounts, TAILS } from '../../algorithms/dissection/levels.ts';
import { NullCounts, type ShiftedLabels } from '../../algorithms/dissection/nullBaseline.ts';
import { TopSamples } from '../../algorithms/dissection/topSamples.ts';
import type { LevelMode } from '../../shared/dissection.ts';
import type { LayerDescription } from '../../shared/model.ts';

/** Samples kept for each unit. */
const TOP = 10;

export interface LayerWorkSize {
  readonly concepts: number;
  readonly blocks: number;
  readonly shifts: readonly number[];
  /** The maps compared: height, width. */
  readonly maps: readonly [number, number];
}

/** Where one image's feature maps lie, and which image it is. */
export interface ImageMaps {
  /** Place in the sample. */
  readonly index: number;
  /** float32 [units, h, w] from `offset` on. */
  readonly maps: Float32Array;
  readonly offset: number;
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
  /** The level of each unit; null until the level pass is over. */
  levels: Float64Array | null = null;
  /** In `iqr` mode what each level was chosen for. */
  chosen: readonly BestLevel[] | null = null;
  readonly #bilinear: Bilinear;
  readonly #size: LayerWorkSize;
  readonly #pixels: Int32Array;
  readonly #values: Float64Array;
  #sketches: LevelSketches | null = null;
  #choice: LevelCounts | null = null;

  constructor(layer: LayerDescription, size: LayerWorkSize, saved?: SavedLayer) {
    const { units } = layer;
    this.layer = layer;
    this.units = units;
    this.#size = size;
    this.#bilinear = new Bilinear(layer.resolution, size.maps);
    this.#pixels = new Int32Array(this.#bilinear.pixels);
    this.#values = new Float64Array(this.#bilinear.pixels);
    this.counts = new AgreementCounts({ units, concepts: size.concepts, blocks: size.blocks }, saved);
    this.chance = new NullCounts(size.shifts, units, size.concepts, saved?.nullBoth);
    this.top = new TopSamples(units, TOP, saved && { indices: saved.topIndices, values: saved.topValues });
    this.sum = saved?.sum ?? new Float64Array(units);
    this.peak = saved?.peak ?? new Float64Array(units).fill(-Infinity);
    this.levels = saved?.levels ?? null;
  }

  /** @param tail the one share of pixels that levels are wanted for; null for all of them (no values are skipped) */
  beginLevels(tail: number | null): void {
    this.#sketches = new LevelSketches({ units: this.units, bilinear: this.#bilinear, tail });
  }

  addLevels({ maps, offset }: ImageMaps): void {
    this.#sketches?.add(maps, offset);
  }

  /** @returns false when some level lies where values were skipped: then read the sample again without skipping */
  settleLevels(mode: LevelMode): boolean {
    const sketches = this.#sketches;
    if (sketches === null) throw new TypeError('No levels were begun.');
    this.#sketches = null;
    if (mode.mode === 'iqr') {
      this.#choice = new LevelCounts(this.units, this.#size.concepts, sketches.levels(TAILS));
      return true;
    }
    const levels = sketches.levels([mode.quantile]);
    if (levels.some(Number.isNaN)) return false;
    this.levels = levels;
    return true;
  }

  /** `iqr` mode: what each level would agree with, on the sample that levels are chosen on. */
  addChoice({ maps, offset }: ImageMaps, labels: LabelMap): void {
    const choice = this.#choice;
    if (choice === null) throw new TypeError('No levels were settled.');
    choice.addLabels(labels);
    for (let unit = 0; unit < this.units; unit++) {
      const from = offset + unit * this.#bilinear.cells;
      const n = this.#bilinear.search(maps, from, choice.leastLevel(unit), this.#pixels, this.#values);
      choice.addMap(unit, this.#pixels, this.#values, n, labels);
    }
  }

  settleChoice(): void {
    this.setChosen(this.#choice?.best() ?? []);
    this.#choice = null;
  }

  setChosen(chosen: readonly BestLevel[]): void {
    this.chosen = chosen;
    this.levels = Float64Array.from(chosen, ({ level }) => level);
  }

  /** @param shifted label maps of the images before this one */
  addAgreement(image: ImageMaps, block: number, labels: LabelMap, shifted: ShiftedLabels): void {
    const levels = this.levels;
    if (levels === null) throw new TypeError('No levels were settled.');
    const { cells } = this.#bilinear;
    this.counts.addLabels(block, labels);
    for (let unit = 0; unit < this.units; unit++) {
      const offset = image.offset + unit * cells;
      const peak = this.#summarise(unit, image.maps, offset, cells);
      this.top.add(unit, image.index, peak);
      const level = levels[unit] as number;
      // Nothing between cells is higher than the cells.
      const n = peak > level ? this.#bilinear.above(image.maps, offset, level, this.#pixels) : 0;
      this.counts.addMask(block, unit, this.#pixels, n, labels);
      if (n > 0) this.chance.addMask(unit, this.#pixels, n, shifted);
    }
  }

  #summarise(unit: number, maps: Float32Array, offset: number, cells: number): number {
    let sum = 0;
    let peak = -Infinity;
    for (let i = offset; i < offset + cells; i++) {
      const value = maps[i] as number;
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

  /** Everything of the agreement pass; the arrays in use, not copies. */
  state(): SavedLayer {
    const { both, mask, concept, pixels } = this.counts;
    return {
      ...{ both, mask, concept, pixels },
      nullBoth: this.chance.both,
      topIndices: this.top.indices,
      topValues: this.top.values,
      sum: this.sum,
      peak: this.peak,
      levels: this.levels ?? new Float64Array(this.units).fill(Number.NaN),
    };
  }
}

export interface SavedLayer extends AgreementState {
  readonly nullBoth: Uint32Array;
  readonly topIndices: Int32Array;
  readonly topValues: Float64Array;
  readonly sum: Float64Array;
  readonly peak: Float64Array;
  readonly levels: Float64Array;
}
