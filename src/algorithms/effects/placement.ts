/** Where a concept can be put: units are inserted at one place at a time, and the place is looked at before and after. */
import { type LabelMap, NO_CONCEPT } from '../dissection/labelMap.ts';
import { clusteredShare } from './clusteredShare.ts';

/** Rows and columns of cells, the ends not included. */
export interface Tile {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Squares of `patch` × `patch` cells that cover the layer; at its ends they are cut off. */
export function tilesOf([h, w]: readonly [number, number], patch: number): Tile[] {
  const tiles: Tile[] = [];
  for (let top = 0; top < h; top += patch)
    for (let left = 0; left < w; left += patch)
      tiles.push({ top, left, bottom: Math.min(h, top + patch), right: Math.min(w, left + patch) });
  return tiles;
}

export interface Taken {
  /** A concept, or NO_CONCEPT. */
  readonly before: number;
  readonly tries: number;
  readonly taken: { readonly mean: number; readonly interval: readonly [number, number] };
}

interface Tries {
  readonly tries: Float64Array;
  readonly taken: Float64Array;
}

export class PlacementTally {
  readonly #cells: readonly [number, number];
  readonly #chosen: ReadonlySet<number>;
  readonly #images: number;
  readonly #open: Float64Array;
  readonly #gained: Float64Array;
  readonly #byConcept = new Map<number, Tries>();

  /** @param chosen concepts that count together */
  constructor(cells: readonly [number, number], chosen: readonly number[], images: number) {
    this.#cells = cells;
    this.#chosen = new Set(chosen);
    this.#images = images;
    this.#open = new Float64Array(cells[0] * cells[1]);
    this.#gained = new Float64Array(cells[0] * cells[1]);
  }

  /** One try: the label maps of a picture before, and after insertion into a tile; both of one size. */
  add(image: number, tile: Tile, before: LabelMap, after: LabelMap): void {
    const [h, w] = this.#cells;
    const counts = new Map<number, number>();
    let pixels = 0;
    let shown = 0;
    for (const [y, row] of span(before.height, h, tile.top, tile.bottom))
      for (const [x, column] of span(before.width, w, tile.left, tile.right)) {
        const at = y * before.width + x;
        const cell = row * w + column;
        pixels++;
        for (const { [at]: label = NO_CONCEPT } of before.planes)
          counts.set(label, (counts.get(label) ?? 0) + 1);
        const is = this.#shows(after, at);
        if (is) shown++;
        if (this.#shows(before, at)) continue;
        this.#open[cell] = (this.#open[cell] as number) + 1;
        if (is) this.#gained[cell] = (this.#gained[cell] as number) + 1;
      }
    if (pixels > 0) this.#count(image, mostOf(counts), 2 * shown >= pixels);
  }

  /** Of each cell's pixels that did not show the concept before, the share that do after; null where all always did. */
  gained(): (number | null)[] {
    return Array.from(this.#open, (open, cell) => (open > 0 ? (this.#gained[cell] as number) / open : null));
  }

  /** By what filled most of the place before, most tries first; places that showed the concept already are left out. */
  table(): Taken[] {
    return [...this.#byConcept]
      .map(([before, { tries, taken }]) => ({
        ...{ before, tries: tries.reduce((sum, count) => sum + count, 0) },
        taken: clusteredShare(taken, tries),
      }))
      .sort((a, b) => b.tries - a.tries || a.before - b.before);
  }

  #shows({ planes }: LabelMap, at: number): boolean {
    return planes.some((plane) => this.#chosen.has(plane[at] as number));
  }

  #count(image: number, before: number, isTaken: boolean): void {
    if (this.#chosen.has(before)) return;
    const room = () => new Float64Array(this.#images);
    const own = this.#byConcept.get(before) ?? { tries: room(), taken: room() };
    this.#byConcept.set(before, own);
    own.tries[image] = (own.tries[image] as number) + 1;
    if (isTaken) own.taken[image] = (own.taken[image] as number) + 1;
  }
}

/** Pixels along a side that lie in the cells from … to, each with its cell; as `presence` has them. */
function* span(pixels: number, cells: number, from: number, to: number): IterableIterator<[number, number]> {
  for (let pixel = 0; pixel < pixels; pixel++) {
    const cell = Math.min(cells - 1, Math.floor((pixel * cells) / pixels));
    if (cell >= from && cell < to) yield [pixel, cell];
  }
}

/** What is counted most; of equal ones a concept before none, and the lower number first. */
function mostOf(counts: ReadonlyMap<number, number>): number {
  const [first] = [...counts].sort(([a, m], [b, n]) => n - m || a - b);
  return first?.[0] ?? NO_CONCEPT;
}
