/** Keeps unfinished work on disk now and then: seldom enough not to be felt, and never at the price of the work. */
import { asGenscopeError, type GenscopeError } from '../../shared/kernel/errors.ts';

const EVERY_MS = 2000;
/** Of the time, at most: states of wide layers take a while to write. */
const MOST = 0.03;

export class Keeper {
  /** Why keeping failed, once it did; the work goes on without. */
  failure: GenscopeError | null = null;
  readonly #save: (() => void) | null;
  #last = performance.now();
  #took = 0;

  /** @param save null: nothing is kept */
  constructor(save: (() => void) | null) {
    this.#save = save;
  }

  /** After each piece of work. */
  offer(): void {
    if (performance.now() - this.#last > Math.max(EVERY_MS, this.#took / MOST)) this.keep();
  }

  keep(): void {
    if (this.#save === null) return;
    const began = performance.now();
    try {
      this.#save();
      this.failure = null;
    } catch (thrown) {
      // A full disk, for instance: what was kept before is there still.
      this.failure = asGenscopeError(thrown);
    }
    this.#last = performance.now();
    this.#took = this.#last - began;
  }
}
