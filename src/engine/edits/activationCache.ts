/** Feature maps at a cut, kept while a person is at work there. */
import type { TensorValue } from '../runtime/session.ts';

/** What crosses a cut for one part of the samples. */
export interface CachedPart {
  readonly tensors: Readonly<Record<string, TensorValue>>;
}

const MOST_BYTES = 512 * 1024 * 1024;

/** Least recently used goes first; what is larger than all the room is not kept. */
export class ActivationCache {
  readonly #most: number;
  readonly #entries = new Map<string, { parts: readonly CachedPart[]; bytes: number }>();
  #bytes = 0;

  constructor(most = MOST_BYTES) {
    this.#most = most;
  }

  get bytes(): number {
    return this.#bytes;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  get(key: string): readonly CachedPart[] | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.parts;
  }

  put(key: string, parts: readonly CachedPart[]): void {
    const bytes = parts.reduce(
      (sum, { tensors }) =>
        sum + Object.values(tensors).reduce((size, { data }) => size + data.byteLength, 0),
      0,
    );
    this.#drop(key);
    if (bytes > this.#most) return;
    this.#entries.set(key, { parts, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#most) return;
      this.#drop(oldest);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}
