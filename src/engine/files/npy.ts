/**
 * NumPy's .npy container, version 1.0 (numpy/lib/format.py): magic, a padded Python-literal header, raw data.
 * Written in chunks, so that 50,000 images never sit in memory together.
 */

import { AtomicFile } from '../../shared/files/atomic.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0];

/** The header for an array of NumPy's `dtype` in C order; its length is a multiple of 64. */
export function npyHeader(dtype: string, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const literal = `{'descr': '${dtype}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const total = Math.ceil((MAGIC.length + 2 + literal.length + 1) / 64) * 64;
  const header = literal.padEnd(total - MAGIC.length - 3, ' ').concat('\n');
  const bytes = new Uint8Array(total);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setUint16(MAGIC.length, header.length, true);
  bytes.set(new TextEncoder().encode(header), MAGIC.length + 2);
  return bytes;
}

export class NpyWriter {
  readonly #out: AtomicFile;
  readonly #expected: number;
  #written = 0;

  constructor(file: string, dtype: '<f4' | '|u1', shape: readonly number[]) {
    this.#expected = shape.reduce((a, b) => a * b, dtype === '<f4' ? 4 : 1);
    this.#out = new AtomicFile(file);
    this.#out.write(npyHeader(dtype, shape));
  }

  append(data: Float32Array | Uint8Array): void {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#written += bytes.length;
    this.#out.write(bytes);
  }

  /** Takes an unfinished file away: its header would promise rows that are not there. */
  abandon(): void {
    this.#out.abandon();
  }

  /** @throws GenscopeError when fewer rows came than the header promises: such a file would not load. */
  close(): void {
    if (this.#written === this.#expected) {
      this.#out.commit();
      return;
    }
    this.#out.abandon();
    throw new GenscopeError('output.notWritable', `${this.#out.file} was not finished.`, 'Start it again.', {
      next: ['retry'],
    });
  }
}
