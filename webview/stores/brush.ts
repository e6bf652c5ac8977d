/** Painting on a sample: a stroke is an edit that holds where it was painted, and takes effect while it is drawn. */
import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Edit, EditIntent, EditRegion } from '../../src/shared/edits/edits.ts';
import type { LayerDescription } from '../../src/shared/generator/model.ts';
import type { LatentKey } from '../../src/shared/samples/latents.ts';
import { type BrushShape, emptyRegion, isEmpty, type Place, painted } from '../model/brush.ts';
import { layerOf } from '../model/editFit.ts';
import { changesOf } from '../model/editIntent.ts';
import { edited, freeName } from '../model/editStack.ts';
import { sameKey } from '../model/samplesModel.ts';
import { t } from '../strings.ts';
import type { EditsHost } from './editsHost.ts';
import { intentOf, type UnitSource } from './unitSource.ts';
import type { UnitValuesStore, ValuesWish } from './unitValues.ts';

export interface Brush extends BrushShape {
  /** Add a concept, or take it away. */
  readonly mode: 'add' | 'remove';
  readonly strength: number;
  /** Strokes hold in every sample, or only in the one that they are painted on. */
  readonly everywhere: boolean;
  /** Takes away from the region of `target` instead of adding to it. */
  readonly erase: boolean;
}

export const DEFAULT_BRUSH: Brush = {
  ...{ mode: 'add', strength: 1, everywhere: false, erase: false },
  ...{ size: 2, soft: 0.5 },
};
export const MOST_BRUSH = 16;

/** The cell that the keyboard paints. */
export interface BrushCursor {
  readonly row: number;
  readonly column: number;
}

/** The stack that strokes go into. */
export interface PaintedEdits {
  readonly edits: ReadonlySignal<readonly Edit[]>;
  readonly focused: Signal<string | null>;
  readonly source: UnitSource;
  readonly values: UnitValuesStore;
  step(edits: readonly Edit[]): void;
  freshId(): string;
  showEdits(): void;
  wishOf(tensor: string, intent: EditIntent): ValuesWish | null;
}

export class BrushStore {
  readonly on = signal(false);
  readonly brush: Signal<Brush> = signal(DEFAULT_BRUSH);
  /** The edit whose region is painted; null: each stroke is an edit of its own. */
  readonly target: Signal<string | null> = signal(null);
  readonly cursor: Signal<BrushCursor | null> = signal(null);
  /** The stack with the stroke that is being painted. */
  readonly live: ReadonlySignal<readonly Edit[]>;
  /** Values that the next stroke will need. */
  readonly wish: ReadonlySignal<ValuesWish | null>;
  /** The layer in whose cells strokes are. */
  readonly layer: ReadonlySignal<LayerDescription | null>;
  /** The region to draw over the samples: of the stroke that is being painted, else of the edit that is open. */
  readonly shown: ReadonlySignal<{ readonly region: EditRegion; readonly samples: Edit['samples'] } | null>;
  readonly #edits: PaintedEdits;
  readonly #host: EditsHost;
  readonly #draft: Signal<Edit | null> = signal(null);
  #last: Place | null = null;
  /** What the keyboard has been painting, dab by dab. */
  #stroke: string | null = null;

