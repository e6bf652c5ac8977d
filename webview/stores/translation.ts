/** Translations of a folder's pictures: what was chosen, which page is on show, and what follows from it. */
import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { ModelDescription } from '../../src/shared/generator/model.ts';
import type { PageParams, TranslationSetup, TranslationState } from '../../src/shared/pageProtocol.ts';
import type { TranslatedColumn } from '../../src/shared/protocol.ts';
import type { Bridge } from '../bridge.ts';
import { maxSide, type Size } from '../model/layout.ts';
import { type RowLayout, rowLayout } from '../model/rowLayout.ts';
import {
  columnsOf,
  DEFAULT_TRANSLATION,
  fitToSetup,
  nativeSize,
  placesOnShow,
  turned,
} from '../model/translationModel.ts';
import { Courier, type PictureWork, type Wish } from './courier.ts';
import { RowFeed } from './rowFeed.ts';
import { translationWish } from './translationWish.ts';

/** A row opened large is asked for up to this many pixels a side: more than a screen shows. */
const LARGEST = 2048;

export type Choice = PageParams<'chooseTranslation'>['what'];

export class TranslationStore implements PictureWork {
  readonly state: Signal<TranslationState> = signal(DEFAULT_TRANSLATION);
  /** What the person has chosen; null until the host has told. */
  readonly setup: Signal<TranslationSetup | null> = signal(null);
  readonly page = new RowFeed();
  readonly single = new RowFeed();
  readonly courier: Courier;
  /** The room for pictures, once the page has measured it. */
  readonly area: Signal<Size | null> = signal(null);
  readonly ratio = signal(globalThis.devicePixelRatio || 1);
  /** The row that the keyboard stands on, and the one in the large view, by place among the pictures found. */
  readonly focus = signal(0);
  readonly opened: Signal<number | null> = signal(null);
  /** Whether the large view was just closed, so that the rows take the keyboard back. */
  cameBack = false;
  readonly columns: ReadonlySignal<readonly TranslatedColumn[]>;
  /** Pictures in all that was chosen for this way. */
  readonly found: ReadonlySignal<number>;
  readonly layout: ReadonlySignal<RowLayout | null>;
  /** Shape of a picture: the model's own, else that of the first picture that came. */
  readonly shape: ReadonlySignal<Size>;
  /** How the cycle error of this page changed against no blur; null while that is not known. */
  readonly change: ReadonlySignal<number | null>;
  readonly #bridge: Bridge;
  readonly #model: ReadonlySignal<ModelDescription | null>;
  readonly #tried: (work: () => Promise<void>) => Promise<void>;
  /** Cycle errors without blur, by page. */
  readonly #unblurred = signal<ReadonlyMap<string, number>>(new Map());
  /** Counts choices: a folder of the same name is another folder. */
  readonly #choices = signal(0);

  /** @param tried shows what goes wrong while the person chooses */
  constructor(
    bridge: Bridge,
    model: ReadonlySignal<ModelDescription | null>,
    onChanged: () => void,
    tried: (work: () => Promise<void>) => Promise<void>,
  ) {
    this.#bridge = bridge;
    this.#model = model;
    this.#tried = tried;
    this.courier = new Courier(onChanged);
    this.columns = computed(() => columnsOf(this.setup.value, this.state.value.blur));
    this.found = computed(() => {
      const chosen = this.setup.value?.inputs[this.state.value.way]?.pictures ?? 0;
      return this.page.result.value?.found ?? chosen;
    });
    this.shape = computed(() => this.#shape());
    this.layout = computed(() => this.#layout());
    this.change = computed(() => this.#change());
    this.courier.serve(() => this.#wishes());
    const takesImages = computed(() => model.value?.imageInput != null && model.value.refusal === null);
    effect(() => {
      if (takesImages.value) void this.load();
    });
    effect(() => {
      if (this.#wishes().length > 0) this.courier.refresh();
    });
  }

  restore(state: TranslationState): void {
    this.state.value = state;
  }

  /** Asks the host what was chosen before, in this window or an earlier one. */
  async load(): Promise<void> {
    await this.#tried(async () => this.#take(await this.#bridge.request('translationSetup', {})));
  }

  /** Has the host ask for a folder, files or the second generator. */
  async choose(what: Choice): Promise<void> {
    await this.#tried(async () => {
      const before = this.setup.peek();
      const { way } = this.state.peek();
      const setup = await this.#bridge.request('chooseTranslation', { what, way });
      const pictures = what === 'folder' || what === 'files';
      // A dialog that was closed answers what was there before.
      if (JSON.stringify(setup) === JSON.stringify(before) && !pictures) return;
      batch(() => {
        if (pictures) this.#startOver();
        this.#take(setup);
      });
    });
  }

  setWay(way: TranslationState['way']): void {
    if (way === this.state.peek().way) return;
    batch(() => {
      this.#startOver();
      this.state.value = { ...this.state.peek(), way };
    });
  }

  setBlur(blur: number): void {
    this.state.value = { ...this.state.peek(), blur };
  }

  /** Another number of rows; the page still begins with the picture it began with, as nearly as pages allow. */
  setCount(count: number): void {
    const { first } = this.state.peek();
    this.#goTo(Math.floor(first / count) * count, count);
  }

  turn(step: number): void {
    const state = this.state.peek();
    this.#goTo(turned(state, this.found.peek(), step), state.count);
  }

  /** Opens a row, and turns the page behind it to where it lies. */
  open(place: number): void {
    const { count } = this.state.peek();
    batch(() => {
      this.opened.value = place;
      this.focus.value = place;
      this.#goTo(Math.floor(place / count) * count, count);
    });
  }

  close(): void {
    this.cameBack = true;
    this.opened.value = null;
  }

  get hasPictures(): boolean {
    return this.page.hasPictures;
  }

  again(): void {
    this.#unblurred.value = new Map();
    for (const feed of [this.page, this.single]) feed.forget();
    this.courier.retry();
  }

  #goTo(first: number, count: number): void {
    const state = this.state.peek();
    if (state.first !== first || state.count !== count) this.state.value = { ...state, first, count };
    const focus = this.focus.peek();
    if (focus < first || focus >= first + count) this.focus.value = first;
  }

  #take(setup: TranslationSetup): void {
    batch(() => {
      this.#choices.value++;
      this.#unblurred.value = new Map();
      const state = fitToSetup(this.state.peek(), setup);
      const turnedRound = state.way !== this.state.peek().way;
      this.setup.value = setup;
      this.state.value = state;
      if (turnedRound) this.#startOver();
    });
  }

  /** Other pictures: back to the first page of them. */
  #startOver(): void {
    this.page.clear();
    this.single.clear();
    this.opened.value = null;
    this.#goTo(0, this.state.peek().count);
  }

