/**
 * The rows of translations on show: a slot for each picture, each with what it should show and what it does show. A row
 * keeps its old pictures, name and error until the new ones come.
 */
import { batch, type Signal, signal } from '@preact/signals';
import type { Translated, TranslatedColumn, TranslateResult } from '../../src/shared/protocol.ts';
import { emptySlot, type Slot } from './feed.ts';
import { decodeFrames, isFrames } from './frames.ts';

/** What is known of the pictures that a row shows. */
export interface RowFacts {
  readonly place: number;
  readonly file: string;
  readonly cycleError: number | null;
}

export interface Row {
  /** Place among the pictures found of what it should show. */
  readonly place: Signal<number>;
  readonly facts: Signal<RowFacts | null>;
  readonly slots: Readonly<Record<TranslatedColumn, Slot>>;
  /** True for a picture that turned out to be none, and was left out. */
  readonly absent: Signal<boolean>;
}

/** What the rows should show: `id` names the picture of a place and column. */
export interface RowAim {
  readonly places: readonly number[];
  readonly columns: readonly TranslatedColumn[];
  readonly id: (place: number, column: TranslatedColumn) => string;
}

export class RowFeed {
  readonly rows = signal<readonly Row[]>([]);
  readonly result = signal<TranslateResult | null>(null);
  /** Id of the wish whose pictures are all on show; '' while some are missing. */
  done = '';
  #decoding: Promise<unknown> = Promise.resolve();

  /** Gives every row what it should show; false when each has it already, its own or a lender's. */
  aim({ places, columns, id }: RowAim, lender?: RowFeed): boolean {
    this.done = '';
    let missing = false;
    batch(() => {
      const rows = this.#resized(places.length);
      rows.forEach((row, i) => {
        const place = places[i] ?? 0;
        const lent = lender?.rows.peek().find((other) => other.facts.peek()?.place === place);
        if (row.place.peek() !== place) row.absent.value = false;
        row.place.value = place;
        if (lent && row.facts.peek()?.place !== place) lend(lent, row);
        for (const column of columns) {
          const slot = row.slots[column];
          slot.wanted.value = id(place, column);
          if (slot.picture.peek()?.id !== slot.wanted.peek()) missing = true;
        }
      });
    });
    return missing;
  }

  /** Draws one row's pictures; nothing once `signal` is aborted. */
  take(translated: Translated, aim: RowAim, signal: AbortSignal): void {
    const { index, file, cycleError, frames } = translated;
    const drawn = decodeFrames(frames).then((images) => {
      const row = this.rows.peek().find(({ place }) => place.peek() === index);
      if (signal.aborted || row === undefined) return;
      batch(() => {
        row.facts.value = { place: index, file, cycleError };
        aim.columns.forEach((column, i) => {
          const image = images[i];
          if (image) row.slots[column].picture.value = { id: aim.id(index, column), image };
        });
      });
    });
    this.#decoding = Promise.all([this.#decoding, drawn]);
  }

  /** Resolves when every row taken so far is on show; rejects when one could not be decoded. */
  async settled(): Promise<void> {
    const decoding = this.#decoding;
    this.#decoding = Promise.resolve();
    await decoding;
  }

  /** Rows of which nothing came: files that are no pictures. */
  leaveOut(came: ReadonlySet<number>): void {
    batch(() => {
      for (const row of this.rows.peek()) row.absent.value = !came.has(row.place.peek());
    });
  }

  /** Other pictures altogether: nothing of these is worth keeping on show. */
  clear(): void {
    this.done = '';
    batch(() => {
      this.rows.value = [];
      this.result.value = null;
    });
  }

  /** Forgets what is on show is right, so that everything is asked for again; the pictures stay. */
  forget(): void {
    this.done = '';
    for (const { slots } of this.rows.peek()) {
      for (const { picture } of Object.values(slots)) {
        const shown = picture.peek();
        if (shown !== null) picture.value = { ...shown, id: '' };
      }
    }
  }

  get hasPictures(): boolean {
    return this.rows.value.some(({ facts }) => facts.value !== null);
  }

  #resized(length: number): readonly Row[] {
    const rows = this.rows.peek();
    if (rows.length === length) return rows;
    const kept = rows.slice(0, length);
    while (kept.length < length) kept.push(emptyRow());
    this.rows.value = kept;
    return kept;
  }
}

/** A row as the engine reports it: as many frames as there are columns. */
export function isTranslated(value: unknown, columns: number): value is Translated {
  if (typeof value !== 'object' || value === null) return false;
  const row = value as Partial<Record<keyof Translated, unknown>>;
  const error = row.cycleError;
  return (
    typeof row.index === 'number' &&
    typeof row.file === 'string' &&
    (error === null || typeof error === 'number') &&
    isFrames(row.frames) &&
    row.frames.count === columns
  );
}

function lend(from: Row, to: Row): void {
  to.facts.value = from.facts.peek();
  for (const [column, slot] of Object.entries(to.slots)) {
    slot.picture.value = from.slots[column as TranslatedColumn].picture.peek();
  }
}

function emptyRow(): Row {
  return {
    place: signal(-1),
    facts: signal<RowFacts | null>(null),
    slots: {
      input: emptySlot(),
      translation: emptySlot(),
      sentBack: emptySlot(),
      reconstruction: emptySlot(),
    },
    absent: signal(false),
  };
}
