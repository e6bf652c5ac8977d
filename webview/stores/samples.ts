/** The Samples tab's state and what follows from it: which pictures to ask for, and what is selected. */
import { computed, effect, type ReadonlySignal, type Signal, signal, untracked } from '@preact/signals';
import type { ModelDescription } from '../../src/shared/generator/model.ts';
import {
  type Distribution,
  type LatentKey,
  type LatentPlan,
  planCount,
} from '../../src/shared/samples/latents.ts';
import type { Bridge } from '../bridge.ts';
import { cellSide, cellSize, columnsFor, maxSide, type Size } from '../model/layout.ts';
import {
  defaultSamples,
  fitToModel,
  gridPlan,
  keyId,
  keysOnShow,
  MAX_SEED,
  type Samples,
  sameKey,
  samplePlan,
  type TruncationMode,
  truncationAt,
  truncationRange,
  walkPlan,
} from '../model/samplesModel.ts';
import { Courier, type PictureWork, type Wish } from './courier.ts';
import { Feed } from './feed.ts';
import { type SampleWish, sampleWish } from './sampleWish.ts';

/** A sample opened large is asked for up to this many pixels a side: more than a screen shows. */
const LARGEST = 2048;

export class SamplesStore implements PictureWork {
  readonly state: Signal<Samples> = signal(defaultSamples(16, 'numpy'));
  readonly grid = new Feed();
  readonly single = new Feed();
  readonly walk = new Feed();
  readonly courier: Courier;
  /** The room for pictures, once the page has measured it. */
  readonly area: Signal<Size | null> = signal(null);
  readonly ratio = signal(globalThis.devicePixelRatio || 1);
  /** The sample that the keyboard stands on. */
  readonly focus = signal(0);
  readonly keys: ReadonlySignal<readonly LatentKey[]>;
  readonly selection: ReadonlySignal<readonly LatentKey[]>;
  readonly view: ReadonlySignal<Samples['view']>;
  /** Longest side of a picture in the grid, and how many stand side by side. */
  readonly cell: ReadonlySignal<number>;
  readonly columns: ReadonlySignal<number>;
  /** Longest side of the grid's pictures as they are asked for, in device pixels. */
  readonly side: ReadonlySignal<number>;
  readonly #bridge: Bridge;
  readonly #model: ReadonlySignal<ModelDescription | null>;

