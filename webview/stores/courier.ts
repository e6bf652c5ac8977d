/** Carries wishes for pictures to the engine, the newest first, and tells how far it is. */
import { batch, type Signal, signal } from '@preact/signals';
import {
  asGenscopeError,
  type ErrorData,
  GenscopeError,
  isCancelled,
} from '../../src/shared/kernel/errors.ts';
import { timeLeft } from '../model/format.ts';
import { LatestWins } from '../model/latestWins.ts';

/** Pictures that should be on show somewhere. */
export interface Wish {
  /** Stands for all of it: what is shown, of which file, how large. */
  readonly id: string;
  /** Where they go: `done` names the wish whose pictures are all there. */
  readonly target: { done: string };
  /** Asks for what is missing and draws it; answers what the engine warned of, null when nothing had to be asked. */
  readonly run: (abort: AbortSignal, report: Report) => Promise<readonly string[] | null>;
}

/** Told how many pictures have come. */
export type Report = (done: number, total: number) => void;

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly left: number | undefined;
}

/** What a tab full of pictures has in common with another one. */
export interface PictureWork {
  readonly courier: Courier;
  /** True while there is something on show that a failure must not take away. */
  readonly hasPictures: boolean;
  /** Asks for every picture again: the file changed, or its roles. */
  again(): void;
}

/** Work that is over sooner than this shows no progress: a flash tells nobody anything. */
const SLOW_AFTER = 300;

export class Courier {
  readonly progress = signal<Progress | null>(null);
  /** True once the work has taken long enough to be worth talking about. */
  readonly slow = signal(false);
  readonly busy = signal(false);
  readonly error: Signal<ErrorData | null> = signal(null);
  readonly cancelled = signal(false);
  /** What the engine said about the pictures that came last. */
  readonly warning = signal('');
  readonly #onChanged: () => void;
  readonly #pump: LatestWins<Wish>;
  #asked = '';
  #slowTimer: ReturnType<typeof setTimeout> | undefined;
  #choose: () => readonly Wish[] = () => [];

  /**
   * @param onChanged told when the file is another one than the wish was made for: no failure, but nothing to draw.
   * @param patience milliseconds that work may go on after a newer wish has come
   */
  constructor(onChanged: () => void, patience?: number) {
    this.#onChanged = onChanged;
    this.#pump = new LatestWins<Wish>((wish, abort) => this.#run(wish, abort), patience);
  }

  /** @param wishes what should be on show, the most urgent first; asked again whenever work ends. */
  serve(wishes: () => readonly Wish[]): void {
    this.#choose = wishes;
  }

  /** Asks for the first wish that is not on show, unless it was asked for already (also when it failed). */
  refresh(): void {
    const wishes = this.#choose();
    const wish = wishes.find(({ target, id }) => target.done !== id);
    if (wish === undefined) {
      this.#asked = '';
      this.#pump.cancel();
      return;
    }
    if (wish.id === this.#asked) return;
    this.#asked = wish.id;
    batch(() => {
      this.error.value = null;
      this.cancelled.value = false;
    });
    this.#begin();
    this.#pump.submit(wish);
  }

  /** Tries again what failed or was called off. */
  retry(): void {
    this.#asked = '';
    this.refresh();
  }

  /** The person's *Cancel*: what has been drawn stays. */
  cancel(): void {
    this.cancelled.value = true;
    this.#pump.cancel();
  }

  #begin(): void {
    this.busy.value = true;
    this.#slowTimer ??= setTimeout(() => {
      this.slow.value = true;
    }, SLOW_AFTER);
  }

  #end(): void {
    clearTimeout(this.#slowTimer);
    this.#slowTimer = undefined;
    batch(() => {
      this.busy.value = false;
      this.slow.value = false;
      this.progress.value = null;
    });
  }

  async #run(wish: Wish, abort: AbortSignal): Promise<void> {
    const since = performance.now();
    const report = (done: number, total: number) => {
      this.progress.value = { done, total, left: timeLeft(done, total, performance.now() - since) };
    };
    try {
      const warnings = await wish.run(abort, report);
      if (abort.aborted) return;
      wish.target.done = wish.id;
      if (warnings !== null) this.warning.value = warnings.join(' ');
    } catch (thrown) {
      const error = asGenscopeError(thrown);
      if (abort.aborted) return;
      if (error.code === 'model.changed') this.#onChanged();
      else if (isCancelled(error)) this.cancelled.value = true;
      else this.error.value = error.toData();
    } finally {
      if (!this.#pump.waiting) {
        this.#end();
        // The next turn, when the pump knows that this one is over.
        queueMicrotask(() => queueMicrotask(() => this.refresh()));
      }
    }
  }
}

/** Frames whose bytes do not add up, or of which some never came. */
export function unreadable(): GenscopeError {
  return new GenscopeError(
    'internal',
    'Some pictures arrived in a form that the page cannot read.',
    'Try again.',
    {
      next: ['retry', 'showLog'],
    },
  );
}
