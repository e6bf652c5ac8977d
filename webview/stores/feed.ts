/**
 * The pictures of one view: a slot for each place, each with what it should show and what it does show. A place keeps
 * its old picture until the new one comes, and a picture that is already here moves to where it now belongs.
 */
import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Frames, SampleResult } from '../../src/shared/protocol.ts';
import { decodeFrames, type Picture } from './frames.ts';

export interface Slot {
  readonly wanted: Signal<string>;
  readonly picture: Signal<Picture | null>;
  /** True while the slot shows something else than it should. */
  readonly stale: ReadonlySignal<boolean>;
}

/** Indices of the slots to ask for: `from` inclusive, `to` exclusive. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export class Feed {
  readonly slots = signal<readonly Slot[]>([]);
  readonly result = signal<SampleResult | null>(null);
  /** Id of the wish whose pictures are all on show; '' while some are missing. */
  done = '';
  #decoding: Promise<unknown> = Promise.resolve();

  /** Gives every place what it should show; answers the places that lack it, or null when none does. */
  aim(ids: readonly string[], lender?: Feed): Range | null {
    const known = new Map<string, Picture>();
    for (const slot of [...(lender?.slots.peek() ?? []), ...this.slots.peek()]) {
      const picture = slot.picture.peek();
      if (picture !== null) known.set(picture.id, picture);
    }
    this.done = '';
    batch(() => {
      const slots = this.#resized(ids.length);
      ids.forEach((id, i) => {
        const slot = slots[i];
        if (slot === undefined) return;
        slot.wanted.value = id;
        slot.picture.value = known.get(id) ?? slot.picture.peek();
      });
    });
    const missing = ids.flatMap((id, i) => (known.has(id) ? [] : [i]));
    const first = missing[0];
    const last = missing.at(-1);
    return first === undefined || last === undefined ? null : { from: first, to: last + 1 };
  }

  /** Draws a block of frames whose first place is `base + frames.offset`; nothing once `signal` is aborted. */
  take(frames: Frames, base: number, signal: AbortSignal): void {
    const from = base + frames.offset;
    // Named now: by the time they are decoded, the places may want something else.
    const ids = this.slots
      .peek()
      .slice(from, from + frames.count)
      .map((slot) => slot.wanted.peek());
    const drawn = decodeFrames(frames).then((images) => {
      if (!signal.aborted) this.#show(images, ids, from);
    });
    this.#decoding = Promise.all([this.#decoding, drawn]);
  }

  /** Resolves when every block taken so far is on show; rejects when one could not be decoded. */
  async settled(): Promise<void> {
    const decoding = this.#decoding;
    this.#decoding = Promise.resolve();
    await decoding;
  }

  /** Forgets what is on show is right, so that everything is asked for again; the pictures stay. */
  forget(): void {
    this.done = '';
    for (const slot of this.slots.peek()) {
      const picture = slot.picture.peek();
      if (picture !== null) slot.picture.value = { ...picture, id: '' };
    }
  }

  get hasPictures(): boolean {
    return this.slots.value.some((slot) => slot.picture.value !== null);
  }

  #show(images: readonly ImageData[], ids: readonly string[], from: number): void {
    batch(() => {
      images.forEach((image, i) => {
        const slot = this.slots.peek()[from + i];
        if (slot !== undefined) slot.picture.value = { id: ids[i] ?? '', image };
      });
    });
  }

  #resized(length: number): readonly Slot[] {
    const slots = this.slots.peek();
    if (slots.length === length) return slots;
    const kept = slots.slice(0, length);
    while (kept.length < length) kept.push(emptySlot());
    this.slots.value = kept;
    return kept;
  }
}

export function emptySlot(): Slot {
  const wanted = signal('');
  const picture = signal<Picture | null>(null);
  const stale = computed(() => picture.value !== null && picture.value.id !== wanted.value);
  return { wanted, picture, stale };
}
