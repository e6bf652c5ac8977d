/**
 * Features on disk, by content: one file of rows that is only ever added to, so that whatever ends a run, the next one
 * goes on from its last finished batch. A row is its features, its logits, its class, its own number plus one, and the
 * CRC-32 of all of these: a row that was cut off, written by two at once, or damaged by the disk is known by them.
 */

import fs from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { writeError } from '../../shared/files/atomic.ts';
import { setAside } from '../../shared/files/sealed.ts';
import { statIfThere } from '../../shared/files/there.ts';

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
  /** What became of rows that were kept and cannot be used; null where all could. */
  damage: string | null = null;
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
    const { good, whole } = store.#read(limit, into);
    store.#rows = good;
    // The last row may be half a row of a run that was killed; in front of it all must be right.
    if (good < whole) store.#mend(good, whole, into);
    return { store, known: good };
  }

  /** By the size of the file alone. */
  static rowsKept(cache: string | null, key: string, { features, classes }: RowShape): number {
    if (cache === null) return 0;
    const stat = statIfThere(fileOf(cache, key));
    return Math.floor((stat?.size ?? 0) / widthOf({ features, classes }) / 4);
  }

  /** Floats of a row in the file. */
  get #width(): number {
    return widthOf(this.#shape);
  }

  /** Good rows from the beginning, of so many that were looked at. */
  #read(limit: number, into: Rows): { readonly good: number; readonly whole: number } {
    const file = this.#file as string;
    const size = statIfThere(file)?.size ?? 0;
    const bytes = this.#width * 4;
    const whole = Math.min(Math.floor(size / bytes), MOST_ROWS);
    if (whole === 0) return { good: 0, whole };
    const descriptor = fs.openSync(file, 'r');
    try {
      const slice = Math.max(1, Math.floor(READ_ROWS_BYTES / bytes));
      for (let first = 0; first < Math.min(whole, limit); first += slice) {
        const count = Math.min(slice, Math.min(whole, limit) - first);
        const values = new Float32Array(count * this.#width);
        const got = fs.readSync(descriptor, new Uint8Array(values.buffer), 0, count * bytes, first * bytes);
        const good = this.#unpack(values, first, Math.floor(got / bytes), into);
        if (good < count) return { good: first + good, whole: Math.min(whole, limit) };
      }
      return { good: Math.min(whole, limit), whole: Math.min(whole, limit) };
    } finally {
      fs.closeSync(descriptor);
    }
  }

  #unpack(values: Float32Array, first: number, count: number, into: Rows): number {
    const { features, classes } = this.#shape;
    for (let i = 0; i < count; i++) {
      const at = i * this.#width;
      if (values[at + features + classes + 1] !== first + i + 1) return i;
      if (sumOf(values, at, this.#width) !== new Uint32Array(values.buffer, 4 * (at + this.#width - 1), 1)[0])
        return i;
      into.features.set(values.subarray(at, at + features), (first + i) * features);
      into.logits.set(values.subarray(at + features, at + features + classes), (first + i) * classes);
      into.labels[first + i] = values[at + features + classes] as number;
    }
    return count;
  }

  /** Sets the damaged file aside, and writes its good rows into a new one. */
  #mend(good: number, whole: number, into: Rows): void {
    const aside = setAside(this.#file as string);
    this.damage = `${whole - good} of ${whole} rows of features kept from before were damaged, and are made anew (the damaged file is ${aside}).`;
    this.#rows = 0;
    this.append(into, 0, good);
    this.#rows = good;
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
      new Uint32Array(values.buffer)[at + this.#width - 1] = sumOf(values, at, this.#width);
    }
    return new Uint8Array(values.buffer);
  }
}

/** Floats of a row: features, logits, class, number, checksum. */
function widthOf({ features, classes }: RowShape): number {
  return features + classes + 3;
}

/** CRC-32 of all of a row but its last four bytes. */
function sumOf(values: Float32Array, at: number, width: number): number {
  return crc32(new Uint8Array(values.buffer, values.byteOffset + 4 * at, 4 * (width - 1)));
}

function fileOf(cache: string, key: string): string {
  return path.join(cache, 'features', `${key}.rows`);
}
