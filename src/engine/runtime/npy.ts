/**
 * NumPy's .npy container, version 1.0 (numpy/lib/format.py): magic, a padded Python-literal header, raw data.
 * Written in chunks, so that 50,000 images never sit in memory together.
 */
import fs from 'node:fs';
import { GenscopeError } from '../../shared/errors.ts';

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
  readonly #descriptor: number;
  readonly #file: string;
  /** Written under another name until it is whole: an earlier file of that name stays until then. */
  readonly #part: string;
  readonly #expected: number;
  #written = 0;

  constructor(file: string, dtype: '<f4' | '|u1', shape: readonly number[]) {
    this.#file = file;
    this.#part = `${file}.part`;
    this.#expected = shape.reduce((a, b) => a * b, dtype === '<f4' ? 4 : 1);
    try {
      this.#descriptor = fs.openSync(this.#part, 'w');
    } catch (thrown) {
      throw writeError(file, thrown);
    }
    try {
      fs.writeSync(this.#descriptor, npyHeader(dtype, shape));
    } catch (thrown) {
      this.abandon();
      throw writeError(file, thrown);
    }
  }

  append(data: Float32Array | Uint8Array): void {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#written += bytes.length;
    try {
      for (let at = 0; at < bytes.length; ) at += fs.writeSync(this.#descriptor, bytes, at);
    } catch (thrown) {
      throw writeError(this.#file, thrown);
    }
  }

  /** Takes an unfinished file away: its header would promise rows that are not there. */
  abandon(): void {
    fs.closeSync(this.#descriptor);
    fs.rmSync(this.#part, { force: true });
  }

  /** @throws GenscopeError when fewer rows came than the header promises: such a file would not load. */
  close(): void {
    fs.closeSync(this.#descriptor);
    if (this.#written !== this.#expected) {
      fs.rmSync(this.#part, { force: true });
      throw new GenscopeError('output.notWritable', `${this.#file} was not finished.`, 'Start it again.', {
        next: ['retry'],
      });
    }
    try {
      fs.renameSync(this.#part, this.#file);
    } catch (thrown) {
      throw writeError(this.#file, thrown);
    }
  }
}

export function writeError(file: string, thrown: unknown): GenscopeError {
  const code = (thrown as NodeJS.ErrnoException).code;
  const why =
    code === 'ENOSPC' || code === 'EDQUOT'
      ? 'the disk is full'
      : code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
        ? 'you may not write there'
        : code === 'EEXIST' || code === 'ENOTDIR'
          ? 'a file stands where a folder is needed'
          : code === 'EISDIR'
            ? 'it is a folder'
            : code === 'ENOENT'
              ? 'its folder is not there'
              : code;
  return new GenscopeError(
    'output.notWritable',
    `${file} could not be written: ${why ?? String(thrown)}.`,
    code === 'ENOSPC' || code === 'EDQUOT'
      ? 'Make room there, or choose another place.'
      : 'Choose another place.',
    {
      detail: String(thrown),
    },
  );
}
