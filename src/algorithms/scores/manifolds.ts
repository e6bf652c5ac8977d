/**
 * Two sets of features as unions of balls, each reaching to its centre's k-th neighbour: what precision, recall, density
 * and coverage count. One pass over the pairs of both sets for all four, and for their values without each group of
 * generated samples.
 * Sources: Kynkäänniemi et al. 2019 (arXiv 1904.06991; radius to the k-th neighbour without the point itself, d ≤ r);
 * Naeem et al. 2020 (arXiv 2002.09797; clovaai/generative-evaluation-prdc, d < r).
 */
import { CentredRows, centreOf, distanceRounding, exactSquare, productBlocks } from '../linalg/distances.ts';
import { nearestWithin, type Radii, radiiOf } from '../linalg/nearest.ts';
import { GROUPS, jackknifeGroups } from '../stats/jackknife.ts';
import { bothFeatures, breathe, once } from './inputs.ts';
import type { Matrix, ScoreInputs } from './types.ts';

export interface Neighbourhoods {
  /** Neighbours of precision and recall. */
  readonly k: number;
  /** Neighbours of density and coverage. */
  readonly kDensity: number;
}

export interface Counted {
  readonly value: number;
  readonly replicates: readonly number[] | null;
}

export interface Manifolds {
  readonly precision: Counted;
  readonly recall: Counted;
  readonly density: Counted;
  readonly coverage: Counted;
  readonly n: number;
  readonly nReference: number;
}

export function manifolds(inputs: ScoreInputs, { k, kDensity }: Neighbourhoods): Promise<Manifolds> {
  return once(inputs.shared, `manifolds ${k} ${kDensity}`, async () => {
    const most = Math.max(k, kDensity);
    const sides = bothFeatures(inputs, { generated: k + 1, reference: most + 1 });
    // The centre is the reference's, so that its radii can be kept for another generated side.
    const reference = new CentredRows(sides.reference, centreOf(sides.reference));
    const generated = new CentredRows(sides.generated, reference.centre);
    const groups = jackknifeGroups(generated.source.rows);
    const phase = (start: number, size: number) => async (share: number) => {
      inputs.report(start + size * share);
      await breathe(inputs);
    };
    const balls = await once(inputs.sharedReference, `radii ${k} ${kDensity}`, async () => {
      const lists = await nearestWithin(reference, most, null, inputs.algebra, phase(0, 0.25));
      const radii = (of: number) => radiiOf(lists, reference, null, of).squared;
      return { precision: radii(k), density: radii(kDensity) };
    });
    const grouped = groups && { of: groups, count: GROUPS };
    const lists = await nearestWithin(generated, k, grouped, inputs.algebra, phase(0.25, 0.25));
    const tally = new Tally(generated, reference, balls, radiiOf(lists, generated, groups, k), groups);
    const pause = phase(0.5, 0.5);
    for await (const block of productBlocks(generated, reference, inputs.algebra)) {
      tally.add(block);
      await pause(block.share);
    }
    return tally.result(kDensity);
  });
}

const ALL = (1 << GROUPS) - 1;
/** Set when a point is reached with no group left out. */
const WHOLE = 1 << GROUPS;
const NONE = 255;

class Tally {
  readonly #generated: Matrix;
  readonly #reference: Matrix;
  readonly #norms: { readonly generated: Float64Array; readonly reference: Float64Array };
  readonly #rounding: number;
  readonly #balls: { readonly precision: Float64Array; readonly density: Float64Array };
  readonly #radii: Radii;
  readonly #groups: Uint8Array;
  readonly #hasGroups: boolean;
  /** The largest radius of each generated row, whatever group is left out; of each reference row. */
  readonly #reach: Float64Array;
  readonly #reachReference: Float64Array;
  /** Of each generated sample: is it in a ball of the reference, and in how many. */
  readonly #precise: Uint8Array;
  readonly #inside: Uint32Array;
  /** Of each image of the reference: for which left-out groups a generated ball reaches it. */
  readonly #recalled: Int32Array;
  /** Of each image: the first group with a sample in its ball, and whether there is another. */
  readonly #firstCover: Uint8Array;
  readonly #coveredTwice: Uint8Array;

