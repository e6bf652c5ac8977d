/** NumPy's .npy container read back: floats of any width, as float32. */
import fs from 'node:fs';
import path from 'node:path';
import { GenscopeError } from '../../shared/errors.ts';
import { malformed, npyHeaderOf, parseNpy } from './npyArray.ts';

export interface NpyFloats {
  readonly shape: readonly number[];
  /** In C order. */
  readonly values: Float32Array;
}

/** 1 GB of float32: rows of embeddings are a thousandth of that. */
const MOST_ELEMENTS = 2 ** 28;

/** @throws GenscopeError `input.invalid` for a file that is missing, damaged, or holds no floats in C order */
export function readNpyFloats(file: string): NpyFloats {
  const name = path.basename(file);
  const bytes = readBytes(file, name);
  const { descr, fortran, shape } = npyHeaderOf(bytes, name);
  if (!/^[<>=]f[248]$/.test(descr))
    throw malformed(name, `it holds ${descr}, not float16, float32 or float64`);
  if (fortran) throw malformed(name, 'its array is in Fortran order');
  if (shape.reduce((a, b) => a * b, 1) > MOST_ELEMENTS)
    throw malformed(name, `its shape (${shape.join(', ')}) makes no sense`);
  const { values } = parseNpy(bytes, name);
  return { shape, values: values instanceof Float32Array ? values : Float32Array.from(values) };
}

function readBytes(file: string, name: string): Uint8Array<ArrayBuffer> {
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
