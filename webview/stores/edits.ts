/** The stack of edits that is worked on: what a person did to it, step by step, and back. */
import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Edit, EditFile, EditIntent } from '../../src/shared/edits/edits.ts';
import type { LayerDescription } from '../../src/shared/generator/model.ts';
import type { EditsState, EditView, UnitOverlay } from '../../src/shared/pageProtocol.ts';
import { fitted, type Misfit } from '../model/editFit.ts';
import {
  type History,
  historyOf,
  mapped,
  redone,
  type Stack,
  settled,
  stepped,
  undone,
} from '../model/editHistory.ts';
import { changesOf, conceptsNamed, isWaiting, needOf } from '../model/editIntent.ts';
import { duplicated, edited, freeName, neighbourOf, shifted, without } from '../model/editStack.ts';
import { BrushStore } from './brush.ts';
import { EditedPictures } from './editedPictures.ts';
import type { EditsHost, UnitSet } from './editsHost.ts';
import { UnitSource } from './unitSource.ts';
import { UnitValuesStore, type ValuesWish } from './unitValues.ts';

export class EditsStore {
  readonly history: Signal<History> = signal(historyOf());
  readonly edits: ReadonlySignal<readonly Edit[]>;
  /** The named edit that the stack came from. */
  readonly name: ReadonlySignal<string | null>;
  /** Those that are on: what the pictures are made with, a stroke that is being painted with them. */
  readonly active: ReadonlySignal<readonly Edit[]>;
  readonly chosenView: Signal<EditView> = signal('after');
  /** How the samples are drawn: as chosen, or as they are where nothing is edited. */
  readonly view: ReadonlySignal<EditView>;
  /** While a person holds the key or the button: what was before. */
  readonly peeking = signal(false);
  readonly focused: Signal<string | null> = signal(null);
  /** What of the edits that were opened, or kept, does not fit this generator. */
  readonly misfits: Signal<readonly Misfit[]> = signal([]);
  readonly source: UnitSource;
  readonly brush: BrushStore;
  readonly values: UnitValuesStore;
  readonly pictures: EditedPictures;
  readonly #host: EditsHost;
  #ids = 0;

