/** The nearest neighbours of each row among others, with memory for the lists alone. */
import { type CentredRows, distanceRounding, exactSquare, productBlocks } from './distances.ts';
import type { LinearAlgebra } from './types.ts';

/** Beyond the k that are asked for: near ties that rounding may have put in another order. */
const SPARE = 2;
const MANY = 0xffffffff;

/** For each row and group the `slots` nearest rows of that group, by rounded distances, in order. */
export class NearestLists {
  readonly groups: number;
  readonly slots: number;
  /** Squared distances, ∞ for none; [rows, groups, slots] */
  readonly distances: Float32Array;
  readonly indices: Uint32Array;

  constructor(rows: number, groups: number, slots: number) {
    this.groups = groups;
    this.slots = slots;
    this.distances = new Float32Array(rows * groups * slots).fill(Number.POSITIVE_INFINITY);
    this.indices = new Uint32Array(rows * groups * slots).fill(MANY);
  }

  offer(row: number, group: number, distance: number, index: number): void {
    const { slots, distances, indices } = this;
    const start = (row * this.groups + group) * slots;
    let at = start + slots - 1;
    if (!(distance < (distances[at] as number))) return;
    while (at > start && (distances[at - 1] as number) > distance) {
      distances[at] = distances[at - 1] as number;
      indices[at] = indices[at - 1] as number;
      at--;
    }
    distances[at] = distance;
    indices[at] = index;
  }
}

/**
 * Lists of the k nearest other rows of the same set.
 *
 * @param groups of each row, 0…count − 1: the lists are kept for each group of neighbours; null: one list
 * @param pause  called after each block with the share that is done; throws to stop
 */
export async function nearestWithin(
  rows: CentredRows,
  k: number,
  groups: { readonly of: Uint8Array; readonly count: number } | null,
  algebra: LinearAlgebra,
  pause: (share: number) => Promise<void>,
): Promise<NearestLists> {
  const lists = new NearestLists(rows.source.rows, groups?.count ?? 1, k + SPARE);
  const of = groups?.of ?? new Uint8Array(rows.source.rows);
  for await (const block of productBlocks(rows, rows, algebra)) {
    offerBlock(lists, rows, of, block);
    await pause(block.share);
  }
  return lists;
}

/** The k nearest rows of another set, nearest first, by exact distances. */
export interface Neighbours {
  readonly k: number;
  /** [rows, k] */
  readonly indices: Uint32Array;
  /** Squared, [rows, k] */
  readonly squared: Float64Array;
}

/**
 * For each row of `a` the k nearest of `b`; both have one centre. Near ties that rounding may have put in another order are
 * put right as far as they are among the k + 2 nearest.
 *
 * @param pause called after each block with the share that is done; throws to stop
 */
export async function nearestAcross(
  a: CentredRows,
  b: CentredRows,
  k: number,
  algebra: LinearAlgebra,
  pause: (share: number) => Promise<void>,
): Promise<Neighbours> {
  const rows = a.source.rows;
  const lists = new NearestLists(rows, 1, Math.min(k + SPARE, b.source.rows));
  const { distances, slots } = lists;
  for await (const { from, to, fromColumn, toColumn, products, share } of productBlocks(a, b, algebra)) {
    for (let i = from, at = 0; i < to; i++) {
      const norm = a.norms[i] as number;
      const last = (i + 1) * slots - 1;
      for (let j = fromColumn; j < toColumn; j++, at++) {
        const distance = norm + (b.norms[j] as number) - 2 * (products[at] as number);
        if (distance < (distances[last] as number)) lists.offer(i, 0, distance, j);
      }
    }
    await pause(share);
  }
  const most = Math.min(k, b.source.rows);
  const found = { k: most, indices: new Uint32Array(rows * most), squared: new Float64Array(rows * most) };
  for (let i = 0; i < rows; i++) {
    const near = Array.from(lists.indices.subarray(i * slots, (i + 1) * slots), (index) => ({
      index,
      square: exactSquare(a.source, i, b.source, index),
    })).sort((x, y) => x.square - y.square || x.index - y.index);
    for (const [rank, { index, square }] of near.slice(0, most).entries()) {
      found.indices[i * most + rank] = index;
      found.squared[i * most + rank] = square;
    }
  }
  return found;
}