  #shape(): Size {
    const model = this.#model.value;
    const native = model === null ? null : nativeSize(model);
    if (native !== null) return native;
    for (const { slots } of this.page.rows.value) {
      const image = slots.translation.picture.value?.image;
      if (image) return { width: image.width, height: image.height };
    }
    return { width: 1, height: 1 };
  }

  #layout(): RowLayout | null {
    const area = this.area.value;
    if (area === null) return null;
    const { count } = this.state.value;
    // A last page with fewer rows keeps the size of the others; a folder with fewer than a page need not.
    const rows = Math.max(1, Math.min(count, this.found.value || count));
    return rowLayout(area, rows, this.columns.value.length, this.shape.value, this.ratio.value);
  }

  #change(): number | null {
    const cycle = this.page.result.value?.cycle;
    if (!cycle || this.state.value.blur === 0) return null;
    const before = this.#unblurred.value.get(this.#pageId());
    return before === undefined ? null : cycle.mean - before;
  }

  /** Names the pictures that go in: the same ones under every blur and at every size. */
  #pageId(): string {
    const { way, first, count } = this.state.value;
    return `${this.#model.value?.stamp} ${this.#choices.value} ${way} ${first} ${count}`;
  }

  /** What should be on show: the row in the large view first, the page behind it after. */
  #wishes(): readonly Wish[] {
    const model = this.#model.value;
    const layout = this.layout.value;
    const setup = this.setup.value;
    if (!model?.imageInput || model.refusal !== null || model.needsAnswers) return [];
    if (layout === null || !setup?.inputs[this.state.value.way] || this.found.value === 0) return [];
    const wishes: Wish[] = [];
    const native = nativeSize(model);
    const longest = native === null ? LARGEST : Math.min(LARGEST, Math.max(native.width, native.height));
    const place = this.opened.value;
    const state = this.state.value;
    if (place !== null)
      wishes.push(this.#wish(this.single, { ...state, first: place, count: 1 }, longest, model.stamp));
    const { width, height } = layout.picture;
    const side = maxSide(
      Math.max(width, height),
      native ?? { width: LARGEST, height: LARGEST },
      this.ratio.value,
    );
    wishes.push(this.#wish(this.page, state, side, model.stamp));
    return wishes;
  }

  #wish(feed: RowFeed, state: TranslationState, side: number, stamp: string): Wish {
    const { way, first, count, blur } = state;
    const common = `${stamp} ${this.#choices.value} ${way} ${side}`;
    const pageId = this.#pageId();
    const found = this.found.value;
    return translationWish(this.#bridge, {
      // Another number of pictures than the host counted makes other rows.
      id: `${common} ${first} ${count} ${blur} ${found}`,
      feed,
      ...(feed === this.single ? { lender: this.page } : {}),
      params: { ...state, maxSide: side, stamp },
      aim: {
        places: feed === this.single ? [first] : placesOnShow(state, found),
        columns: this.columns.value,
        id: (place, column) => {
          const blurred = column === 'sentBack' || column === 'reconstruction' ? ` σ${blur}` : '';
          return `${common}${blurred} ${place}/${column}`;
        },
      },
      onResult: ({ cycle, found: now }) => {
        if (feed !== this.page) return;
        if (first > 0 && first >= now) this.turn(0);
        if (blur !== 0 || cycle === null) return;
        this.#unblurred.value = new Map([...this.#unblurred.peek(), [pageId, cycle.mean]]);
      },
    });
  }
}
