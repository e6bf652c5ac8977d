/** One thing at a time: ONNX Runtime blocks the thread anyway, and two models at once would only share its cores. */
import { cancelled } from '../../shared/kernel/errors.ts';

export class SerialQueue {
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  get length(): number {
    return this.#waiting;
  }

  /** Runs `work` after everything queued before it. Work cancelled while it waits is never begun, and answered at once. */
  run<R>(signal: AbortSignal, work: () => Promise<R>): Promise<R> {
    this.#waiting++;
    return new Promise<R>((resolve, reject) => {
      const callOff = () => reject(cancelled());
      if (signal.aborted) callOff();
      signal.addEventListener('abort', callOff, { once: true });
      const turn = async () => {
        this.#waiting--;
        // Without a turn of the event loop here, a cancel that arrived during the last run would not be seen yet.
        await nextTurn();
        // From now on the work itself answers: whoever waits for it must know when it is really over.
        signal.removeEventListener('abort', callOff);
        if (signal.aborted) throw cancelled();
        resolve(await work());
      };
      this.#tail = this.#tail.then(turn).catch(reject);
    });
  }
}

/**
 * Gives the event loop a full turn, so that messages (a cancel, above all) are read between two batches. Two
 * immediates, because pipe reads are polled between the first and the second.
 */
export async function nextTurn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  await new Promise<void>((resolve) => setImmediate(resolve));
}

/** @throws the cancellation error when the caller has called the work off */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw cancelled();
}
