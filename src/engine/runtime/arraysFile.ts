/**
 * Named typed arrays in one file: what long work is taken up again from. Eight bytes of magic, the length of a JSON
 * header, the header, and the arrays, each beginning at a multiple of eight. Written beside and renamed, so that a crash
 * leaves the last whole one.
 */
import fs from 'node:fs';
import { writeError } from './npy.ts';

const MAGIC = 'GSCOPE01';
const TYPES = { Float32Array, Float64Array, Uint8Array, Uint16Array, Uint32Array, Int32Array } as const;

type TypeName = keyof typeof TYPES;
export type SavedArray = Float32Array | Float64Array | Uint8Array | Uint16Array | Uint32Array | Int32Array;

export interface ArraysFile {
  /** Anything JSON can say. */
  readonly about: unknown;
  readonly arrays: Readonly<Record<string, SavedArray>>;
}

interface Header {
  readonly about: unknown;
  readonly arrays: readonly { readonly name: string; readonly type: TypeName; readonly length: number }[];
}

/** @throws GenscopeError `output.notWritable` */
export function writeArrays(file: string, { about, arrays }: ArraysFile): void {
  const entries = Object.entries(arrays);
  const header: Header = {
    about,
    arrays: entries.map(([name, array]) => ({ name, type: typeName(array), length: array.length })),
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const lengths = new Uint8Array(8);
  new DataView(lengths.buffer).setUint32(0, text.length, true);
  const part = `${file}.part`;
  try {
    const descriptor = fs.openSync(part, 'w');
    try {
      const whole = (bytes: Uint8Array) => {
        for (let at = 0; at < bytes.length; ) at += fs.writeSync(descriptor, bytes, at);
      };
      const write = (bytes: Uint8Array) => {
        whole(bytes);
        whole(new Uint8Array((8 - (bytes.length % 8)) % 8));
      };
      write(new TextEncoder().encode(MAGIC));
      write(lengths);
      write(text);
      for (const [, array] of entries)
        write(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    } finally {
      fs.closeSync(descriptor);
    }
    fs.renameSync(part, file);
  } catch (thrown) {
    fs.rmSync(part, { force: true });
    throw writeError(file, thrown);
  }
}

/** Null when there is no such file, or it is not whole, or not ours: the work then starts from the beginning. */
export function readArrays(file: string): ArraysFile | null {
  let bytes: Buffer;
  try {
    bytes = fs.readFileSync(file);
  } catch {
    return null;
  }
  if (bytes.length < 16 || bytes.subarray(0, 8).toString('latin1') !== MAGIC) return null;
  const textLength = bytes.readUInt32LE(8);
  try {
    const header = JSON.parse(bytes.subarray(16, 16 + textLength).toString('utf8')) as Header;
    return { about: header.about, arrays: readBodies(header, bytes, 16 + padded(textLength)) };
  } catch {
    return null;
  }
}

function readBodies(header: Header, bytes: Buffer, from: number): Record<string, SavedArray> {
  let at = from;
  return Object.fromEntries(
    header.arrays.map(({ name, type, length }) => {
      const Type = TYPES[type];
      const size = length * Type.BYTES_PER_ELEMENT;
      if (at + size > bytes.length) throw new RangeError('The file ends early.');
      // A copy: the pooled buffer need not begin at a multiple of the element's size.
      const own = bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + size);
      at += padded(size);
      return [name, new Type(own as ArrayBuffer)];
    }),
  );
}

function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}

function typeName(array: SavedArray): TypeName {
  const found = (Object.keys(TYPES) as TypeName[]).find((name) => array instanceof TYPES[name]);
  if (found === undefined) throw new TypeError(`Arrays of ${array.constructor.name} cannot be saved.`);
  return found;
}
