/** What lies over the samples on show: the maps of the unit that is looked at, or what the segmenter sees. */
import { effect, type Signal, signal } from '@preact/signals';
import type { LatentPlan } from '../../src/shared/samples/latents.ts';
import { planCount } from '../../src/shared/samples/latents.ts';
import type { Bridge } from '../bridge.ts';
import type { UnitMap } from '../model/overlays.ts';
import { Courier, unreadable, type Wish } from './courier.ts';

export interface MapsWish {
  readonly kind: 'maps';
  readonly stamp: string;
  readonly tensor: string;
  readonly unit: number;
  readonly plan: LatentPlan;
}

export interface SegmentsWish {
  readonly kind: 'segments';
  readonly stamp: string;
  /** The segmenter's name: another one sees something else. */
  readonly segmenter: string;
  readonly plan: LatentPlan;
  readonly resolution: number;
}

export type OverlayWish = MapsWish | SegmentsWish;

/** Label maps of the samples on show, one after the other. */
export interface Segments {
  readonly width: number;
  readonly height: number;
  readonly labels: Uint16Array;
  readonly concepts: readonly string[];
}

/** Going back and forth between a few units should not ask again. */
const KEPT = 32;

export class SampleOverlays {
  readonly courier: Courier;
  /** The maps on show, and of which wish; those of the unit before stay until the new ones come. */
  readonly maps: Signal<{ readonly id: string; readonly maps: readonly UnitMap[] } | null> = signal(null);
  readonly segments: Signal<{ readonly id: string; readonly segments: Segments } | null> = signal(null);
  readonly #bridge: Bridge;
  readonly #known = new Map<string, readonly UnitMap[]>();
  readonly #targets = { maps: { done: '' }, segments: { done: '' } };

  constructor(bridge: Bridge, onChanged: () => void, wish: () => OverlayWish | null) {
    this.#bridge = bridge;
    this.courier = new Courier(onChanged);
    const wishes = () => {
      const now = wish();
      return now === null ? [] : [this.#wish(now)];
    };
    this.courier.serve(wishes);
    effect(() => {
      if (wishes().length > 0) this.courier.refresh();
    });
  }

  #wish(wish: OverlayWish): Wish {
    const id = JSON.stringify(wish);
    const target = this.#targets[wish.kind];
    return {
      ...{ id, target },
      run: async (signal) => {
        if (wish.kind === 'maps') await this.#askMaps(id, wish, signal);
        else await this.#askSegments(id, wish, signal);
        return null;
      },
    };
  }

  async #askMaps(id: string, { stamp, tensor, unit, plan }: MapsWish, signal: AbortSignal): Promise<void> {
    const known = this.#known.get(id);
    if (known !== undefined) {
      this.maps.value = { id, maps: known };
      return;
    }
    const count = planCount(plan);
    const units = new Array<number>(count).fill(unit);
    const answer = await this.#bridge.request(
      'unitPictures',
      { stamp, tensor, plan, units, maxSide: 0 },
      { signal },
    );
    if (signal.aborted) return;
    const { maps, width, height } = answer;
    const cells = width * height;
    if (!(maps instanceof Float32Array) || maps.length !== cells * count) throw unreadable();
    const values = Array.from({ length: count }, (_, i) => ({
      ...{ width, height },
      values: maps.slice(i * cells, (i + 1) * cells),
    }));
    this.#known.set(id, values);
    for (const old of this.#known.keys()) {
      if (this.#known.size <= KEPT) break;
      this.#known.delete(old);
    }
    this.maps.value = { id, maps: values };
  }

  async #askSegments(
    id: string,
    { stamp, plan, resolution }: SegmentsWish,
    signal: AbortSignal,
  ): Promise<void> {
    const answer = await this.#bridge.request('segmentation', { stamp, plan, resolution }, { signal });
    if (signal.aborted) return;
    const { width, height, labels, concepts } = answer;
    if (!(labels instanceof Uint16Array) || labels.length !== width * height * planCount(plan))
      throw unreadable();
    this.segments.value = { id, segments: { width, height, labels, concepts } };
  }
}