  constructor(
    generated: CentredRows,
    reference: CentredRows,
    balls: { readonly precision: Float64Array; readonly density: Float64Array },
    radii: Radii,
    groups: Uint8Array | null,
  ) {
    this.#generated = generated.source;
    this.#reference = reference.source;
    this.#norms = { generated: generated.norms, reference: reference.norms };
    this.#rounding = distanceRounding(generated.source.columns);
    this.#balls = balls;
    this.#radii = radii;
    this.#groups = groups ?? new Uint8Array(generated.source.rows);
    this.#hasGroups = groups !== null;
    this.#reach = radii.squared.map((square, i) => {
      let most = square;
      for (let c = i * radii.k; c < (i + 1) * radii.k; c++) {
        if ((radii.without[c] as number) >= 0) most = Math.max(most, radii.squaredWithout[c] as number);
      }
      return most;
    });
    this.#reachReference = balls.precision.map((square, j) => Math.max(square, balls.density[j] as number));
    this.#precise = new Uint8Array(generated.source.rows);
    this.#inside = new Uint32Array(generated.source.rows);
    this.#recalled = new Int32Array(reference.source.rows);
    this.#firstCover = new Uint8Array(reference.source.rows).fill(NONE);
    this.#coveredTwice = new Uint8Array(reference.source.rows);
  }

  add(block: {
    from: number;
    to: number;
    fromColumn: number;
    toColumn: number;
    products: Float32Array;
  }): void {
    const { from, to, fromColumn, toColumn, products } = block;
    const keep = 1 - this.#rounding;
    const norms = this.#norms.reference;
    const reachReference = this.#reachReference;
    for (let i = from, at = 0; i < to; i++) {
      const norm = this.#norms.generated[i] as number;
      const reach = this.#reach[i] as number;
      for (let j = fromColumn; j < toColumn; j++, at++) {
        const product = products[at] as number;
        // The least that the distance can be.
        const least = keep * (norm + (norms[j] as number)) - 2 * product;
        if (least > reach && least > (reachReference[j] as number)) continue;
        this.#pair(i, j, product);
      }
    }
  }

  #pair(i: number, j: number, product: number): void {
    const sum = (this.#norms.generated[i] as number) + (this.#norms.reference[j] as number);
    const rounded = sum - 2 * product;
    const error = this.#rounding * sum;
    let exact = Number.NaN;
    // The distance where rounding could matter, or anything on the same side of the threshold.
    const square = (threshold: number): number => {
      if (Math.abs(rounded - threshold) > error) return rounded;
      if (Number.isNaN(exact)) exact = exactSquare(this.#generated, i, this.#reference, j);
      return exact;
    };
    const group = this.#groups[i] as number;
    const precision = this.#balls.precision[j] as number;
    if (this.#precise[i] === 0 && square(precision) <= precision) this.#precise[i] = 1;
    const density = this.#balls.density[j] as number;
    if (square(density) < density) {
      this.#inside[i] = (this.#inside[i] as number) + 1;
      if (this.#firstCover[j] === NONE) this.#firstCover[j] = group;
      else if (this.#firstCover[j] !== group) this.#coveredTwice[j] = 1;
    }
    const reached = this.#recalled[j] as number;
    if (reached === (ALL | WHOLE)) return;
    const radius = this.#radii.squared[i] as number;
    if (square(radius) <= radius) {
      // A radius only grows when others are left out.
      this.#recalled[j] = reached | WHOLE | (ALL & ~(1 << group));
      return;
    }
    const { k, without, squaredWithout } = this.#radii;
    for (let c = i * k; c < (i + 1) * k; c++) {
      const left = without[c] as number;
      if (left < 0) break;
      const wider = squaredWithout[c] as number;
      if (left !== group && square(wider) <= wider)
        this.#recalled[j] = (this.#recalled[j] as number) | (1 << left);
    }
  }

  result(kDensity: number): Manifolds {
    const n = this.#generated.rows;
    const nReference = this.#reference.rows;
    const replicates = (of: (group: number) => number) =>
      this.#hasGroups ? Array.from({ length: GROUPS }, (_, group) => of(group)) : null;
    const mean = (values: ArrayLike<number>, divisor: number, without?: number) => {
      let sum = 0;
      let count = 0;
      for (let i = 0; i < n; i++) {
        if (this.#groups[i] === without) continue;
        sum += values[i] as number;
        count++;
      }
      return sum / count / divisor;
    };
    const share = (holds: (j: number) => boolean) => {
      let count = 0;
      for (let j = 0; j < nReference; j++) if (holds(j)) count++;
      return count / nReference;
    };
    return {
      n,
      nReference,
      precision: {
        value: mean(this.#precise, 1),
        replicates: replicates((group) => mean(this.#precise, 1, group)),
      },
      density: {
        value: mean(this.#inside, kDensity),
        replicates: replicates((group) => mean(this.#inside, kDensity, group)),
      },
      recall: {
        value: share((j) => ((this.#recalled[j] as number) & WHOLE) !== 0),
        replicates: replicates((group) => share((j) => ((this.#recalled[j] as number) & (1 << group)) !== 0)),
      },
      coverage: {
        value: share((j) => this.#firstCover[j] !== NONE),
        replicates: replicates((group) =>
          share(
            (j) =>
              this.#firstCover[j] !== NONE && (this.#firstCover[j] !== group || this.#coveredTwice[j] === 1),
          ),
        ),
      },
    };
  }
}
