/** What the units of a layer do, where anybody wants to know it: asked once for each layer and concept, one at a time. */
import { effect, type Signal, signal } from '@preact/signals';
import type { UnitValues } from '../../src/shared/edits/interventions.ts';
import { EFFECT_DEFAULTS } from '../../src/shared/effects/effects.ts';
import { asGenscopeError, type ErrorData } from '../../src/shared/kernel/errors.ts';
import type { Bridge } from '../bridge.ts';
import { unreadable } from './courier.ts';

export interface ValuesWish {
  readonly stamp: string;
  readonly tensor: string;
  /** Indices into the segmenter's concepts that count together; empty: values without a concept. */
  readonly concepts: readonly number[];
  /** Its name: another one sees something else. Null where no concept is asked for. */
  readonly segmenter: string | null;
}

export interface ValuesProgress {
  readonly id: string;
  readonly done: number;
  readonly total: number;
}

/** The unit's value that 1 % of all cells exceed: its 99th percentile. */
const QUANTILE = 0.01;

export class UnitValuesStore {
  readonly known: Signal<ReadonlyMap<string, UnitValues>> = signal(new Map());
  readonly progress: Signal<ValuesProgress | null> = signal(null);
  readonly failed: Signal<{ readonly id: string; readonly error: ErrorData } | null> = signal(null);
  readonly #bridge: Bridge;
  readonly #wishes: () => readonly ValuesWish[];
  readonly #onChanged: () => void;
  #running: { readonly id: string; readonly abort: AbortController } | null = null;

  /**
   * @param wishes what is wanted now, the most urgent first
   * @param onChanged told when the engine finds another file than the one described
   */
  constructor(bridge: Bridge, wishes: () => readonly ValuesWish[], onChanged: () => void) {
    this.#bridge = bridge;
    this.#wishes = wishes;
    this.#onChanged = onChanged;
    effect(() => this.#refresh(wishes()));
  }

  of(wish: ValuesWish): UnitValues | null {
    return this.known.value.get(valuesId(wish)) ?? null;
  }

  retry(): void {
    this.failed.value = null;
    this.#refresh(this.#wishes());
  }

  #refresh(wishes: readonly ValuesWish[]): void {
    if (this.#running !== null) {
      // Nobody wants it any more: the engine has better things to do.
      if (!wishes.some((wish) => valuesId(wish) === this.#running?.id)) this.#running.abort.abort();
      return;
    }
    const next = wishes.find((wish) => {
      const id = valuesId(wish);
      return !this.known.peek().has(id) && this.failed.peek()?.id !== id;
    });
    if (next !== undefined) void this.#ask(next);
  }

  /** It is not asked for again until the person wants it, or the file is another one. */
  #fail(id: string, error: ErrorData): void {
    this.failed.value = { id, error };
    if (error.code === 'model.changed') this.#onChanged();
  }

  async #ask(wish: ValuesWish): Promise<void> {
    const id = valuesId(wish);
    const abort = new AbortController();
    this.#running = { id, abort };
    const { stamp, tensor, concepts } = wish;
    const { source, trainingSeed: seed, trainingSamples: samples } = EFFECT_DEFAULTS;
    this.progress.value = { id, done: 0, total: samples };
    try {
      const values = await this.#bridge.request(
        'unitValues',
        { stamp, tensor, concepts, source, seed, samples, quantile: QUANTILE },
        {
          signal: abort.signal,
          onProgress: ({ done, total }) => {
            if (!abort.signal.aborted) this.progress.value = { id, done, total };
          },
        },
      );
      if (!(values.mean instanceof Float32Array)) throw unreadable();
      this.known.value = new Map([...this.known.peek(), [id, values]]);
    } catch (thrown) {
      if (!abort.signal.aborted) this.#fail(id, asGenscopeError(thrown).toData());
    } finally {
      this.#running = null;
      this.progress.value = null;
      this.#refresh(this.#wishes());
    }
  }
}

/** Stands for all that decides the values. */
export function valuesId({ stamp, tensor, concepts, segmenter }: ValuesWish): string {
  return JSON.stringify([stamp, tensor, concepts, concepts.length > 0 ? segmenter : null]);
}
