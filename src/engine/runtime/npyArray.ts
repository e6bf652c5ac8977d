/** NumPy's .npy container read from bytes (numpy/lib/format.py, versions 1 to 3): one array of any ordinary numbers. */
import { GenscopeError } from '../../shared/errors.ts';
import { halfToFloat } from '../pixels.ts';

export interface NpyArray {
  /** Such as `<f4`. */
  readonly descr: string;
  readonly shape: readonly number[];
  /** In C order; float64 and integers of 32 bits and more stay doubles. */
  readonly values: Float32Array | Float64Array;
}

const MAGIC = '\u0093NUMPY';

/** How numbers are read, by NumPy's letter and width. */
const READERS: Readonly<Record<string, (view: DataView, at: number, little: boolean) => number>> = {
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
  i1: (view, at) => view.getInt8(at),
  u1: (view, at) => view.getUint8(at),
  b1: (view, at) => view.getUint8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  u2: (view, at, little) => view.getUint16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
};
const AS_FLOAT32 = new Set(['f2', 'f4', 'i1', 'u1', 'b1', 'i2', 'u2']);

export interface NpyHeader {
  readonly descr: string;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  /** Where the numbers start. */
  readonly dataAt: number;
}

/** @throws GenscopeError `input.invalid` for what is no .npy, or holds something else than numbers, or is cut off */
export function parseNpy(bytes: Uint8Array<ArrayBuffer>, name: string): NpyArray {
  const { descr, fortran, shape, dataAt } = npyHeaderOf(bytes, name);
  const kind = descr.slice(1);
  const width = Number(kind.slice(1));
  if (!(kind === 'f2' || kind in READERS)) throw malformed(name, `it holds ${descr}, which are no numbers`);
  const count = shape.reduce((a, b) => a * b, 1);
  if (bytes.length - dataAt !== count * width)
    throw malformed(
      name,
      `it is ${bytes.length} bytes long, and ${dataAt + count * width} with all its rows`,
    );
  const values = numbersOf(bytes.subarray(dataAt), kind, count, descr);
  return { descr, shape, values: fortran ? inCOrder(values, shape) : values };
}

/** @throws GenscopeError `input.invalid` */
export function npyHeaderOf(bytes: Uint8Array, name: string): NpyHeader {
  const { literal, dataAt } = literalOf(bytes, name);
  const descr = /'descr':\s*'([^']*)'/.exec(literal)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(literal)?.[1];
  const axes = /'shape':\s*\(([^)]*)\)/.exec(literal)?.[1];
  if (descr === undefined || order === undefined || axes === undefined)
    throw malformed(name, 'its header cannot be read');
  const shape = axes.split(',').flatMap((axis) => (axis.trim() === '' ? [] : [Number(axis)]));
  if (!shape.every((size) => Number.isInteger(size) && size >= 0))
    throw malformed(name, `its shape (${axes}) makes no sense`);
  return { descr, fortran: order === 'True', shape, dataAt };
}

function literalOf(bytes: Uint8Array, name: string): { literal: string; dataAt: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isNpy = bytes.length >= 12 && String.fromCharCode(...bytes.subarray(0, 6)) === MAGIC;
  const version = bytes[6] ?? 0;
  if (!isNpy || version < 1 || version > 3) throw malformed(name, 'it is no .npy file');
  // Version 2 made room for long headers.
  const start = version === 1 ? 10 : 12;
  const dataAt = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (dataAt > bytes.length) throw malformed(name, 'it ends within its header');
  return { literal: new TextDecoder().decode(bytes.subarray(start, dataAt)), dataAt };
}

function numbersOf(
  bytes: Uint8Array<ArrayBuffer>,
  kind: string,
  count: number,
  descr: string,
): Float32Array | Float64Array {
  const little = !descr.startsWith('>');
  // As they lie there, without a look at each: features are hundreds of megabytes.
  if (little && (kind === 'f4' || kind === 'f8')) {
    // A copy, not `slice`: that of a Buffer is a view of all of it.
    const own = new Uint8Array(bytes).buffer;
    return kind === 'f4' ? new Float32Array(own) : new Float64Array(own);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (kind === 'f2')
    return halfToFloat(Uint16Array.from({ length: count }, (_, i) => view.getUint16(i * 2, little)));
  const out = AS_FLOAT32.has(kind) ? new Float32Array(count) : new Float64Array(count);
  const width = Number(kind.slice(1));
  const read = READERS[kind] as (typeof READERS)[string];
  for (let i = 0; i < count; i++) out[i] = read(view, i * width, little);
  return out;
}

/** Matrices only: nobody keeps more axes in Fortran's order. */
function inCOrder<T extends Float32Array | Float64Array>(values: T, shape: readonly number[]): T {
  if (shape.length < 2) return values;
  const [rows = 0, columns = 0] = shape;
  const out = values.slice() as T;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      out[row * columns + column] = values[column * rows + row] as number;
  return out;
}

export function malformed(name: string, problem: string): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    `“${name}” cannot be used: ${problem}.`,
    'Save one array of floats with numpy.save(file, numpy.ascontiguousarray(rows, dtype=numpy.float32)).',
    { next: ['answerRoles'] },
  );
}
