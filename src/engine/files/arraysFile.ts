/**
 * Named typed arrays in one file: what long work is taken up again from. Eight bytes of magic, the length of a JSON
 * header, a CRC-32 of all that follows, the header, and the arrays, each beginning at a multiple of eight.
 */
import fs from 'node:fs';
import { crc32 } from 'node:zlib';
import { AtomicFile } from '../../shared/files/atomic.ts';
import { setAside } from '../../shared/files/sealed.ts';

const MAGIC = 'GSCOPE02';
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
  const body = [text, ...entries.map(([, array]) => bytesOf(array))].flatMap((bytes) => [
    bytes,
    new Uint8Array(padded(bytes.length) - bytes.length),
  ]);
  const head = new Uint8Array(16);
  head.set(new TextEncoder().encode(MAGIC));
  const view = new DataView(head.buffer);
  view.setUint32(8, text.length, true);
  view.setUint32(
    12,
    // Node answers 0 for the CRC of nothing, whatever went before.
    body.reduce((sum, bytes) => (bytes.length === 0 ? sum : crc32(bytes, sum)), 0),
    true,
  );
  const out = new AtomicFile(file);
  for (const bytes of [head, ...body]) out.write(bytes);
  out.commit();
}

function bytesOf(array: SavedArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/**
 * Null when there is no such file. One that is not what `writeArrays` wrote, to the last bit, is set aside under another
 * name; the work then starts from the beginning, and says so.
 */
export function readArrays(file: string): ArraysFile | null | { readonly damaged: string } {
  let bytes: Buffer;
  try {
    const there = fs.statSync(file, { throwIfNoEntry: false });
    // Not a pipe that somebody has put there; a folder is found out below.
    if (there !== undefined && !there.isFile() && !there.isDirectory()) return { damaged: setAside(file) };
    bytes = fs.readFileSync(file);
  } catch (thrown) {
    // A folder in its place is nobody's work; writing will say that it is in the way.
    const { code = '' } = thrown as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'EISDIR' ? null : { damaged: setAside(file) };
  }
  return parse(bytes) ?? { damaged: setAside(file) };
}

function parse(bytes: Buffer): ArraysFile | null {
  if (bytes.length < 16 || bytes.subarray(0, 8).toString('latin1') !== MAGIC) return null;
  const textLength = bytes.readUInt32LE(8);
  if (crc32(bytes.subarray(16)) !== bytes.readUInt32LE(12)) return null;
  const header = JSON.parse(bytes.subarray(16, 16 + textLength).toString('utf8')) as Header;
  return { about: header.about, arrays: readBodies(header, bytes, 16 + padded(textLength)) };
}

function readBodies(header: Header, bytes: Buffer, from: number): Record<string, SavedArray> {
  let at = from;
  return Object.fromEntries(
    header.arrays.map(({ name, type, length }) => {
      const Type = TYPES[type];
      const size = length * Type.BYTES_PER_ELEMENT;
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
