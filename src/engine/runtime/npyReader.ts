/** NumPy's .npy container read back (numpy/lib/format.py, versions 1 to 3): floats of any width, as float32. */
import fs from 'node:fs';
import path from 'node:path';
import { GenscopeError } from '../../shared/errors.ts';
import { halfToFloat } from '../pixels.ts';

export interface NpyArray {
  readonly shape: readonly number[];
  /** In C order. */
  readonly values: Float32Array;
}

const MAGIC = '\u0093NUMPY';
/** 1 GB of float32: rows of embeddings are a thousandth of that. */
const MOST_ELEMENTS = 2 ** 28;

/** @throws GenscopeError `input.invalid` for a file that is missing, damaged, or holds no floats in C order */
export function readNpyFloats(file: string): NpyArray {
  const name = path.basename(file);
  const bytes = readBytes(file, name);
  const { literal, dataAt } = headerOf(bytes, name);
  const descr = /'descr':\s*'([^']*)'/.exec(literal)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(literal)?.[1];
  const axes = /'shape':\s*\(([^)]*)\)/.exec(literal)?.[1];
  if (descr === undefined || order === undefined || axes === undefined)
    throw malformed(name, 'its header cannot be read');
  const width = { f2: 2, f4: 4, f8: 8 }[descr.slice(1)];
  if (width === undefined || !/^[<>=]/.test(descr))
    throw malformed(name, `it holds ${descr}, not float16, float32 or float64`);
  if (order === 'True') throw malformed(name, 'its array is in Fortran order');
  const shape = axes.split(',').flatMap((axis) => (axis.trim() === '' ? [] : [Number(axis)]));
  const count = shape.reduce((a, b) => a * b, 1);
  if (!shape.every((size) => Number.isInteger(size) && size >= 0) || count > MOST_ELEMENTS)
    throw malformed(name, `its shape (${axes}) makes no sense`);
  if (bytes.length - dataAt !== count * width)
    throw malformed(
      name,
      `it is ${bytes.length} bytes long, and ${dataAt + count * width} with all its rows`,
    );
  return { shape, values: asFloats(bytes.subarray(dataAt), width, descr.startsWith('>')) };
}

function readBytes(file: string, name: string): Uint8Array {
  try {
    return fs.readFileSync(file);
  } catch (thrown) {
    const isMissing = (thrown as NodeJS.ErrnoException).code === 'ENOENT';
    throw new GenscopeError(
      'input.invalid',
      isMissing ? `There is no “${name}” beside the model.` : `“${name}” could not be read.`,
      isMissing
        ? 'Put it back, or choose another file.'
        : 'Check that you may read it, or choose another file.',
      { next: ['answerRoles'], detail: String(thrown) },
    );
  }
}

/** The Python literal, and where the numbers start. */
function headerOf(bytes: Uint8Array, name: string): { literal: string; dataAt: number } {
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

function asFloats(bytes: Uint8Array, width: number, bigEndian: boolean): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.length / width;
  if (width === 2)
    return halfToFloat(Uint16Array.from({ length: count }, (_, i) => view.getUint16(i * 2, !bigEndian)));
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++)
    out[i] = width === 4 ? view.getFloat32(i * 4, !bigEndian) : view.getFloat64(i * 8, !bigEndian);
  return out;
}

function malformed(name: string, problem: string): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    `“${name}” cannot be used: ${problem}.`,
    'Save one array of floats with numpy.save(file, numpy.ascontiguousarray(rows, dtype=numpy.float32)).',
    { next: ['answerRoles'] },
  );
}
