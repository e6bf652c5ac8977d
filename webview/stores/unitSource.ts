/** Where the units of the next edit come from: the best of a concept, those selected in the table, or as typed. */
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { EditIntent } from '../../src/shared/edits/edits.ts';
import { rankUnits } from '../../src/shared/units/conceptUnion.ts';
import { conceptWords } from '../model/conceptChoice.ts';
import { plural } from '../model/format.ts';
import { parseUnits, unitsText } from '../model/unitLists.ts';
import { conceptBars } from '../model/unitsModel.ts';
import { t } from '../strings.ts';
import type { UnitSet } from './editsHost.ts';
import type { UnitsStore } from './units.ts';

export type SourceKind = 'top' | 'selection' | 'numbers';
export const DEFAULT_COUNT = 20;
/** A name that fits the row of an edit. */
const LONGEST = 16;

/** Units that are ready to be edited. */
export type Chosen = Pick<UnitSet, 'tensor' | 'layer' | 'units'> & {
  /** What they are called: their concept, or their numbers. */
  readonly what: string;
  /** The concept that insertion takes its values from; null without one. */
  readonly concept: string | null;
};

export class UnitSource {
  /** What a person chose; null: what is at hand. */
  readonly chosenKind: Signal<SourceKind | null> = signal(null);
  readonly count = signal(DEFAULT_COUNT);
  readonly text = signal('');
  /** Whether there is a dissection to rank units by. */
  readonly canRank: ReadonlySignal<boolean>;
  readonly kind: ReadonlySignal<SourceKind>;
  /** The concept that units are ranked by: the tab's, else the one that most units stand for. */
  readonly concept: ReadonlySignal<readonly number[]>;
  readonly units: ReadonlySignal<readonly number[]>;
  /** What is wrong with the numbers as typed; '' while they can be read. */
  readonly complaint: ReadonlySignal<string>;
  readonly chosen: ReadonlySignal<Chosen | null>;
  readonly #units: UnitsStore;

  constructor(units: UnitsStore) {
    this.#units = units;
    this.canRank = computed(() => (units.dissected.value?.iou.length ?? 0) > 0);
    this.kind = computed(() => this.#kind());
    this.concept = computed(() => this.#concept());
    this.units = computed(() => this.#list());
    this.complaint = computed(() => this.#complaint());
    this.chosen = computed(() => this.#chosen());
  }

  /** The best units for a concept: all that the empty state needs. */
  best(count = DEFAULT_COUNT): Chosen | null {
    const layer = this.#units.layer.value;
    const name = this.#name();
    if (layer === null || !this.canRank.value || name === null) return null;
    const units = this.#ranked().slice(0, count);
    return { tensor: layer.tensor, layer: layer.name, units, what: name, concept: name };
  }

  #kind(): SourceKind {
    const chosen = this.chosenKind.value;
    if (chosen !== null && (chosen !== 'top' || this.canRank.value)) return chosen;
    if (this.#units.state.value.selection.length > 0 || !this.canRank.value) return 'selection';
    return 'top';
  }

  #concept(): readonly number[] {
    const chosen = this.#units.concept.value;
    if (chosen.length > 0 || !this.canRank.value) return chosen;
    const bars = conceptBars(this.#units.rows.value, this.#units.concepts.value, []);
    return bars[0] === undefined ? [] : [bars[0].concept];
  }

  #name(): string | null {
    const concept = this.concept.value;
    return concept.length > 0 ? conceptWords(this.#units.concepts.value, concept) : null;
  }

  #ranked(): readonly number[] {
    const { dissected, conceptShare } = this.#units;
    const concept = this.concept.value;
    if (dissected.value === null || concept.length === 0) return [];
    return rankUnits(dissected.value, concept, conceptShare.value);
  }

  #list(): readonly number[] {
    const kind = this.kind.value;
    if (kind === 'selection') return this.#units.state.value.selection;
    if (kind === 'top') return this.#ranked().slice(0, this.count.value);
    return parseUnits(this.text.value, this.#units.layer.value?.units ?? 0).units ?? [];
  }

  #complaint(): string {
    const layer = this.#units.layer.value;
    if (this.kind.value !== 'numbers' || layer === null) return '';
    const { wrong } = parseUnits(this.text.value, layer.units);
    return wrong === null ? '' : t('edits.numbersInvalid', { part: wrong, last: layer.units - 1 });
  }

  #chosen(): Chosen | null {
    const layer = this.#units.layer.value;
    const units = this.units.value;
    if (layer === null || units.length === 0) return null;
    const isTop = this.kind.value === 'top';
    const concept = isTop || this.#units.concept.value.length > 0 ? this.#name() : null;
    const numbers = unitsText(units);
    const short = numbers.length <= LONGEST;
    const what =
      isTop && concept !== null
        ? concept
        : short
          ? t('edits.units', { units: numbers })
          : plural('units.status', units.length);
    return { tensor: layer.tensor, layer: layer.name, units, what, concept };
  }
}

/** What a button of the panel does to units. */
export function intentOf(kind: EditIntent['kind'], concept: string | null): EditIntent {
  if (kind === 'ablate') return { kind, to: 'zero' };
  if (kind === 'scale') return { kind, factor: 2 };
  return concept === null ? { kind, from: 'quantile' } : { kind, from: 'conceptMean', concept };
}
