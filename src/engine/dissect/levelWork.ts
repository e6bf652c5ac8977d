/** The levels of one layer's units: sketched over a sample, and in `iqr` mode chosen for what they tell. */
import { Bilinear } from '../../algorithms/dissection/bilinear.ts';
import type { LabelMap } from '../../algorithms/dissection/labelMap.ts';
import { LevelSketches, type LevelSketchesState } from '../../algorithms/dissection/levelSketches.ts';
import { type BestLevel, LevelCounts, RAREST, TAILS } from '../../algorithms/dissection/levels.ts';
import type { LevelMode } from '../../shared/units/dissection.ts';
import type { SavedArray } from '../files/arraysFile.ts';
import type { ImageMaps } from './maps.ts';

const OURS: LevelRules = { cells: false, rarest: RAREST };

/** What JSON can say of a `LevelWork`; the rest are arrays. */
export interface AboutLevels {
  readonly skipless: boolean;
  /** Images in the sketches; null where there are none. */
  readonly sketched: number | null;
  /** Pixels in the choice; null where there is none. */
  readonly choosing: number | null;
  /** JSON has no infinity, which a unit without any level has: null. */
  readonly chosen: readonly (Omit<BestLevel, 'level'> & { readonly level: number | null })[] | null;
}

export interface SavedLevels {
  readonly about: AboutLevels;
  readonly arrays: Readonly<Record<string, SavedArray>>;
}

/** What of a definition other than ours levels depend on. */
export interface LevelRules {
  /** Quantiles of the cells of a map as it is, not of its enlargement. */
  readonly cells: boolean;
  /** Concepts on a smaller share of the pixels are not chosen, in `iqr` mode. */
  readonly rarest: number;
}

export class LevelWork {
  /** The level of each unit; null until they are settled. */
  levels: Float64Array | null = null;
  /** In `iqr` mode what each level was chosen for. */
  chosen: readonly BestLevel[] | null = null;
  /** Values may not be skipped: some level lay where they had been. */
  skipless = false;
  readonly #units: number;
  readonly #concepts: number;
  readonly #bilinear: Bilinear;
  readonly #rules: LevelRules;
  /** What levels are read from: enlarged maps, or the cells alone. */
  readonly #sketched: Bilinear;
  readonly #pixels: Int32Array;
  readonly #values: Float64Array;
  #sketches: LevelSketches | null = null;
  #choice: LevelCounts | null = null;

  constructor(units: number, concepts: number, bilinear: Bilinear, rules: LevelRules = OURS) {
    this.#units = units;
    this.#rules = rules;
    this.#sketched = rules.cells ? new Bilinear(bilinear.from, bilinear.from) : bilinear;
    this.#concepts = concepts;
    this.#bilinear = bilinear;
    this.#pixels = new Int32Array(bilinear.pixels);
    this.#values = new Float64Array(bilinear.pixels);
  }

  /** No more sketches are needed: there are levels, or levels to choose from. */
  get sketched(): boolean {
    return this.levels !== null || this.#choice !== null;
  }

  /** Images in the sketches so far. */
  get images(): number {
    return this.#sketches?.images ?? 0;
  }

  /** Sketches that have begun go on. @param mode which levels are wanted: of one, most values can be skipped */
  begin(mode: LevelMode): void {
    this.#sketches ??= new LevelSketches(this.#options(mode));
  }

  add({ maps, offset }: ImageMaps): void {
    this.#sketches?.add(maps, offset);
  }

  /** Levels from the sketches; where some lies among skipped values, the sample has to be read again. */
  settle(mode: LevelMode): void {
    const sketches = this.#sketches;
    if (sketches === null) throw new TypeError('No levels were begun.');
    this.#sketches = null;
    if (mode.mode === 'iqr') {
      this.#choice = new LevelCounts(this.#units, this.#concepts, sketches.levels(TAILS));
      return;
    }
    const levels = sketches.levels([mode.quantile]);
    if (levels.some(Number.isNaN)) this.skipless = true;
    else this.levels = levels;
  }

  /** `iqr` mode: what each level would agree with, on the sample that levels are chosen on. */
  addChoice({ maps, offset }: ImageMaps, labels: LabelMap): void {
    const choice = this.#choice;
    if (choice === null) throw new TypeError('No levels were settled.');
    choice.addLabels(labels);
    for (let unit = 0; unit < this.#units; unit++) {
      const from = offset + unit * this.#bilinear.cells;
      const n = this.#bilinear.search(maps, from, choice.leastLevel(unit), this.#pixels, this.#values);
      choice.addMap(unit, this.#pixels, this.#values, n, labels);
    }
  }

  settleChoice(): void {
    this.chosen = this.#choice?.best(this.#rules.rarest) ?? [];
    this.levels = Float64Array.from(this.chosen, ({ level }) => level);
    this.#choice = null;
  }

  /** Everything; the arrays in use, not copies. */
  state(): SavedLevels {
    const { images = null, ...sketches } = this.#sketches?.state() ?? {};
    const { pixels = null, ...choice } = this.#choice?.state() ?? {};
    return {
      about: {
        skipless: this.skipless,
        sketched: images,
        choosing: pixels,
        chosen:
          this.chosen?.map((best) => ({
            ...best,
            level: Number.isFinite(best.level) ? best.level : null,
          })) ?? null,
      },
      arrays: {
        ...prefixed('sketches', sketches),
        ...prefixed('choice', choice),
        ...(this.#choice && { 'choice/levels': this.#choice.levels }),
        ...(this.levels && { levels: this.levels }),
      },
    };
  }

  /** @param saved what `state` gave for the same layer and mode */
  restore({ about, arrays }: SavedLevels, mode: LevelMode): void {
    // Written by `state`, so that every array has the type that its owner gave it.
    const of = <T>(group: string) => unprefixed(group, arrays) as unknown as T;
    this.skipless = about.skipless;
    this.levels = (arrays.levels as Float64Array | undefined) ?? null;
    this.chosen = about.chosen?.map((best) => ({ ...best, level: best.level ?? Infinity })) ?? null;
    if (about.sketched !== null)
      this.#sketches = new LevelSketches(this.#options(mode), {
        ...of<Omit<LevelSketchesState, 'images'>>('sketches'),
        images: about.sketched,
      });
    if (about.choosing !== null) {
      const { levels, ...counts } = of<{
        levels: Float64Array;
        counts: Uint32Array;
        concept: Float64Array;
      }>('choice');
      const state = { ...counts, pixels: about.choosing };
      this.#choice = new LevelCounts(this.#units, this.#concepts, levels, state);
    }
  }

  #options(mode: LevelMode) {
    const tail = mode.mode === 'quantile' && !this.skipless ? mode.quantile : null;
    const bilinear = mode.mode === 'quantile' ? this.#sketched : this.#bilinear;
    return { units: this.#units, bilinear, tail };
  }
}

function prefixed(
  group: string,
  arrays: Readonly<Record<string, SavedArray | undefined>>,
): Record<string, SavedArray> {
  const entries = Object.entries(arrays).filter(
    (entry): entry is [string, SavedArray] => entry[1] !== undefined,
  );
  return Object.fromEntries(entries.map(([name, array]) => [`${group}/${name}`, array]));
}

function unprefixed(group: string, arrays: SavedLevels['arrays']): Record<string, SavedArray> {
  const own = Object.entries(arrays).filter(([name]) => name.startsWith(`${group}/`));
  return Object.fromEntries(own.map(([name, array]) => [name.slice(group.length + 1), array]));
}