  constructor(host: EditsHost, onChanged: () => void) {
    this.#host = host;
    this.edits = computed(() => this.history.value.present.edits);
    this.name = computed(() => this.history.value.present.name);
    this.source = new UnitSource(host.units);
    this.brush = new BrushStore(this, host);
    this.active = computed(() => this.#active());
    this.view = computed(() => (this.active.value.length === 0 ? 'before' : this.chosenView.value));
    this.values = new UnitValuesStore(host.bridge, () => this.#wishes(), onChanged);
    this.pictures = new EditedPictures(host, this, onChanged);
    effect(() => this.#learn());
    effect(() => this.#refit(host.model.value?.layers ?? null));
  }

  /** As kept; without a past. */
  restore({ edits, view, focused, name }: EditsState): void {
    batch(() => {
      this.history.value = historyOf({ edits, name });
      this.chosenView.value = view;
      this.focused.value = focused;
    });
  }

  get state(): EditsState {
    const { edits, name } = this.history.value.present;
    return { edits, name, view: this.chosenView.value, focused: this.focused.value };
  }

  /** Adds an edit of these units and opens its controls. Answers its id. */
  addSet({ tensor, layer, units, name, intent }: UnitSet): string {
    const edit: Edit = {
      ...{ id: this.freshId(), name: freeName(this.edits.peek(), name), layer, tensor, intent },
      units: changesOf(intent, units, this.#valuesFor(tensor, intent)),
      ...{ strength: 1, region: null, samples: null, muted: false },
    };
    this.add(edit);
    return edit.id;
  }

  add(edit: Edit): void {
    batch(() => {
      this.step([...this.edits.peek(), edit]);
      this.focused.value = edit.id;
      this.showEdits();
    });
  }

  /** What lies over the samples would hide what becomes of them. */
  showEdits(): void {
    if (this.chosenView.peek() === 'before') this.chosenView.value = 'after';
    this.#host.units.update({ overlay: 'none' });
  }

  setView(view: EditView): void {
    batch(() => {
      this.chosenView.value = view;
      if (view !== 'before') this.#host.units.update({ overlay: 'none' });
    });
  }

  /** An overlay is of the samples as the generator makes them, so they come into view with it. */
  setOverlay(overlay: UnitOverlay): void {
    batch(() => {
      if (overlay !== 'none') this.chosenView.value = 'before';
      this.#host.units.update({ overlay });
    });
  }

  /** @param group steps of the same group are one to undo: what a slider does while it is dragged */
  change(
    id: string,
    patch: Partial<Omit<Edit, 'id' | 'units' | 'intent'>>,
    group: string | null = null,
  ): void {
    this.step(edited(this.edits.peek(), id, patch), group);
  }

  setIntent(id: string, intent: EditIntent, group: string | null = null): void {
    const edit = this.#find(id);
    // A list may tell its choice twice: what is so already is no step to undo.
    if (edit === undefined || isSame(edit.intent, intent)) return;
    const units = edit.units.map(({ unit }) => unit);
    const changes = changesOf(intent, units, this.#valuesFor(edit.tensor, intent));
    this.step(edited(this.edits.peek(), id, { intent, units: changes }), group);
  }

  /** Units that stay keep what becomes of them. */
  setUnits(id: string, units: readonly number[]): void {
    const edit = this.#find(id);
    if (edit === undefined) return;
    const known = new Map(edit.units.map((change) => [change.unit, change]));
    const fresh = changesOf(edit.intent, units, this.#valuesFor(edit.tensor, edit.intent));
    const changes = fresh.map((change) => known.get(change.unit) ?? change);
    this.step(edited(this.edits.peek(), id, { units: changes }));
  }

  remove(id: string): void {
    batch(() => {
      if (this.focused.peek() === id) this.focused.value = neighbourOf(this.edits.peek(), id);
      this.step(without(this.edits.peek(), id));
    });
  }

  move(id: string, by: number): void {
    this.step(shifted(this.edits.peek(), id, by));
  }

  duplicate(id: string): void {
    const edit = this.#find(id);
    if (edit === undefined) return;
    const copy = { id: this.freshId(), name: freeName(this.edits.peek(), edit.name) };
    batch(() => {
      this.step(duplicated(this.edits.peek(), id, copy));
      this.focused.value = copy.id;
    });
  }

  /** The stack of a file takes the place of what is there; undo brings that back. */
  open(file: EditFile): void {
    const layers = this.#host.model.peek()?.layers ?? [];
    const { edits, misfits } = fitted(file.edits, layers);
    batch(() => {
      this.misfits.value = misfits;
      // Ids are this page's own: a file opened twice, or written by hand, may repeat them.
      const fresh = edits.map((edit) => ({ ...edit, id: this.freshId() }));
      this.#take(stepped(this.history.peek(), { edits: fresh, name: file.name }));
      this.focused.value = fresh[0]?.id ?? null;
      if (fresh.length > 0) this.showEdits();
    });
  }

  clear(): void {
    this.#take(stepped(this.history.peek(), { edits: [], name: null }));
  }

  nameStack(name: string | null): void {
    const { present } = this.history.peek();
    // Not a step of its own: undoing the edit before shall not take its name away first.
    this.history.value = { ...this.history.peek(), present: { ...present, name } };
  }

  undo(): void {
    this.#take(undone(this.history.peek()));
  }

  redo(): void {
    this.#take(redone(this.history.peek()));
  }

  /** What a slider did is over: the next drag is a step of its own. */
  settle(): void {
    this.history.value = settled(this.history.peek());
  }

  step(edits: readonly Edit[], group: string | null = null): void {
    const { present } = this.history.peek();
    if (edits === present.edits) return;
    this.#take(stepped(this.history.peek(), { ...present, edits }, group));
  }

  /** Tries again what failed. @param only errors whose code begins so */
  retry(only = ''): void {
    if (this.pictures.courier.error.peek()?.code.startsWith(only)) this.pictures.courier.retry();
    if (this.values.failed.peek()?.error.code.startsWith(only)) this.values.retry();
  }

  freshId(): string {
    const taken = new Set(this.edits.peek().map(({ id }) => id));
    for (;;) {
      const id = `e${++this.#ids}`;
      if (!taken.has(id)) return id;
    }
  }

  /** What has to be known before an edit can do anything; null when nothing has, or its concept has no meaning here. */
  wishOf(tensor: string, intent: EditIntent): ValuesWish | null {
    const stamp = this.#host.model.value?.stamp;
    const need = needOf(intent);
    if (stamp === undefined || need === 'nothing') return null;
    if (need === 'values') return { stamp, tensor, concepts: [], segmenter: null };
    const concepts = this.conceptsOf(intent);
    const segmenter = this.#host.units.dissecting.setup.value?.segmenter?.name ?? null;
    return concepts === null || segmenter === null ? null : { stamp, tensor, concepts, segmenter };
  }

  /** Concepts of the segmenter that is chosen now, which is the one that looks for them. */
  conceptsOf(intent: EditIntent): readonly number[] | null {
    if (intent.kind !== 'insert') return null;
    const { setup } = this.#host.units.dissecting;
    return conceptsNamed(intent.concept, setup.value?.segmenter?.concepts ?? []);
  }

  #take(history: History): void {
    batch(() => {
      this.history.value = history;
      const { edits } = history.present;
      const focused = this.focused.peek();
      if (focused !== null && !edits.some(({ id }) => id === focused))
        this.focused.value = edits.at(-1)?.id ?? null;
    });
  }

  #find(id: string): Edit | undefined {
    return this.edits.peek().find((edit) => edit.id === id);
  }

  /** A strength of 0 stays in: the engine keeps its session while a slider passes through it. */
  #active(): readonly Edit[] {
    if (this.#host.model.value?.layers == null) return [];
    return this.brush.live.value.filter((edit) => !edit.muted && edit.units.length > 0 && !isWaiting(edit));
  }

  #valuesFor(tensor: string, intent: EditIntent) {
    const wish = this.wishOf(tensor, intent);
    return wish && this.values.of(wish);
  }

  #wishes(): readonly ValuesWish[] {
    if (!this.#host.units.active.value) return [];
    const waiting = this.edits.value
      .filter(isWaiting)
      .map(({ tensor, intent }) => this.wishOf(tensor, intent));
    return [...waiting, this.brush.wish.value].filter((wish) => wish !== null);
  }

  /** Values that have come are filled in wherever they were waited for: no step of the person's, so nothing to undo. */
  #learn(): void {
    void this.values.known.value;
    const history = this.history.value;
    if (!history.present.edits.some(isWaiting)) return;
    const fill = (edit: Edit): Edit => {
      if (!isWaiting(edit)) return edit;
      const units = edit.units.map(({ unit }) => unit);
      const changes = changesOf(edit.intent, units, this.#valuesFor(edit.tensor, edit.intent));
      const learnt = { ...edit, units: changes };
      return isWaiting(learnt) ? edit : learnt;
    };
    const filled = mapped(history, fill);
    if (filled.present !== history.present) this.history.value = filled;
  }

  /** What was kept may be of a file that has become another one. */
  #refit(layers: readonly LayerDescription[] | null): void {
    if (layers === null) return;
    const { present } = this.history.peek();
    const { edits, misfits } = fitted(present.edits, layers);
    if (edits.length === present.edits.length && edits.every((edit, i) => edit === present.edits[i])) return;
    batch(() => {
      this.misfits.value = misfits;
      const next: Stack = { ...present, edits };
      this.#take(historyOf(next));
    });
  }
}

function isSame(a: EditIntent, b: EditIntent): boolean {
  const text = (intent: EditIntent) => JSON.stringify(Object.entries(intent).sort());
  return text(a) === text(b);
}
