/**
 * What a unit does where a concept is: the value that insertion puts in (ALGORITHMS.md, section 2: Intervention). Means
 * over cells, weighted by the share of each cell's pixels that show the concept.
 */
import type { LabelMap } from '../dissection/labelMap.ts';

/** Shares of each cell of an [h, w] grid that show one of `concepts`, float64 [h·w], in [0, 1]. */
export function presence(
  labels: LabelMap,
  [h, w]: readonly [number, number],
  concepts: ReadonlySet<number>,
): Float64Array {
  const hits = new Float64Array(h * w);
  const sizes = new Float64Array(h * w);
  for (let y = 0; y < labels.height; y++) {
    const row = Math.min(h - 1, Math.floor((y * h) / labels.height)) * w;
    for (let x = 0; x < labels.width; x++) {
      const cell = row + Math.min(w - 1, Math.floor((x * w) / labels.width));
      const at = y * labels.width + x;
      sizes[cell] = (sizes[cell] as number) + 1;
      if (labels.planes.some((plane) => concepts.has(plane[at] as number)))
        hits[cell] = (hits[cell] as number) + 1;
    }
  }
  return hits.map((count, cell) => ((sizes[cell] as number) > 0 ? count / (sizes[cell] as number) : 0));
}

/** Running sums of every unit's activation: everywhere, and where the concept is. */
export class ConditionalMeans {
  readonly units: number;
  readonly #cells: number;
  readonly #all: Float64Array;
  readonly #inside: Float64Array;
  readonly #lowest: Float64Array;
  #weight = 0;
  #images = 0;

  constructor(units: number, cells: number) {
    this.units = units;
    this.#cells = cells;
    this.#all = new Float64Array(units);
    this.#inside = new Float64Array(units);
    this.#lowest = new Float64Array(units).fill(Infinity);
  }

  /** One image: maps float32 [units, h, w] from `offset` on, and the concept's presence in each cell. */
  add(maps: Float32Array, offset: number, weights: Float64Array): void {
    for (let unit = 0; unit < this.units; unit++) {
      let all = 0;
      let inside = 0;
      let lowest = this.#lowest[unit] as number;
      for (let cell = 0; cell < this.#cells; cell++) {
        const value = maps[offset + unit * this.#cells + cell] as number;
        all += value;
        inside += value * (weights[cell] as number);
        if (value < lowest) lowest = value;
      }
      this.#all[unit] = (this.#all[unit] as number) + all;
      this.#inside[unit] = (this.#inside[unit] as number) + inside;
      this.#lowest[unit] = lowest;
    }
    for (const weight of weights) this.#weight += weight;
    this.#images++;
  }

  /** Cells that show the concept, in all. */
  get weight(): number {
    return this.#weight;
  }

  /** Mean where the concept is, [units]; of a concept that never occurs, the mean everywhere. */
  inside(): Float64Array {
    return this.#weight > 0 ? this.#inside.map((sum) => sum / this.#weight) : this.everywhere();
  }

  everywhere(): Float64Array {
    return this.#all.map((sum) => sum / Math.max(1, this.#images * this.#cells));
  }

  lowest(): Float64Array {
    return this.#lowest.map((value) => (Number.isFinite(value) ? value : 0));
  }
}
