/** Carries wishes for pictures to the engine, the newest first, and tells how far it is. */
import { batch, type Signal, signal } from '@preact/signals';
import { asGenscopeError, type ErrorData, GenscopeError, isCancelled } from '../../src/shared/errors.ts';
import type { LatentPlan } from '../../src/shared/latents.ts';
import type { Bridge } from '../bridge.ts';
import { timeLeft } from '../model/format.ts';
import { LatestWins } from '../model/latestWins.ts';
import type { Feed, Range } from './feed.ts';
import { isFrames } from './frames.ts';

/** A plan for a feed. `ids` says what each picture will show; `id` stands for all of it. */
export interface Wish {
  readonly feed: Feed;
  readonly id: string;
  readonly ids: readonly string[];
  readonly plan: LatentPlan;
  readonly maxSide: number;
  /** The content of the file that the pictures must come from. */
  readonly stamp: string;
  /** A feed that may have the pictures already. */
  readonly lender?: Feed;
}

export interface SampleProgress {
  readonly done: number;
  readonly total: number;
  readonly left: number | undefined;
}

/** Work that is over sooner than this shows no progress: a flash tells nobody anything. */
const SLOW_AFTER = 300;

export class Sampler {
  readonly progress = signal<SampleProgress | null>(null);
  /** True once the work has taken long enough to be worth talking about. */
  readonly slow = signal(false);
  readonly busy = signal(false);
  readonly error: Signal<ErrorData | null> = signal(null);
  readonly cancelled = signal(false);
  /** What the engine said about the pictures that came last. */
  readonly warning = signal('');
  readonly #bridge: Bridge;
  readonly #onChanged: () => void;
  readonly #pump = new LatestWins<Wish>((wish, abort) => this.#run(wish, abort));
  #asked = '';
  #slowTimer: ReturnType<typeof setTimeout> | undefined;
  #choose: () => readonly Wish[] = () => [];

  /** @param onChanged told when the file is another one than the wish was made for: no failure, but nothing to draw. */
  constructor(bridge: Bridge, onChanged: () => void) {
    this.#bridge = bridge;
    this.#onChanged = onChanged;
  }

  /** @param wishes what should be on show, the most urgent first; asked again whenever work ends. */
  serve(wishes: () => readonly Wish[]): void {
    this.#choose = wishes;
  }

  /** Asks for the first wish that is not on show, unless it was asked for already (also when it failed). */
  refresh(): void {
    const wishes = this.#choose();
    const wish = wishes.find(({ feed, id }) => feed.done !== id);
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
    const { feed, id, maxSide } = wish;
    try {
      const missing = feed.aim(wish.ids, wish.lender);
      feed.result.value = missing === null ? null : await this.#sample(wish, missing, maxSide, abort);
      if (abort.aborted) return;
      feed.done = id;
      if (feed.result.value !== null) this.warning.value = feed.result.value.warnings.join(' ');
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

  async #sample({ feed, plan, stamp }: Wish, missing: Range, maxSide: number, abort: AbortSignal) {
    const part = partOf(plan, missing);
    const total = part.count;
    const since = performance.now();
    let done = 0;
    let broken = false;
    this.progress.value = { done, total, left: undefined };
    const result = await this.#bridge.request(
      'sample',
      { plan: part.plan, maxSide, stamp },
      {
        signal: abort,
        onProgress: (frames) => {
          if (abort.aborted) return;
          if (!isFrames(frames)) {
            broken = true;
            return;
          }
          feed.take(frames, part.base, abort);
          done += frames.count;
          this.progress.value = { done, total, left: timeLeft(done, total, performance.now() - since) };
        },
      },
    );
    await feed.settled();
    if (broken || done < total) throw unreadable();
    return result;
  }
}

/** Sample i of `seeds` depends on seed + i alone, so only the missing stretch need be asked for. */
function partOf(plan: LatentPlan, missing: Range): { plan: LatentPlan; base: number; count: number } {
  if (plan.kind === 'seeds' && plan.source.layout === 'each') {
    const count = missing.to - missing.from;
    return { plan: { ...plan, seed: plan.seed + missing.from, count }, base: missing.from, count };
  }
  const count =
    plan.kind === 'seeds' ? plan.count : plan.kind === 'path' ? plan.steps : plan.rows * plan.columns;
  return { plan, base: 0, count };
}

function unreadable(): GenscopeError {
  return new GenscopeError(
    'internal',
    'Some pictures arrived in a form that the page cannot read.',
    'Try again.',
    {
      next: ['retry', 'showLog'],
    },
  );
}
