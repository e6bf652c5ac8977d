/** Causal effects: what is asked, how far it is, and the last answers, which the host keeps. */
import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { EffectQuestion, EffectsState } from '../../src/shared/effects/effects.ts';
import type { LayerDescription } from '../../src/shared/generator/model.ts';
import { asGenscopeError, type ErrorData, isCancelled, isErrorData } from '../../src/shared/kernel/errors.ts';
import type { EffectsView, PageNotifications } from '../../src/shared/pageProtocol.ts';
import { ofOneKind, rankUnits } from '../../src/shared/units/conceptUnion.ts';
import {
  type AskedOrWhyNot,
  EFFECT_KINDS,
  type EffectKind,
  type EffectSubject,
  expectedTime,
  questionOf,
} from '../model/effectQuestion.ts';
import { t } from '../strings.ts';
import type { EffectsHost, EffectsUnits } from './effectsHost.ts';

type Answers = Pick<EffectsState, EffectKind>;
const NOTHING: Answers = { effect: null, selections: null, placement: null };

/** Units of the edit that is worked on. */
export interface EditInWork {
  readonly tensor: string;
  readonly name: string;
  readonly units: readonly number[];
}

export class EffectsStore {
  readonly answers: Signal<Answers> = signal(NOTHING);
  readonly running: Signal<EffectsState['running']> = signal(null);
  /** A question is on its way to the host. */
  readonly starting: Signal<EffectKind | null> = signal(null);
  /** False until the host has told what was measured. */
  readonly loaded = signal(false);
  /** Why the last measurement, or reading what was measured, failed. */
  readonly error: Signal<ErrorData | null> = signal(null);
  /** Set by whoever knows of edits. */
  readonly edit: Signal<EditInWork | null> = signal(null);
  readonly view: ReadonlySignal<EffectsView>;
  readonly subject: ReadonlySignal<EffectSubject>;
  /** The concept asked about, by index: the one that units are ranked by, else that of the unit that is looked at. */
  readonly concept: ReadonlySignal<readonly number[]>;
  /** As far as it was chosen by a person; before a dissection it ranks nothing yet, but can be asked about. */
  readonly chosen: ReadonlySignal<readonly number[]>;
  readonly #host: EffectsHost;
  readonly #units: EffectsUnits;
  #turn = 0;
  #asked = false;
  /** What was asked last, for another try. */
  #last: EffectKind | null = null;

