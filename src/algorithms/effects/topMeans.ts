/** The mean of a unit's highest cells where a concept is: the top-conditional mean (ALGORITHMS.md, section 2: Intervention). */

/** The share of those cells that counts. */
const TOP = 0.01;

/**
 * Keeps, for every unit, as many of the highest cells as the result may need, with their weights. Exact, whatever the order.
 */
export class TopMeans {
  readonly #units: number;
  readonly #cells: number;
  readonly #most: number;
  readonly #values: Float32Array[];
  readonly #weights: Float32Array[];
  readonly #counts: Uint32Array;
  /** What a value has to exceed, once more are kept than needed. */
  readonly #bars: Float32Array;
  #present = 0;

  /** @param images how many will be added at most */
  constructor(units: number, cells: number, images: number) {
    this.#units = units;
    this.#cells = cells;
    this.#most = Math.max(1, Math.ceil(TOP * cells * images));
    const room = () => Array.from({ length: units }, () => new Float32Array(2 * this.#most));
    this.#values = room();
    this.#weights = room();
    this.#counts = new Uint32Array(units);
    this.#bars = new Float32Array(units).fill(-Infinity);
  }

  /** One image: maps float32 [units, cells] from `offset` on, and the concept's share of each cell. */
  add(maps: Float32Array, offset: number, weights: Float64Array): void {
    for (let cell = 0; cell < this.#cells; cell++) {
      const weight = weights[cell] as number;
      if (weight <= 0) continue;
      this.#present++;
      for (let unit = 0; unit < this.#units; unit++) {
        const value = maps[offset + unit * this.#cells + cell] as number;
        if (value > (this.#bars[unit] as number)) this.#keep(unit, value, weight);
      }
    }
  }

  /** Mean over the highest 1 % of the cells that show the concept, one at least, weighted; [units]. Null without any. */
  result(): Float32Array | null {
    if (this.#present === 0) return null;
    const count = Math.max(1, Math.ceil(TOP * this.#present));
    return Float32Array.from({ length: this.#units }, (_, unit) => {
      let sum = 0;
      let weight = 0;
      for (const at of this.#order(unit).slice(0, count)) {
        const own = this.#weights[unit]?.[at] as number;
        sum += own * (this.#values[unit]?.[at] as number);
        weight += own;
      }
      return sum / weight;
    });
  }

  #keep(unit: number, value: number, weight: number): void {
    const values = this.#values[unit] as Float32Array;
    const weights = this.#weights[unit] as Float32Array;
    const at = this.#counts[unit] as number;
    values[at] = value;
    weights[at] = weight;
    this.#counts[unit] = at + 1;
    if (at + 1 < values.length) return;
    const kept = this.#order(unit).slice(0, this.#most);
    values.set(kept.map((place) => values[place] as number));
    weights.set(kept.map((place) => weights[place] as number));
    this.#counts[unit] = this.#most;
    this.#bars[unit] = values[this.#most - 1] as number;
  }

  /** Places of what is kept, highest first. */
  #order(unit: number): number[] {
    const values = this.#values[unit] as Float32Array;
    return Array.from({ length: this.#counts[unit] as number }, (_, i) => i).sort(
      (a, b) => (values[b] as number) - (values[a] as number),
    );
  }
}
