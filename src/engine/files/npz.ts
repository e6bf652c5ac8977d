/** NumPy's .npz: a zip of .npy arrays, by name. What pytorch-fid and clean-fid keep their statistics in. */
import { npyHeader } from './npy.ts';
import {
  elements,
  malformed,
  type NpyArray,
  NpyDecoder,
  type NpyHeader,
  type NpyPrecision,
  npyHeaderOf,
} from './npyArray.ts';
import { writeZip, ZipArchive, type ZipContent, zipContent } from './zipFile.ts';

/** A text longer than this names nothing. */
const MOST_TEXT_BYTES = 2 ** 20;
const HEAD = 2 ** 16 + 12;

/** Arrays of an .npz, read when they are asked for. */
export class NpzArchive {
  readonly names: readonly string[];
  readonly #zip: ZipArchive;

  private constructor(zip: ZipArchive) {
    this.#zip = zip;
    this.names = zip.entries.flatMap(({ name }) => (name.endsWith('.npy') ? [name.slice(0, -4)] : []));
  }

  /** @throws GenscopeError `input.invalid` for what is no zip archive */
  static async open(file: string): Promise<NpzArchive> {
    return new NpzArchive(await ZipArchive.open(file));
  }

  /**
   * Unpacked as it is read: never held besides its numbers.
   * @throws GenscopeError `input.invalid` for an array that is not there, damaged, not of numbers, or beyond the memory
   */
  async read(name: string, precision: NpyPrecision = 'own'): Promise<NpyArray> {
    const entry = `${name}.npy`;
    const decoder = new NpyDecoder(name, this.#zip.sizeOf(entry), precision);
    for await (const chunk of this.#zip.chunks(entry)) decoder.push(chunk);
    return decoder.finish();
  }

  /** What an array is, without its numbers. @throws GenscopeError `input.invalid` */
  async header(name: string): Promise<NpyHeader> {
    return npyHeaderOf(await this.#zip.head(`${name}.npy`, HEAD), name);
  }

  /** The bytes of an array's numbers, as they lie there, in pieces. @throws GenscopeError `input.invalid` */
  async *data(name: string): AsyncGenerator<Uint8Array> {
    let skip = (await this.header(name)).dataAt;
    for await (const chunk of this.#zip.chunks(`${name}.npy`)) {
      if (skip < chunk.length) yield chunk.subarray(skip);
      skip = Math.max(0, skip - chunk.length);
    }
  }

  /** @throws GenscopeError `input.invalid` unless an array takes so many bytes, header and all */
  requireSize(name: string, bytes: number): void {
    const size = this.#zip.sizeOf(`${name}.npy`);
    if (size !== bytes) throw malformed(name, `it is ${size} bytes long, and ${bytes} with all its rows`);
  }

  /** Where an array's numbers lie in the file, if they lie there as they are. */
  async place(name: string): Promise<number | null> {
    const place = await this.#zip.place(`${name}.npy`);
    return place === null ? null : place.offset + (await this.header(name)).dataAt;
  }

  /** A text of `numpy.str_`; null for anything else. */
  async text(name: string): Promise<string | null> {
    const entry = `${name}.npy`;
    if (!this.names.includes(name) || this.#zip.sizeOf(entry) > MOST_TEXT_BYTES) return null;
    return parseText(await this.#zip.read(entry), name);
  }

  close(): void {
    this.#zip.close();
  }
}

export type NpzValue =
  | {
      readonly shape: readonly number[];
      readonly values: Float32Array | Float64Array | Int32Array | Uint8Array;
    }
  /** Numbers that come when it is their turn: rows of many files, which are never held together. */
  | {
      readonly shape: readonly number[];
      readonly descr: '<f4' | '<i4';
      pieces(): AsyncIterable<Uint8Array>;
    }
  | string;

/**
 * Stored, not packed: floats hardly shrink, and NumPy loads stored arrays faster.
 * @throws GenscopeError `output.notWritable`
 */
export async function writeNpz(file: string, arrays: Readonly<Record<string, NpzValue>>): Promise<void> {
  await writeZip(
    file,
    Object.entries(arrays).map(([name, value]) => npyContent(`${name}.npy`, value)),
  );
}

function npyContent(name: string, value: NpzValue): ZipContent {
  if (typeof value === 'string') return zipContent(name, textBytes(value));
  if ('values' in value) {
    const { values, shape } = value;
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return zipContent(name, npyHeader(descrOf(values), shape), bytes);
  }
  const { shape, descr, pieces } = value;
  const header = npyHeader(descr, shape);
  return {
    name,
    size: header.length + 4 * elements(shape),
    async *pieces() {
      yield header;
      yield* pieces();
    },
  };
}

function descrOf(values: Float32Array | Float64Array | Int32Array | Uint8Array) {
  if (values instanceof Float32Array) return '<f4';
  if (values instanceof Float64Array) return '<f8';
  return values instanceof Int32Array ? '<i4' : '|u1';
}

/** NumPy's texts are code points of 32 bits each. */
function textBytes(text: string): Uint8Array {
  const points = Int32Array.from(text, (letter) => letter.codePointAt(0) ?? 0);
  const header = npyHeader(`<U${Math.max(1, points.length)}`, []);
  const out = new Uint8Array(header.length + 4 * Math.max(1, points.length));
  out.set(header);
  out.set(new Uint8Array(points.buffer), header.length);
  return out;
}

function parseText(bytes: Uint8Array, name: string): string | null {
  const { descr, shape, dataAt } = npyHeaderOf(bytes, name);
  if (!/^<U\d+$/.test(descr) || shape.length > 0) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + dataAt, bytes.byteLength - dataAt);
  let text = '';
  for (let at = 0; at + 4 <= view.byteLength; at += 4) {
    const point = view.getUint32(at, true);
    if (point > 0x10ffff) return null;
    if (point !== 0) text += String.fromCodePoint(point);
  }
  return text;
}
