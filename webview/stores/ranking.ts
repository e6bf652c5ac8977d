/** A place in a sample, and how active every unit is there. */
import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { asGenscopeError, isCancelled } from '../../src/shared/kernel/errors.ts';
import type { LatentKey, LatentPlan } from '../../src/shared/samples/latents.ts';
import type { Bridge } from '../bridge.ts';
import { LatestWins } from '../model/latestWins.ts';
import { unreadable } from './courier.ts';

/** x and y are 0…1 from the sample's left and upper edge. */
export interface RankPlace {
  readonly sample: LatentKey;
  readonly x: number;
  readonly y: number;
}

/** What a ranking is asked with; null while there is nothing to ask about. */
export interface RankSubject {
  readonly stamp: string;
  readonly tensor: string;
  readonly plan: LatentPlan;
}

export interface RankingHost {
  readonly bridge: Bridge;
  readonly onChanged: () => void;
  readonly tried: (work: () => Promise<void>) => Promise<void>;
  readonly subject: (place: RankPlace) => RankSubject | null;
}

export class Ranking {
  readonly place: Signal<RankPlace | null> = signal(null);
  /** Activation of each unit at the place; null until it is known of this layer. */
  readonly values: ReadonlySignal<Float32Array | null>;
  readonly #host: RankingHost;
  readonly #known: Signal<{ readonly id: string; readonly values: Float32Array } | null> = signal(null);
  readonly #asks = new LatestWins<RankPlace>((place, abort) => this.#ask(place, abort));

  constructor(host: RankingHost) {
    this.#host = host;
    const id = computed(() => {
      const place = this.place.value;
      return place === null ? null : idOf(host.subject(place), place);
    });
    this.values = computed(() => (this.#known.value?.id === id.value ? this.#known.value.values : null));
    effect(() => {
      if (id.value === null) return;
      const place = this.place.peek();
      if (place !== null && this.values.peek() === null) this.#asks.submit(place);
    });
  }

  leave(): void {
    batch(() => {
      this.place.value = null;
      this.#known.value = null;
    });
  }

  async #ask(place: RankPlace, abort: AbortSignal): Promise<void> {
    const { bridge, subject, tried, onChanged } = this.#host;
    const about = subject(place);
    const id = idOf(about, place);
    if (about === null || id === null) return;
    await tried(async () => {
      try {
        const { x, y } = place;
        const { values } = await bridge.request('unitsAt', { ...about, x, y }, { signal: abort });
        if (!(values instanceof Float32Array)) throw unreadable();
        if (!abort.aborted) this.#known.value = { id, values };
      } catch (thrown) {
        const error = asGenscopeError(thrown);
        if (abort.aborted || isCancelled(error)) return;
        this.leave();
        if (error.code === 'model.changed') onChanged();
        else throw error;
      }
    });
  }
}

function idOf(subject: RankSubject | null, place: RankPlace): string | null {
  return subject && JSON.stringify([subject, place]);
}
