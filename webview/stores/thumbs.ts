/** Pictures of the samples that drive units hardest, each with the unit's map: a few rows at a time, those in sight first. */
import { type Signal, signal } from '@preact/signals';
import { asGenscopeError, type ErrorData, isCancelled } from '../../src/shared/kernel/errors.ts';
import type { LatentPlan } from '../../src/shared/samples/latents.ts';
import type { UnitPictures } from '../../src/shared/units/dissection.ts';
import type { Bridge } from '../bridge.ts';
import type { UnitMap } from '../model/overlays.ts';
import { unreadable } from './courier.ts';
import { decodeFrames, isFrames } from './frames.ts';

export type SeedsPlan = Extract<LatentPlan, { kind: 'seeds' }>;

/** One sample with a unit's map on it. */
export interface Thumb {
  readonly index: number;
  readonly image: ImageData;
  readonly map: UnitMap;
}

export interface ThumbWish {
  readonly unit: number;
  /** Places in the plan. */
  readonly indices: readonly number[];
}

/** What all thumbnails of a table have in common. */
export interface ThumbSource {
  readonly stamp: string;
  readonly tensor: string;
  readonly plan: SeedsPlan;
  readonly maxSide: number;
}

/** Rows in one request: few enough that scrolling on does not wait for long. */
const ROWS = 8;
/** Units that are kept: a few screens of them, some 100 KB each. */
const KEPT = 240;

export class ThumbStore {
  readonly error: Signal<ErrorData | null> = signal(null);
  readonly #bridge: Bridge;
  readonly #onChanged: () => void;
  /** By source and unit, the least recently wanted first. */
  readonly #kept = new Map<string, Signal<readonly Thumb[] | null>>();
  #source: ThumbSource | null = null;
  #wanted: readonly ThumbWish[] = [];
  #running: { readonly ids: readonly string[]; readonly abort: AbortController } | null = null;

  constructor(bridge: Bridge, onChanged: () => void) {
    this.#bridge = bridge;
    this.#onChanged = onChanged;
  }

  /** The thumbnails of a unit, as soon as they are there. */
  of(source: ThumbSource, wish: ThumbWish): Signal<readonly Thumb[] | null> {
    const id = idOf(source, wish);
    const known = this.#kept.get(id) ?? signal<readonly Thumb[] | null>(null);
    this.#kept.delete(id);
    this.#kept.set(id, known);
    return known;
  }

  /** Rows in sight, the most urgent first; a request for rows that have left is called off. */
  want(source: ThumbSource | null, wanted: readonly ThumbWish[]): void {
    this.#source = source;
    this.#wanted = wanted;
    this.#refresh();
  }

  retry(): void {
    this.error.value = null;
    this.#refresh();
  }

  #refresh(): void {
    const source = this.#source;
    const ids = source === null ? [] : this.#wanted.map((wish) => idOf(source, wish));
    if (this.#running !== null) {
      if (!this.#running.ids.some((id) => ids.includes(id))) this.#running.abort.abort();
      return;
    }
    if (source === null || this.error.peek() !== null) return;
    const missing = this.#wanted.filter(
      (wish) => wish.indices.length > 0 && this.of(source, wish).peek() === null,
    );
    if (missing.length > 0) void this.#ask(source, missing.slice(0, ROWS));
  }

  async #ask(source: ThumbSource, wishes: readonly ThumbWish[]): Promise<void> {
    const abort = new AbortController();
    this.#running = { ids: wishes.map((wish) => idOf(source, wish)), abort };
    try {
      const { stamp, tensor, plan, maxSide } = source;
      const indices = wishes.flatMap((wish) => wish.indices);
      const units = wishes.flatMap(({ unit, indices: places }) => places.map(() => unit));
      const params = { stamp, tensor, units, maxSide, plan: { ...plan, kind: 'picks', indices } as const };
      const answer = await this.#bridge.request('unitPictures', params, { signal: abort.signal });
      const thumbs = await takenApart(answer, indices);
      if (!abort.signal.aborted) this.#keep(source, wishes, thumbs);
    } catch (thrown) {
      const error = asGenscopeError(thrown);
      if (!abort.signal.aborted && error.code === 'model.changed') this.#onChanged();
      if (!abort.signal.aborted && !isCancelled(error)) this.error.value = error.toData();
    } finally {
      this.#running = null;
      this.#refresh();
    }
  }

  #keep(source: ThumbSource, wishes: readonly ThumbWish[], thumbs: readonly Thumb[]): void {
    let at = 0;
    for (const wish of wishes) {
      this.of(source, wish).value = thumbs.slice(at, at + wish.indices.length);
      at += wish.indices.length;
    }
    const inSight = new Set(this.#source && this.#wanted.map((wish) => idOf(source, wish)));
    for (const id of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      if (!inSight.has(id)) this.#kept.delete(id);
    }
  }
}

async function takenApart(answer: UnitPictures, indices: readonly number[]): Promise<Thumb[]> {
  const { frames, maps, width, height } = answer;
  const cells = width * height;
  const sound = isFrames(frames) && frames.count === indices.length;
  if (!sound || !(maps instanceof Float32Array) || maps.length !== cells * indices.length) throw unreadable();
  const images = await decodeFrames(frames);
  return images.map((image, i) => ({
    index: indices[i] ?? 0,
    image,
    map: { values: maps.slice(i * cells, (i + 1) * cells), width, height },
  }));
}

function idOf({ stamp, tensor, plan, maxSide }: ThumbSource, { unit, indices }: ThumbWish): string {
  return `${stamp} ${tensor} ${maxSide} ${JSON.stringify(plan)} ${unit} ${indices.join()}`;
}