function offerBlock(
  lists: NearestLists,
  { norms }: CentredRows,
  of: Uint8Array,
  block: { from: number; to: number; fromColumn: number; toColumn: number; products: Float32Array },
): void {
  const { from, to, fromColumn, toColumn, products } = block;
  const { distances, groups, slots } = lists;
  const last = slots - 1;
  for (let i = from, at = 0; i < to; i++) {
    const norm = norms[i] as number;
    const group = of[i] as number;
    const own = i * groups * slots + last;
    for (let j = fromColumn; j < toColumn; j++, at++) {
      if (j <= i) continue;
      const distance = norm + (norms[j] as number) - 2 * (products[at] as number);
      const other = of[j] as number;
      if (distance < (distances[own + other * slots] as number)) lists.offer(i, other, distance, j);
      if (distance < (distances[(j * groups + group) * slots + last] as number)) {
        lists.offer(j, group, distance, i);
      }
    }
  }
}

/** Exact squared distance to the k-th neighbour: of all rows, and where a group's absence makes it another. */
export interface Radii {
  /** [rows] */
  readonly squared: Float64Array;
  /** Up to k groups a row, −1 for none, whose rows are among its k nearest; [rows, k] */
  readonly without: Int8Array;
  /** The radius when that group is left out; [rows, k] */
  readonly squaredWithout: Float64Array;
  readonly k: number;
}

/**
 * Neighbours whose rounded distances lie closer together than rounding allows are put in order by their exact ones. Of
 * more than two such near ties of one group beyond the k-th, some may be missed, and the radius is then right to the
 * rounding of a float32 product only; equal distances (duplicates, grids) are right however many there are.
 */
export function radiiOf(lists: NearestLists, rows: CentredRows, of: Uint8Array | null, k: number): Radii {
  const n = rows.source.rows;
  const radii: Radii = {
    squared: new Float64Array(n),
    without: new Int8Array(n * k).fill(-1),
    squaredWithout: new Float64Array(n * k),
    k,
  };
  for (let row = 0; row < n; row++) {
    const near = ordered(lists, rows, row, k);
    radii.squared[row] = near[k - 1]?.square ?? Number.POSITIVE_INFINITY;
    if (of === null) continue;
    const present = new Set(near.slice(0, k).map(({ index }) => of[index] as number));
    let at = row * k;
    for (const group of present) {
      let left = k;
      const next = near.find(({ index }) => of[index] !== group && --left === 0);
      radii.without[at] = group;
      radii.squaredWithout[at] = next?.square ?? Number.POSITIVE_INFINITY;
      at++;
    }
  }
  return radii;
}

/** Neighbours by exact distance: enough of them that any one group may be missing, and those that rounding ties with the last. */
function ordered(
  lists: NearestLists,
  rows: CentredRows,
  row: number,
  k: number,
): { index: number; square: number }[] {
  const { groups, slots, distances, indices } = lists;
  const rounding = distanceRounding(rows.source.columns);
  const heads = new Uint8Array(groups);
  const found: { index: number; square: number }[] = [];
  let limit = Number.POSITIVE_INFINITY;
  for (;;) {
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let group = 0; group < groups; group++) {
      const head = heads[group] as number;
      if (head === slots) continue;
      const distance = distances[(row * groups + group) * slots + head] as number;
      if (distance < least) {
        least = distance;
        best = group;
      }
    }
    if (best < 0 || least > limit) break;
    const index = indices[(row * groups + best) * slots + (heads[best] as number)] as number;
    heads[best] = (heads[best] as number) + 1;
    found.push({ index, square: exactSquare(rows.source, row, rows.source, index) });
    const most = groups === 1 ? 0 : Math.max(...heads);
    if (limit === Number.POSITIVE_INFINITY && found.length - most >= k) {
      limit = least + 2 * rounding * ((rows.norms[row] as number) + (rows.norms[index] as number)) + 1e-30;
    }
  }
  return found.sort((a, b) => a.square - b.square);
}