  constructor(host: EffectsHost, units: EffectsUnits) {
    this.#host = host;
    this.#units = units;
    this.view = computed(() => units.state.value.effects);
    this.chosen = computed(() =>
      units.state.value.concept.filter((concept) => concept < units.concepts.value.length),
    );
    this.concept = computed(() => this.#concept());
    this.subject = computed(() => this.#subject());
    host.bridge.on('effectsChanged', (params) => this.#onChanged(params));
  }

  update(patch: Partial<EffectsView>): void {
    this.#units.update({ effects: { ...this.view.peek(), ...patch } });
  }

  /** @param joins to the ones chosen before, to count together with them */
  pick(concept: number, joins: boolean): void {
    const next = joins ? [...this.chosen.peek(), concept] : [concept];
    const { categories, concepts } = this.#units;
    if (ofOneKind(categories.peek(), next)) this.#units.update({ concept: next });
    else this.#host.say(t('concepts.otherKind', { concept: concepts.peek()[concept] ?? concept }));
  }

  /** Asks what was measured and what is being measured. */
  async load(): Promise<void> {
    this.#asked = true;
    const turn = ++this.#turn;
    try {
      const { running, ...answers } = await this.#host.bridge.request('effects', {});
      if (turn !== this.#turn) return;
      batch(() => {
        this.answers.value = { ...NOTHING, ...answers };
        this.running.value = running;
        this.loaded.value = true;
        this.#showSomething();
      });
    } catch (thrown) {
      if (turn !== this.#turn) return;
      batch(() => {
        this.error.value = asGenscopeError(thrown).toData();
        this.loaded.value = true;
      });
    }
  }

  /** The question as it would be asked now, or why it cannot be. */
  asked(kind: EffectKind): AskedOrWhyNot {
    return questionOf(kind, this.view.value, this.subject.value);
  }

  /** Milliseconds that it will take, about; null: nothing to judge by. */
  expected(question: EffectQuestion): number | null {
    const dissection = this.#units.dissecting.dissection.value;
    const before = dissection && { ms: dissection.ms, samples: dissection.settings.samples };
    return expectedTime(question, this.answers.value, (layer) => this.#sizeOf(layer), before);
  }

  async start(kind: EffectKind): Promise<void> {
    const asked = this.asked(kind);
    if (!('question' in asked) || this.running.peek() !== null || this.starting.peek() !== null) return;
    batch(() => {
      this.starting.value = kind;
      this.error.value = null;
    });
    this.#last = kind;
    try {
      const { job } = await this.#host.bridge.request('startEffect', { question: asked.question });
      // It may have ended already: then this finds it gone, with its answer.
      this.running.value ??= { kind, job, progress: null };
      await this.load();
    } catch (thrown) {
      const error = asGenscopeError(thrown);
      if (!isCancelled(error)) this.error.value = error.toData();
    }
    this.starting.value = null;
  }

  async retry(): Promise<void> {
    this.error.value = null;
    await this.load();
    if (this.error.peek() === null && this.#last !== null) await this.start(this.#last);
  }

  /** What was measured before stays. */
  async cancel(): Promise<void> {
    const job = this.running.peek()?.job;
    if (job === undefined) return;
    await this.#host.tried(async () => void (await this.#host.bridge.request('cancelJob', { id: job })));
  }

  layerOf(name: string): LayerDescription | null {
    const layers = this.#host.model.value?.layers ?? [];
    return layers.find((layer) => layer.name === name || layer.tensor === name) ?? null;
  }

  /** Whether an answer is about the file as it is now; as long as its hash is unknown, yes. */
  isOfThisFile(sha256: string): boolean {
    const now = this.#host.model.value?.sha256 ?? null;
    return now === null || now === sha256;
  }

  #onChanged(params: unknown): void {
    if (typeof params !== 'object' || params === null || !('kind' in params)) return;
    const { kind, progress, ended, error } = params as PageNotifications['effectsChanged'];
    if (!EFFECT_KINDS.includes(kind)) return;
    const running = this.running.peek();
    if (ended === true) void this.#onEnded(kind, error);
    // Another page of this model may have begun it.
    else if (running === null) {
      if (this.#asked && this.starting.peek() === null) void this.load();
    } else if (progress) this.running.value = { ...running, kind, progress };
  }

  /** Cancelled, here or elsewhere, it leaves the last answer as it was. */
  async #onEnded(kind: EffectKind, error: ErrorData | undefined): Promise<void> {
    const before = JSON.stringify(this.answers.peek()[kind]);
    batch(() => {
      this.running.value = null;
      if (isErrorData(error)) this.error.value = error;
    });
    if (!this.#asked) return;
    await this.load();
    const news = JSON.stringify(this.answers.peek()[kind]) !== before;
    if (news) this.update({ shown: kind });
    if (this.error.peek() === null)
      this.#host.say(t(news ? `effects.finished.${kind}` : 'effects.cancelled'));
  }

  /** A kept choice of what to show may have no answer (yet), where another has. */
  #showSomething(): void {
    const { shown } = this.view.peek();
    const answers = this.answers.peek();
    const other = EFFECT_KINDS.find((kind) => answers[kind] !== null);
    if (answers[shown] === null && other !== undefined) this.update({ shown: other });
  }

  #concept(): readonly number[] {
    const chosen = this.chosen.value;
    if (chosen.length > 0) return chosen;
    const found = this.#units.focused.value?.found;
    return found && this.#units.concepts.value[found.concept] !== undefined ? [found.concept] : [];
  }

  #subject(): EffectSubject {
    const { layer, dissected, concepts, conceptShare, dissecting, state } = this.#units;
    const concept = this.concept.value;
    const edit = this.edit.value;
    return {
      layer: layer.value,
      segmenter: (dissecting.setup.value?.segmenter ?? null) !== null,
      concept: concept.map((c) => concepts.value[c] ?? '').filter((name) => name !== ''),
      source: dissecting.draft.value.source,
      selection: state.value.selection,
      edit: edit !== null && edit.tensor === layer.value?.tensor ? edit.units : null,
      byIou:
        dissected.value === null || concept.length === 0
          ? null
          : rankUnits(dissected.value, concept, conceptShare.value),
      selections: this.answers.value.selections,
    };
  }

  #sizeOf(name: string): { units: number; cells: number } | null {
    const layer = this.layerOf(name);
    return layer && { units: layer.units, cells: layer.resolution[0] * layer.resolution[1] };
  }
}
