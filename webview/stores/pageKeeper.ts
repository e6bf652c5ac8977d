/** Keeps what the page looks like by `setState`, and brings it back after a reload of the window. */
import { effect, type ReadonlySignal, type Signal } from '@preact/signals';
import type { ModelDescription } from '../../src/shared/generator/model.ts';
import type { PageInit, PageState } from '../../src/shared/pageProtocol.ts';
import type { Bridge } from '../bridge.ts';
import { readEdits } from '../model/editState.ts';
import { fieldOf } from '../model/fields.ts';
import { readLooks } from '../model/lookView.ts';
import {
  readPageState,
  readScores,
  readTab,
  readTranslation,
  readUnits,
  writeModelOnly,
  writePageState,
} from '../model/pageState.ts';
import { defaultSamples } from '../model/samplesModel.ts';
import type { EditsStore } from './edits.ts';
import type { LooksStore } from './looks.ts';
import type { SamplesStore } from './samples.ts';
import type { ScoresStore } from './scores.ts';
import type { TranslationStore } from './translation.ts';
import type { UnitsStore } from './units.ts';

export interface KeptStores {
  readonly bridge: Bridge;
  readonly init: ReadonlySignal<PageInit | null>;
  readonly model: ReadonlySignal<ModelDescription | null>;
  readonly tab: Signal<PageState['tab']>;
  readonly samples: SamplesStore;
  readonly translation: TranslationStore;
  readonly units: UnitsStore;
  readonly edits: EditsStore;
  readonly scores: ScoresStore;
  readonly looks: LooksStore;
}

/** A slider moves the state sixty times a second. */
const REST = 100;

export class PageKeeper {
  readonly #stores: KeptStores;
  /** True once the samples' state is the kept one (or its defaults): only then is it worth keeping. */
  #restored = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(stores: KeptStores) {
    this.#stores = stores;
    effect(() => this.#keep());
  }

  /** A state that was kept waits until there is a model that it can be fitted to. */
  restore(init: PageInit, model: ModelDescription): void {
    if (model.refusal !== null) return;
    const { bridge, samples, translation, units, edits, scores, looks, tab } = this.#stores;
    const defaults = defaultSamples(init.defaults.count, init.defaults.rng, model.mapping !== null);
    const state = bridge.getState();
    const kept = this.#restored ? samples.state.peek() : readPageState(state, init.model, defaults);
    samples.restore(kept ?? defaults, model);
    if (!this.#restored) {
      translation.restore(readTranslation(state, init.model));
      units.state.value = readUnits(state, init.model);
      edits.restore(readEdits(state, init.model));
      scores.state.value = readScores(state, init.model);
      looks.view.value = readLooks(state, init.model);
      tab.value = init.tab ?? readTab(state, init.model);
    }
    this.#restored = true;
  }

  /** Keeps which model this is, also when it never opens, so that the panel comes back; a kept state stays. */
  keepModel(model: string | undefined): void {
    const { bridge } = this.#stores;
    if (model === undefined || model === '' || fieldOf(bridge.getState(), 'model') === model) return;
    bridge.setState(writeModelOnly(model));
  }

  keepNow(): void {
    const init = this.#stores.init.peek();
    if (init === null || !this.#restored) return;
    const { bridge, tab, samples, translation, units, edits, scores, looks } = this.#stores;
    bridge.setState(
      writePageState(init.model, tab.peek(), samples.state.peek(), {
        ...{ translation: translation.state.peek(), units: units.state.peek(), edits: edits.state },
        ...{ scores: scores.state.peek(), looks: looks.view.peek() },
      }),
    );
  }

  /** A moment after it came to rest. */
  #keep(): void {
    const { init, model, tab, samples, translation, units, edits, scores, looks } = this.#stores;
    void samples.state.value;
    void translation.state.value;
    void units.state.value;
    void edits.state;
    void scores.state.value;
    void looks.view.value;
    void tab.value;
    if (init.value === null || model.value === null || !this.#restored) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.keepNow(), REST);
  }
}
