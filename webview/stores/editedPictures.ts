/** The samples on show under the edits: at most one request in flight, the newest wins, drawn outside of rendering. */
import { computed, effect, type ReadonlySignal } from '@preact/signals';
import type { Edit } from '../../src/shared/edits/edits.ts';
import type { EditView } from '../../src/shared/pageProtocol.ts';
import type { LatentKey } from '../../src/shared/samples/latents.ts';
import { gridPlan, keyId, sameKey } from '../model/samplesModel.ts';
import { Courier, type Wish } from './courier.ts';
import type { EditsHost } from './editsHost.ts';
import { Feed } from './feed.ts';
import { sampleWish } from './sampleWish.ts';

/** Pictures that come late are better than none: a slider that is dragged without end would call all of them off. */
const PATIENCE = 1000;

/** What is to be drawn, and how. */
export interface EditsOnShow {
  readonly active: ReadonlySignal<readonly Edit[]>;
  readonly view: ReadonlySignal<EditView>;
}

export class EditedPictures {
  readonly feed = new Feed();
  readonly courier: Courier;
  /** Whether each sample on show is one that an edit changes. */
  readonly touched: ReadonlySignal<readonly boolean[]>;
  readonly #host: EditsHost;
  readonly #edits: EditsOnShow;
  /** Edits never change, new ones take their place: a number for each says which picture is which. */
  readonly #numbers = new WeakMap<Edit, number>();
  #numbered = 0;

  /** @param onChanged told when the engine finds another file than the one described */
  constructor(host: EditsHost, edits: EditsOnShow, onChanged: () => void) {
    this.#host = host;
    this.#edits = edits;
    this.courier = new Courier(onChanged, PATIENCE);
    this.courier.serve(() => this.#wishes());
    this.touched = computed(() => {
      const active = edits.active.value;
      return host.samples.keys.value.map((key) => active.some((edit) => holdsIn(edit, key)));
    });
    effect(() => {
      if (this.#wishes().length > 0) this.courier.refresh();
    });
  }

  #wishes(): readonly Wish[] {
    const { samples, units, model, bridge } = this.#host;
    const stamp = model.value?.stamp;
    const edits = this.#edits.active.value;
    const wanted = units.active.value && this.#edits.view.value !== 'before' && edits.length > 0;
    if (stamp === undefined || !wanted || samples.cell.value === 0) return [];
    const state = samples.state.value;
    const maxSide = samples.side.value;
    const plan = gridPlan(state);
    const source = JSON.stringify(state.source);
    // A sample that no edit holds in is the one of the Samples tab, and that one's id.
    const ids = samples.keys.value.map((key) => {
      const own = edits.filter((edit) => holdsIn(edit, key)).map((edit) => this.#numberOf(edit));
      const under = own.length > 0 ? ` ${own.join('+')}` : '';
      return `${stamp} ${maxSide} ${source}${under} ${keyId(key)}`;
    });
    const id = ids.join('\n');
    return [
      sampleWish(bridge, { feed: this.feed, id, ids, plan, maxSide, stamp, lender: samples.grid, edits }),
    ];
  }

  #numberOf(edit: Edit): number {
    const known = this.#numbers.get(edit) ?? ++this.#numbered;
    this.#numbers.set(edit, known);
    return known;
  }
}

export function holdsIn({ samples }: Edit, key: LatentKey): boolean {
  return samples === null || samples.some((other) => sameKey(other, key));
}
