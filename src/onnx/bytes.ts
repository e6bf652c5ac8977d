/** Random access to a model file that is too large to hold: the engine implements it over a file descriptor. */
import { GenscopeError } from '../shared/kernel/errors.ts';

export interface ByteSource {
  /** Bytes in all; a plain number, exact far beyond 2 GiB. */
  readonly size: number;
  /** The bytes [offset, offset + length); fewer only where the source has shrunk since `size` was read. */
  read(offset: number, length: number): Uint8Array;
}

/** A source over bytes already in memory: tests, and models that arrive over a network. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

export function truncated(detail?: string): GenscopeError {
  return new GenscopeError(
    'model.truncated',
    'This file ends in the middle of the model, so part of it is missing.',
    'Copy, download or export it again, and compare its size with the original.',
    detail === undefined ? {} : { detail },
  );
}

export function unreadable(detail?: string): GenscopeError {
  return new GenscopeError(
    'model.unreadable',
    'This file starts like an ONNX model, but its contents are damaged.',
    'Copy, download or export it again, and check it with `onnx.checker.check_model`.',
    detail === undefined ? {} : { detail },
  );
}

/**
 * Large enough that the small fields between two weights come in one read, and small enough that a model
 * with a thousand weights costs 16 MB of reading, not its 1.5 GB.
 */
const WINDOW = 16 * 1024;

/** Buffered reading. Every range is checked against the source before anything is read or allocated. */
export class Bytes {
  readonly size: number;
  readonly #source: ByteSource;
  #window: Uint8Array = new Uint8Array(0);
  #start = 0;

  constructor(source: ByteSource) {
    this.#source = source;
    this.size = source.size;
  }

  byte(offset: number): number {
    const inside = this.#window[offset - this.#start];
    if (inside !== undefined) return inside;
    if (offset >= this.size) throw truncated(`a byte was expected at ${offset}, the file has ${this.size}`);
    this.#window = this.#read(offset, Math.min(WINDOW, this.size - offset));
    this.#start = offset;
    return this.#window[0] as number;
  }

  /** A copy of [start, end): sources may reuse their buffers. */
  slice(start: number, end: number): Uint8Array {
    const from = start - this.#start;
    if (from >= 0 && end - this.#start <= this.#window.length)
      return this.#window.slice(from, end - this.#start);
    return this.#read(start, end - start).slice();
  }

  #read(offset: number, length: number): Uint8Array {
    if (offset + length > this.size) throw truncated(`${offset} + ${length} is beyond the end, ${this.size}`);
    const bytes = this.#source.read(offset, length);
    if (bytes.length < length)
      throw truncated(`the file became shorter than ${offset + length} while it was read`);
    return bytes;
  }
}
