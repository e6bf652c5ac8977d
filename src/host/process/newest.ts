/** Of requests of one kind only the newest counts: an older one that is still under way is called off. */
import { cancelled } from '../../shared/kernel/errors.ts';

export class Newest {
  #current: AbortController | null = null;

  /** Runs `work` with a signal that also aborts when the next one comes. */
  async run<R>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<R>): Promise<R> {
    this.#current?.abort(cancelled());
    const controller = new AbortController();
    this.#current = controller;
    const stop = () => controller.abort(cancelled());
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await work(controller.signal);
    } finally {
      signal.removeEventListener('abort', stop);
      if (this.#current === controller) this.#current = null;
    }
  }
}