  constructor(edits: PaintedEdits, host: EditsHost) {
    this.#edits = edits;
    this.#host = host;
    this.live = computed(() => this.#live());
    this.layer = computed(() => this.#layer());
    this.wish = computed(() => this.#wish());
    this.shown = computed(() => this.#shown());
  }

  update(patch: Partial<Brush>): void {
    this.brush.value = { ...this.brush.peek(), ...patch };
  }

  /** @param target an edit whose region is to be painted */
  start(target: string | null = null): void {
    batch(() => {
      this.on.value = true;
      this.target.value = target;
      this.update({ erase: false });
      this.#stroke = null;
      this.#edits.showEdits();
    });
  }

  leave(): void {
    batch(() => {
      this.cancel();
      this.on.value = false;
      this.target.value = null;
      this.cursor.value = null;
    });
  }

  /** @param place in cells of the layer */
  begin(sample: LatentKey, place: Place): void {
    const layer = this.layer.peek();
    const start = layer && this.#blank(sample, layer);
    if (start === null) return;
    this.#last = place;
    this.#draft.value = start;
    this.moveTo(place);
  }

  moveTo(place: Place): void {
    const draft = this.#draft.peek();
    if (draft === null || draft.region === null) return;
    const { erase, ...shape } = this.brush.peek();
    const region = painted(
      draft.region,
      this.#last ?? place,
      place,
      shape,
      erase && this.target.peek() !== null,
    );
    this.#last = place;
    this.#draft.value = { ...draft, region };
  }

  /** The stroke is done: one step to undo. */
  end(): void {
    const draft = this.#draft.peek();
    if (draft === null) return;
    batch(() => {
      this.#draft.value = null;
      if (draft.region === null || isEmpty(draft.region)) return;
      if (this.#isKnown(draft.id)) this.#edits.step(edited(this.#edits.edits.peek(), draft.id, draft));
      else this.#edits.step([...this.#edits.edits.peek(), draft]);
      this.#edits.focused.value = draft.id;
    });
  }

  cancel(): void {
    this.#draft.value = null;
  }

  /** One dab of the keyboard's: it goes on with its stroke until that is finished. */
  dab(sample: LatentKey, { row, column }: BrushCursor): void {
    const place = { x: column + 0.5, y: row + 0.5 };
    const layer = this.layer.peek();
    if (layer === null) return;
    const going = this.#edits.edits.peek().find(({ id }) => id === this.#stroke);
    const goesOn =
      going !== undefined && (going.samples === null || going.samples.some((key) => sameKey(key, sample)));
    const start = goesOn && this.target.peek() === null ? going : this.#blank(sample, layer);
    if (start === null) return;
    this.#last = place;
    this.#draft.value = start;
    this.moveTo(place);
    this.end();
    this.#stroke = start.id;
  }

  /** The next dab begins a stroke of its own. Answers whether there was one. */
  finish(): boolean {
    const was = this.#stroke !== null;
    this.#stroke = null;
    return was;
  }

  /** What a new stroke does; null while its units or their values are not known. */
  intent(): EditIntent | null {
    const chosen = this.#edits.source.chosen.value;
    if (chosen === null) return null;
    return intentOf(this.brush.value.mode === 'add' ? 'insert' : 'ablate', chosen.concept);
  }

  #blank(sample: LatentKey, layer: LayerDescription): Edit | null {
    const [height, width] = layer.resolution;
    const edits = this.#edits.edits.peek();
    const target = edits.find(({ id }) => id === this.target.peek());
    if (target !== undefined) return { ...target, region: target.region ?? emptyRegion(height, width) };
    const chosen = this.#edits.source.chosen.peek();
    const intent = this.intent();
    if (chosen === null || intent === null) return null;
    const wish = this.#edits.wishOf(chosen.tensor, intent);
    const { mode, strength, everywhere } = this.brush.peek();
    const name = t(mode === 'add' ? 'edits.name.paintedIn' : 'edits.name.paintedOut', { what: chosen.what });
    return {
      ...{ id: this.#edits.freshId(), name: freeName(edits, name), layer: layer.name, tensor: layer.tensor },
      ...{ intent, strength, muted: false, region: emptyRegion(height, width) },
      units: changesOf(intent, chosen.units, wish && this.#edits.values.of(wish)),
      samples: everywhere ? null : [sample],
    };
  }

  #isKnown(id: string): boolean {
    return this.#edits.edits.peek().some((edit) => edit.id === id);
  }

  #live(): readonly Edit[] {
    const edits = this.#edits.edits.value;
    const draft = this.#draft.value;
    if (draft === null) return edits;
    return this.#isKnown(draft.id) ? edited(edits, draft.id, draft) : [...edits, draft];
  }

  #layer(): LayerDescription | null {
    const layers = this.#host.model.value?.layers ?? [];
    const target = this.#edits.edits.value.find(({ id }) => id === this.target.value);
    return target === undefined ? this.#host.units.layer.value : (layerOf(target, layers) ?? null);
  }

  #wish(): ValuesWish | null {
    const chosen = this.#edits.source.chosen.value;
    const intent = this.on.value && this.target.value === null ? this.intent() : null;
    return chosen && intent && this.#edits.wishOf(chosen.tensor, intent);
  }

  #shown(): { readonly region: EditRegion; readonly samples: Edit['samples'] } | null {
    const open = this.#edits.edits.value.find(({ id }) => id === this.#edits.focused.value);
    const { region, samples } = this.#draft.value ?? open ?? { region: null, samples: null };
    return region && { region, samples };
  }
}
