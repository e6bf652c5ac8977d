/** NumPy's .npy container read back from a file, slice by slice: one of any size that the memory has room for. */
import fs from 'node:fs';
import path from 'node:path';
import { codeOf, openRegular, reasonOf } from '../../shared/files/readSmall.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import {
  elements,
  malformed,
  type NpyArray,
  NpyDecoder,
  type NpyHeader,
  type NpyPrecision,
  npyHeaderOf,
} from './npyArray.ts';

export interface NpyFloats {
  readonly shape: readonly number[];
  /** In C order. */
  readonly values: Float32Array;
}

/** 1 GB of float32: rows of embeddings are a thousandth of that. */
const MOST_ELEMENTS = 2 ** 28;
const SLICE = 4 << 20;
/** NumPy's headers have 128 bytes; those of long field lists are no arrays of numbers. */
const HEAD = 2 ** 16 + 12;

/** @throws GenscopeError `input.invalid` for a file that is missing, damaged, or holds no floats in C order */
export function readNpyFloats(file: string): NpyFloats {
  const name = path.basename(file);
  const { descr, fortran, shape } = readNpyHeader(file, besideModel);
  if (!/^[<>=]f[248]$/.test(descr))
    throw malformed(name, `it holds ${descr}, not float16, float32 or float64`);
  if (fortran) throw malformed(name, 'its array is in Fortran order');
  if (elements(shape) > MOST_ELEMENTS)
    throw malformed(name, `its shape (${shape.join(', ')}) makes no sense`);
  const { values } = readNpy(file, 'float32', besideModel);
  return { shape, values: values as Float32Array };
}

/** Why a file could not be opened, in the words of who asks for it. */
type Complaint = (name: string, thrown: unknown) => GenscopeError;

/** @throws GenscopeError `input.invalid` for what is no .npy of numbers, damaged, or too large for the memory */
export function readNpy(file: string, precision: NpyPrecision, complain: Complaint = unreadable): NpyArray {
  const name = path.basename(file);
  return withFile(file, complain, (descriptor, size) => {
    const decoder = new NpyDecoder(name, size, precision);
    const slice = new Uint8Array(Math.min(SLICE, size));
    for (let at = 0; at < size; ) {
      const got = fs.readSync(descriptor, slice, 0, slice.length, at);
      if (got === 0) break;
      decoder.push(slice.subarray(0, got));
      at += got;
    }
    return decoder.finish();
  });
}

/** @throws GenscopeError `input.invalid` */
export function readNpyHeader(file: string, complain: Complaint = unreadable): NpyHeader & { size: number } {
  return withFile(file, complain, (descriptor, size) => {
    const head = new Uint8Array(Math.min(HEAD, size));
    const got = fs.readSync(descriptor, head, 0, head.length, 0);
    return { ...npyHeaderOf(head.subarray(0, got), path.basename(file)), size };
  });
}

function withFile<T>(file: string, complain: Complaint, read: (descriptor: number, size: number) => T): T {
  let opened: ReturnType<typeof openRegular>;
  try {
    opened = openRegular(file);
  } catch (thrown) {
    throw complain(path.basename(file), thrown);
  }
  try {
    return read(opened.descriptor, opened.size);
  } catch (thrown) {
    throw thrown instanceof GenscopeError ? thrown : complain(path.basename(file), thrown);
  } finally {
    fs.closeSync(opened.descriptor);
  }
}

function unreadable(name: string, thrown: unknown): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    `${name} cannot be read: ${reasonOf(thrown)}.`,
    'Check the file.',
    {
      detail: String(thrown),
    },
  );
}

function besideModel(name: string, thrown: unknown): GenscopeError {
  const isMissing = codeOf(thrown) === 'ENOENT';
  return new GenscopeError(
    'input.invalid',
    isMissing
      ? `There is no “${name}” beside the model.`
      : `“${name}” could not be read: ${reasonOf(thrown)}.`,
    isMissing
      ? 'Put it back, or choose another file.'
      : 'Check that you may read it, or choose another file.',
    { next: ['answerRoles'], detail: String(thrown) },
  );
}
