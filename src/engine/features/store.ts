/**
 * Features on disk, by content: one file of rows that is only ever added to, so that whatever ends a run, the next one
 * goes on from its last finished batch. A row is its features, its logits, its class, and its own number plus one, by
 * which a row that was cut off, or written by two at once, is known.
 */
import fs from 'node:fs';
import path from 'node:path';
import { writeError } from '../runtime/npy.ts';

/** float32 exact whole numbers end here. */
const MOST_ROWS = 2 ** 24 - 1;
const READ_ROWS_BYTES = 64 * 2 ** 20;

export interface RowShape {
  readonly features: number;
  readonly classes: number;
}

export interface Rows {
  /** float32 [count, features] */
  readonly features: Float32Array;
  /** float32 [count, classes] */
  readonly logits: Float32Array;
  readonly labels: Int32Array;
}

export class FeatureStore {
  /** Why rows are not kept any more; null while they are. */
  failure: string | null = null;
  readonly #file: string | null;
  readonly #shape: RowShape;
  #rows = 0;

  private constructor(file: string | null, shape: RowShape) {
    this.#file = file;
    this.#shape = shape;
  }

  /**
   * @param cache null: nothing is kept
   * @param limit no more rows than this are looked at
   */
  static open(
    cache: string | null,
    key: string,
    shape: RowShape,
    limit: number,
    into: Rows,
  ): { store: FeatureStore; known: number } {
    if (cache === null) return { store: new FeatureStore(null, shape), known: 0 };
    const file = fileOf(cache, key);
    const store = new FeatureStore(file, shape);
    try {
      fs.mkdirSync(path.dirname(file), { recursive: true });
    } catch (thrown) {
      store.failure = writeError(path.dirname(file), thrown).message;
      return { store, known: 0 };
    }
    store.#rows = store.#read(limit, into);
    return { store, known: store.#rows };
  }

  /** By the size of the file alone. */
  static rowsKept(cache: string | null, key: string, { features, classes }: RowShape): number {
    if (cache === null) return 0;
    const stat = fs.statSync(fileOf(cache, key), { throwIfNoEntry: false });
    return Math.floor((stat?.size ?? 0) / ((features + classes + 2) * 4));
  }

  /** Floats of a row in the file. */
  get #width(): number {
    return this.#shape.features + this.#shape.classes + 2;
  }

  /** Good rows from the beginning; what follows the last good one is cut off. */
  #read(limit: number, into: Rows): number {
    const file = this.#file as string;
    const size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    const bytes = this.#width * 4;
    const whole = Math.min(Math.floor(size / bytes), MOST_ROWS);
    if (whole === 0) return 0;
    const descriptor = fs.openSync(file, 'r');
    try {
      const slice = Math.max(1, Math.floor(READ_ROWS_BYTES / bytes));
      for (let first = 0; first < Math.min(whole, limit); first += slice) {
        const count = Math.min(slice, Math.min(whole, limit) - first);
        const values = new Float32Array(count * this.#width);
        const got = fs.readSync(descriptor, new Uint8Array(values.buffer), 0, count * bytes, first * bytes);
        const good = this.#unpack(values, first, Math.floor(got / bytes), into);
        if (good < count) return first + good;
      }
      return Math.min(whole, limit);
    } finally {
      fs.closeSync(descriptor);
    }
  }

  #unpack(values: Float32Array, first: number, count: number, into: Rows): number {
    const { features, classes } = this.#shape;
    for (let i = 0; i < count; i++) {
      const at = i * this.#width;
      if (values[at + features + classes + 1] !== first + i + 1) return i;
      into.features.set(values.subarray(at, at + features), (first + i) * features);
      into.logits.set(values.subarray(at + features, at + features + classes), (first + i) * classes);
      into.labels[first + i] = values[at + features + classes] as number;
    }
    return count;
  }

  /** Adds the rows that follow the last ones; a full disk ends the keeping, never the work. */
  append(rows: Rows, first: number, count: number): void {
    if (this.#file === null || this.failure !== null || first !== this.#rows || first + count > MOST_ROWS)
      return;
    const packed = this.#pack(rows, first, count);
    const before = first * this.#width * 4;
    try {
      const descriptor = fs.openSync(this.#file, before === 0 ? 'w' : 'r+');
      try {
        if (before > 0) fs.ftruncateSync(descriptor, before);
        for (let at = 0; at < packed.length; )
          at += fs.writeSync(descriptor, packed, at, packed.length - at, before + at);
      } finally {
        fs.closeSync(descriptor);
      }
      this.#rows = first + count;
    } catch (thrown) {
      this.failure = writeError(this.#file, thrown).message;
    }
  }

  #pack({ features, logits, labels }: Rows, first: number, count: number): Uint8Array {
    const { features: d, classes } = this.#shape;
    const values = new Float32Array(count * this.#width);
    for (let i = 0; i < count; i++) {
      const row = first + i;
      const at = i * this.#width;
      values.set(features.subarray(row * d, (row + 1) * d), at);
      values.set(logits.subarray(row * classes, (row + 1) * classes), at + d);
      values[at + d + classes] = labels[row] as number;
      values[at + d + classes + 1] = row + 1;
    }
    return new Uint8Array(values.buffer);
  }
}

function fileOf(cache: string, key: string): string {
  return path.join(cache, 'features', `${key}.rows`);
}
