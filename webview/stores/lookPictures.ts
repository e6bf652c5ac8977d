/** Pictures that answers name by their places: samples, samples under an edit, and real images; those in sight first. */
import { type Signal, signal } from '@preact/signals';
import type { LookKind } from '../../src/shared/checks/lookRequests.ts';
import type { Edit } from '../../src/shared/edits/edits.ts';
import { asGenscopeError, type ErrorData, isCancelled } from '../../src/shared/kernel/errors.ts';
import type { Frames } from '../../src/shared/protocol.ts';
import type { LatentPlan } from '../../src/shared/samples/latents.ts';
import type { Bridge } from '../bridge.ts';
import { unreadable } from './courier.ts';
import { decodeFrames, isFrames } from './frames.ts';

export type SeedsPlan = Extract<LatentPlan, { kind: 'seeds' }>;

/** What a picture is of. */
export type LookPictureOf =
  | { readonly from: 'real'; readonly kind: LookKind; readonly answer: string; readonly place: number }
  | { readonly from: 'made'; readonly plan: SeedsPlan; readonly place: number }
  | {
      readonly from: 'edited';
      readonly plan: SeedsPlan;
      readonly edits: readonly Edit[];
      readonly place: number;
    };

export interface LookPicturesHost {
  readonly bridge: Bridge;
  /** Of the file described. */
  stamp(): string | null;
  /** The engine found another file. */
  changed(): void;
}

/** Of one request: few enough that what comes into sight next does not wait for long. */
const AT_ONCE = 48;
/** Some 10 KB each. */
const KEPT = 600;

export class LookPictures {
  readonly error: Signal<ErrorData | null> = signal(null);
  readonly #host: LookPicturesHost;
  /** The least recently wanted first. */
  readonly #kept = new Map<string, Signal<ImageData | null>>();
  #wanted: ReadonlyMap<string, LookPictureOf> = new Map();
  #maxSide = 0;
  /** `abort` null: it is let run to its end. */
  #running: { readonly ids: ReadonlySet<string>; readonly abort: AbortController | null } | null = null;
  /** Groups whose last request failed: not asked for again by themselves. */
  readonly #failed = new Set<string>();

  constructor(host: LookPicturesHost) {
    this.#host = host;
  }

  /** The picture, as soon as it is there. */
  of(picture: LookPictureOf, maxSide: number): Signal<ImageData | null> {
    const id = this.#idOf(picture, maxSide);
    const known = this.#kept.get(id) ?? signal<ImageData | null>(null);
    this.#kept.delete(id);
    this.#kept.set(id, known);
    return known;
  }

  /** What is in sight now, the most urgent first. */
  want(pictures: readonly LookPictureOf[], maxSide: number): void {
    this.#maxSide = maxSide;
    this.#wanted = new Map(pictures.map((picture) => [this.#idOf(picture, maxSide), picture]));
    this.#refresh();
  }

  retry(): void {
    this.error.value = null;
    this.#failed.clear();
    this.#refresh();
  }

  #refresh(): void {
    const running = this.#running;
    if (running !== null) {
      const isWanted = [...running.ids].some((id) => this.#wanted.has(id));
      if (!isWanted) running.abort?.abort();
      return;
    }
    if (this.#host.stamp() === null) return;
    const missing = [...this.#wanted].filter(
      ([id, picture]) =>
        (this.#kept.get(id)?.peek() ?? null) === null && !this.#failed.has(this.#groupOf(picture)),
    );
    const [first] = missing;
    if (first === undefined) return;
    const group = groupOf(first[1]);
    void this.#ask(missing.filter(([, picture]) => groupOf(picture) === group).slice(0, AT_ONCE));
  }

  async #ask(missing: readonly (readonly [string, LookPictureOf])[]): Promise<void> {
    const [[, first]] = missing as [readonly [string, LookPictureOf]];
    const abort = new AbortController();
    const ids = missing.map(([id]) => id);
    const maxSide = this.#maxSide;
    // What a slider has passed by is drawn all the same: pictures that come late are better than none.
    this.#running = { ids: new Set(ids), abort: first.from === 'edited' ? null : abort };
    let [taken, broken] = [0, false];
    const drawing: Promise<void>[] = [];
    const onProgress = (frames: Frames) => {
      if (!isFrames(frames) || frames.offset + frames.count > ids.length) broken = true;
      else {
        taken += frames.count;
        drawing.push(this.#draw(frames, ids));
      }
    };
    try {
      await this.#request(
        first,
        missing.map(([, { place }]) => place),
        maxSide,
        {
          signal: abort.signal,
          onProgress,
        },
      );
      await Promise.all(drawing);
      if (broken || taken < ids.length) throw unreadable();
    } catch (thrown) {
      const error = asGenscopeError(thrown);
      if (abort.signal.aborted || isCancelled(error)) return;
      if (error.code === 'model.changed') this.#host.changed();
      this.#failed.add(this.#groupOf(first));
      this.error.value = error.toData();
    } finally {
      this.#running = null;
      this.#prune();
      this.#refresh();
    }
  }

  #request(
    picture: LookPictureOf,
    places: readonly number[],
    maxSide: number,
    options: { readonly signal: AbortSignal; readonly onProgress: (frames: Frames) => void },
  ): Promise<unknown> {
    const { bridge } = this.#host;
    if (picture.from === 'real')
      return bridge.request('referencePictures', { kind: picture.kind, rows: places, maxSide }, options);
    const plan = { ...picture.plan, kind: 'picks', indices: places } as const;
    const params = { plan, maxSide, stamp: this.#host.stamp() ?? '' };
    return picture.from === 'made'
      ? bridge.request('sample', params, options)
      : bridge.request('editedSample', { ...params, edits: picture.edits }, options);
  }

  async #draw(frames: Frames, ids: readonly string[]): Promise<void> {
    for (const [i, image] of (await decodeFrames(frames)).entries()) {
      const id = ids[frames.offset + i] as string;
      const known = this.#kept.get(id) ?? signal<ImageData | null>(null);
      this.#kept.set(id, known);
      known.value = image;
    }
  }

  #prune(): void {
    for (const id of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      if (!this.#wanted.has(id)) this.#kept.delete(id);
    }
  }

  /** Of the file as it is now: another one may succeed. */
  #groupOf(picture: LookPictureOf): string {
    return `${this.#host.stamp()} ${groupOf(picture)}`;
  }

  #idOf(picture: LookPictureOf, maxSide: number): string {
    return `${maxSide} ${this.#groupOf(picture)} ${picture.place}`;
  }
}

/** Those of one group are one request. */
function groupOf(picture: LookPictureOf): string {
  if (picture.from === 'real') return `real ${picture.kind} ${picture.answer}`;
  const plan = JSON.stringify(picture.plan);
  if (picture.from === 'made') return `made ${plan}`;
  const off = picture.edits.map(({ tensor, units }) => `${tensor} ${units.map(({ unit }) => unit).join()}`);
  return `edited ${plan} ${off.join(';')}`;
}