  /** @param onChanged told when the engine finds another file than the one described. */
  constructor(bridge: Bridge, model: ReadonlySignal<ModelDescription | null>, onChanged: () => void) {
    this.#model = model;
    this.#bridge = bridge;
    this.courier = new Courier(onChanged);
    // Strings and numbers compare by value, so a slider that changes neither redraws no list.
    const shown = computed(() => {
      const { seed, count, classChoice } = this.state.value;
      return `${seed} ${count} ${classChoice} ${model.value?.classes}`;
    });
    this.keys = computed(() => {
      void shown.value;
      return untracked(() => keysOnShow(this.state.value, model.value?.classes ?? 0));
    });
    this.selection = computed(() => this.state.value.selection);
    this.view = computed(() => this.state.value.view);
    this.cell = computed(() => this.#cell());
    this.columns = computed(() => this.#columns());
    this.side = computed(() => {
      const image = model.value?.image;
      return image ? maxSide(this.cell.value, image, this.ratio.value) : 0;
    });
    this.courier.serve(() => this.#wishes());
    effect(() => {
      if (this.#wishes().length > 0) this.courier.refresh();
    });
  }

  update(patch: Partial<Samples>): void {
    this.state.value = { ...this.state.peek(), ...patch };
  }

  /** Takes the state as kept, made to fit the model. */
  restore(state: Samples, model: ModelDescription): void {
    this.state.value = fitToModel(state, model);
  }

  setSeed(seed: number): void {
    this.update({ seed: Math.min(Math.max(0, seed), MAX_SEED - this.state.peek().count + 1) });
  }

  setCount(count: number): void {
    const { seed } = this.state.peek();
    this.update({ count, seed: Math.min(seed, MAX_SEED - count + 1) });
    this.focus.value = Math.min(this.focus.peek(), count - 1);
  }

  setTruncation(value: number): void {
    const { source, truncationMode } = this.state.peek();
    this.update({ source: { ...source, truncation: truncationAt(truncationMode, value) } });
  }

  setTruncationMode(truncationMode: TruncationMode): void {
    const { source } = this.state.peek();
    const { off } = truncationRange(truncationMode);
    this.update({ truncationMode, source: { ...source, truncation: truncationAt(truncationMode, off) } });
  }

  /** Another distribution than the normal has no tails to cut, so truncation by drawing goes off with it. */
  setDistribution(distribution: Distribution): void {
    const { source } = this.state.peek();
    const cuts = source.truncation.mode === 'resample' || source.truncation.mode === 'truncnorm';
    const truncation = cuts && distribution !== 'normal' ? ({ mode: 'none' } as const) : source.truncation;
    this.update({ source: { ...source, distribution, truncation } });
  }

  select(selection: readonly LatentKey[]): void {
    const { view } = this.state.peek();
    const lonely = view === 'interpolation' && selection.length < 2;
    this.update({ selection, view: lonely ? 'grid' : view });
  }

  open(key: LatentKey): void {
    this.update({ view: 'single', opened: key });
  }

  /** The sample `step` places on from the open one, staying among those of the grid; null at the ends. */
  neighbour(step: number): LatentKey | null {
    const { opened } = this.state.value;
    if (opened === null) return null;
    const index = this.keys.value.findIndex((key) => sameKey(key, opened));
    return index < 0 ? null : (this.keys.value[index + step] ?? null);
  }

  backToGrid(): void {
    const { opened, view } = this.state.peek();
    if (view === 'single' && opened !== null) {
      const index = this.keys.peek().findIndex((key) => sameKey(key, opened));
      if (index >= 0) this.focus.value = index;
    }
    this.update({ view: 'grid', opened: null });
  }

  get hasPictures(): boolean {
    return this.grid.hasPictures;
  }

  again(): void {
    for (const feed of [this.grid, this.single, this.walk]) feed.forget();
    this.courier.retry();
  }

  #cell(): number {
    const model = this.#model.value;
    const area = this.area.value;
    if (model === null || area === null) return 0;
    return cellSide(this.state.value.cell, area, this.state.value.count, model.image, this.ratio.value);
  }

  #columns(): number {
    const image = this.#model.value?.image;
    const area = this.area.value;
    return image && area ? columnsFor(area, cellSize(this.cell.value, image), this.state.value.count) : 1;
  }

  /** What should be on show, the view's own pictures first, the grid behind it after. */
  #wishes(): readonly Wish[] {
    const model = this.#model.value;
    if (model === null || model.refusal !== null || model.needsAnswers || this.cell.value === 0) return [];
    if (model.imageInput !== null) return [];
    const state = this.state.value;
    const wishes: SampleWish[] = [];
    const native = Math.max(model.image.width, model.image.height);
    const whole = Math.min(native, LARGEST);
    if (state.view === 'single' && state.opened !== null) {
      const plan = samplePlan(state, state.opened);
      const keys = [keyId(state.opened)];
      wishes.push({ ...wishFor(this.single, plan, whole, model.stamp, keys), lender: this.grid });
    }
    const walk = state.view === 'interpolation' ? walkPlan(state) : null;
    if (walk !== null) wishes.push(wishFor(this.walk, walk, whole, model.stamp));
    const side = this.side.value;
    wishes.push(wishFor(this.grid, gridPlan(state), side, model.stamp, this.keys.value.map(keyId)));
    return wishes.map((wish) => sampleWish(this.#bridge, wish));
  }
}

function wishFor(
  feed: Feed,
  plan: LatentPlan,
  side: number,
  stamp: string,
  keys?: readonly string[],
): SampleWish {
  const id = `${stamp} ${side} ${JSON.stringify(plan)}`;
  const common = { feed, id, plan, maxSide: side, stamp };
  if (keys !== undefined) {
    const source = JSON.stringify(plan.source);
    return { ...common, ids: keys.map((key) => `${stamp} ${side} ${source} ${key}`) };
  }
  return { ...common, ids: Array.from({ length: planCount(plan) }, (_, i) => `${id} ${i}`) };
}
