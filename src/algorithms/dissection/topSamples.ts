/** The samples that drive each unit hardest. */

export interface TopSample {
  /** Place in the sample. */
  readonly index: number;
  /** The unit's highest activation there. */
  readonly value: number;
}

/** Keeps the `k` highest of each unit; of equal ones the earlier, so that the order of arrival does not matter. */
export class TopSamples {
  readonly units: number;
  readonly k: number;
  readonly indices: Int32Array;
  readonly values: Float64Array;

  constructor(units: number, k: number, state?: { indices: Int32Array; values: Float64Array }) {
    this.units = units;
    this.k = k;
    this.indices = state?.indices ?? new Int32Array(units * k).fill(-1);
    this.values = state?.values ?? new Float64Array(units * k).fill(-Infinity);
  }

  add(unit: number, index: number, value: number): void {
    const base = unit * this.k;
    let at = this.k;
    while (at > 0 && this.#isBetter(index, value, base + at - 1)) at--;
    if (at === this.k) return;
    this.values.copyWithin(base + at + 1, base + at, base + this.k - 1);
    this.indices.copyWithin(base + at + 1, base + at, base + this.k - 1);
    this.values[base + at] = value;
    this.indices[base + at] = index;
  }

  of(unit: number): TopSample[] {
    const found: TopSample[] = [];
    for (let i = unit * this.k; i < (unit + 1) * this.k; i++) {
      const index = this.indices[i] as number;
      if (index >= 0) found.push({ index, value: this.values[i] as number });
    }
    return found;
  }

  #isBetter(index: number, value: number, at: number): boolean {
    const present = this.values[at] as number;
    const taken = this.indices[at] as number;
    return value > present || (value === present && (taken < 0 || index < taken));
  }
}
