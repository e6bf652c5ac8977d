/**
 * The `iqr` mode (gandissect `collect_iqr`): instead of the same tail for all units, each unit gets the level at which its
 * mask tells most about a concept. Levels are tried on one sample and judged on another.
 */
import { countConcepts } from './agreement.ts';
import { agreementShare, informationQuality, intersectionOverUnion } from './information.ts';
import type { LabelMap } from './labelMap.ts';

/** numpy.logspace(-3, 0, 100): shares of the pixels that a level leaves above it. */
export const TAILS: readonly number[] = Array.from({ length: 100 }, (_, i) => 10 ** (-3 + (3 * i) / 99));

/** The last tail is everything, about which a mask says nothing. */
const TRIED = TAILS.length - 1;

/** Steps of the grid that shortens the search for a level: so many that the first level tried is nearly always the one. */
const GRID = 4096;

/** A label map without planes shows nothing. */
const NOWHERE = new Uint16Array(0);

/** A level that agrees with a concept on this share of the pixels or less is not taken: it would be its opposite. */
const LEAST_AGREEMENT = 0.8;
/** Concepts rarer than this have too few pixels to choose a level by. */
export const RAREST = 1e-4;

/** What a `LevelCounts` can be made again from, besides its levels. */
export interface LevelCountsState {
  readonly counts: Uint32Array;
  readonly concept: Float64Array;
  readonly pixels: number;
}

/** Pixels of each concept by how many of the levels they exceed. */
export class LevelCounts {
  readonly units: number;
  readonly concepts: number;
  /** Level of each unit and tail, [units, tails]: falling, as tails grow. */
  readonly levels: Float64Array;
  /** [units, tails tried, concepts + 1]: pixels whose first exceeded level is this one; last column: all. */
  readonly #counts: Uint32Array;
  readonly #concept: Float64Array;
  readonly #start: Uint8Array;
  readonly #scale: Float64Array;
  #rows = new Int32Array(0);
  #pixels: number;

  constructor(units: number, concepts: number, levels: Float64Array, state?: LevelCountsState) {
    this.units = units;
    this.concepts = concepts;
    this.levels = levels;
    this.#counts = state?.counts ?? new Uint32Array(units * TRIED * (concepts + 1));
    this.#concept = state?.concept ?? new Float64Array(concepts);
    this.#pixels = state?.pixels ?? 0;
    this.#start = new Uint8Array(units * GRID);
    this.#scale = new Float64Array(units);
    for (let unit = 0; unit < units; unit++) this.#makeGrid(unit);
  }

  addLabels(labels: LabelMap): void {
    countConcepts(this.#concept, 0, this.concepts, labels);
    this.#pixels += labels.pixels;
  }

  /**
   * One unit's map: the pixels above `leastLevel(unit)`, as `Bilinear.search` finds them. What is below exceeds no level
   * that counts.
   */
  addMap(unit: number, indices: Int32Array, values: Float64Array, n: number, labels: LabelMap): void {
    const { concepts, levels } = this;
    const counts = this.#counts;
    const width = concepts + 1;
    const base = unit * TRIED * width;
    const first = unit * TAILS.length;
    const least = this.leastLevel(unit);
    const scale = this.#scale[unit] as number;
    if (this.#rows.length < n) this.#rows = new Int32Array(n);
    const rows = this.#rows;
    const start = this.#start;
    const grid = unit * GRID;
    const [plane = NOWHERE, ...others] = labels.planes;
    for (let i = 0; i < n; i++) {
      const value = values[i] as number;
      const place = (value - least) * scale;
      let t = start[grid + (place < GRID ? place | 0 : GRID - 1)] as number;
      // The level under all that are tried is `least`, which the value does exceed.
      while (t < TRIED - 1 && !(value > (levels[first + t] as number))) t++;
      const row = base + t * width;
      const label = plane[indices[i] as number] as number;
      counts[row + concepts] = (counts[row + concepts] as number) + 1;
      if (label < concepts) counts[row + label] = (counts[row + label] as number) + 1;
      rows[i] = row;
    }
    for (const other of others) {
      for (let i = 0; i < n; i++) {
        const label = other[indices[i] as number] as number;
        if (label >= concepts) continue;
        const at = (rows[i] as number) + label;
        counts[at] = (counts[at] as number) + 1;
      }
    }
  }

  /** For each step of an even grid from the unit's lowest level to its highest: the first level that could be exceeded. */
  #makeGrid(unit: number): void {
    const least = this.leastLevel(unit);
    const range = (this.levels[unit * TAILS.length] as number) - least;
    if (!(range > 0)) return;
    this.#scale[unit] = GRID / range;
    let t = TRIED;
    for (let step = 0; step < GRID; step++) {
      // One step more than the value's own, so that rounding cannot matter.
      const top = step + 2 >= GRID ? Infinity : least + ((step + 2) * range) / GRID;
      while (t > 0 && (this.levels[unit * TAILS.length + t - 1] as number) < top) t--;
      this.#start[unit * GRID + step] = t;
    }
  }

  /** The lowest level that may be taken: the last one tried, or 0, if that is below. */
  leastLevel(unit: number): number {
    return Math.max(0, this.levels[unit * TAILS.length + TRIED - 1] as number);
  }

  /** Arrays in use, not copies. */
  state(): LevelCountsState {
    return { counts: this.#counts, concept: this.#concept, pixels: this.#pixels };
  }

  /**
   * For each unit the concept and level of the highest information quality.
   * @param rarest concepts on a smaller share of the pixels are left out
   */
  best(rarest = RAREST): readonly BestLevel[] {
    return Array.from({ length: this.units }, (_, unit) => this.#bestOf(unit, rarest));
  }

  #bestOf(unit: number, rarest: number): BestLevel {
    const { concepts } = this;
    const width = concepts + 1;
    const base = unit * TRIED * width;
    const above = new Float64Array(width);
    let best: BestLevel = { concept: 0, level: Infinity, tail: 0, quality: 0, iou: 0 };
    for (let t = 0; t < TRIED; t++) {
      for (let c = 0; c < width; c++)
        above[c] = (above[c] as number) + (this.#counts[base + t * width + c] as number);
      const level = this.levels[unit * TAILS.length + t] as number;
      if (!(level > 0)) continue;
      for (let c = 0; c < concepts; c++) {
        const concept = this.#concept[c] as number;
        if (concept < rarest * this.#pixels) continue;
        const table = {
          both: above[c] as number,
          mask: above[concepts] as number,
          concept,
          total: this.#pixels,
        };
        if (agreementShare(table) <= LEAST_AGREEMENT) continue;
        const quality = informationQuality(table);
        if (quality > best.quality)
          best = { concept: c, level, tail: TAILS[t] as number, quality, iou: intersectionOverUnion(table) };
      }
    }
    return best;
  }
}

export interface BestLevel {
  readonly concept: number;
  /** Infinity where no level qualifies: nothing is above it. */
  readonly level: number;
  readonly tail: number;
  /** Mutual information over joint entropy, 0…1. */
  readonly quality: number;
  readonly iou: number;
}
