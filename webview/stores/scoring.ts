/** What is measured next: extractor, reference, the wish, and how long it will take. */
import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Edit } from '../../src/shared/edits/edits.ts';
import { asGenscopeError, type ErrorData, isCancelled } from '../../src/shared/kernel/errors.ts';
import type { ScorePreset } from '../../src/shared/scores/scorePresets.ts';
import type { ScoreTrial } from '../../src/shared/scores/scores.ts';
import type {
  ScoreQuestion,
  ScoreWish,
  ScoringChoice,
  ScoringSetup,
} from '../../src/shared/scores/scoring.ts';
import { type Asked, named, questionKey, questionOf, toggled } from '../model/scoreChoice.ts';
import type { ScoresHost } from './scoresHost.ts';

export class ScoringForm {
  readonly setup: Signal<ScoringSetup | null> = signal(null);
  /** What the next run is asked with; its scores are all named. */
  readonly wish: Signal<ScoreWish | null> = signal(null);
  /** The part whose dialog is open, or which is being fetched. */
  readonly choosing: Signal<ScoringChoice['part'] | null> = signal(null);
  readonly trying = signal(false);
  /** The person has said that there shall be no reference. */
  readonly withoutReference = signal(false);
  /** Why there is no setup, or why a trial failed. */
  readonly error: Signal<ErrorData | null> = signal(null);
  /** Edits of the Units tab that can be scored: those that hold for every sample. */
  readonly edits: ReadonlySignal<readonly Edit[]>;
  readonly asked: ReadonlySignal<Asked | null>;
  /** What the trial of this very question said; null: none was made. */
  readonly trial: ReadonlySignal<ScoreTrial | null>;
  readonly #tried: Signal<{ readonly key: string; readonly trial: ScoreTrial } | null> = signal(null);
  readonly #host: ScoresHost;
  #edited = false;
  #trialAbort: AbortController | null = null;
  #turn = 0;

  /** @param edited whether edits are to be scored too */
  constructor(host: ScoresHost, edited: () => boolean) {
    this.#host = host;
    this.edits = computed(() => host.edits.active.value.filter(({ samples }) => samples === null));
    this.asked = computed(() => {
      const wish = this.wish.value;
      if (wish === null) return null;
      return questionOf(wish, this.setup.value, this.#classes, edited() ? this.edits.value : []);
    });
    this.trial = computed(() => {
      const [asked, tried] = [this.asked.value, this.#tried.value];
      if (asked === null || !('question' in asked) || tried === null) return null;
      return tried.key === this.#key(asked.question) ? tried.trial : null;
    });
    host.bridge.on('scoringSetupChanged', () => {
      // Chosen elsewhere, by the same person: what is half filled in here gives way.
      this.#edited = false;
      if (this.setup.peek() !== null) void this.load();
    });
  }

  /** @throws nothing: `error` tells */
  async load(): Promise<void> {
    const turn = ++this.#turn;
    this.error.value = null;
    try {
      const setup = await this.#host.bridge.request('scoringSetup', {});
      if (turn === this.#turn) this.#take(setup);
    } catch (thrown) {
      if (turn === this.#turn) this.error.value = asGenscopeError(thrown).toData();
    }
  }

  update(patch: Partial<ScoreWish>): void {
    const wish = this.wish.peek();
    if (wish === null) return;
    this.#edited = true;
    this.wish.value = { ...wish, ...patch };
  }

  /** A whole wish, with nothing of the one before. */
  replace(wish: ScoreWish): void {
    this.#edited = true;
    this.wish.value = wish;
  }

  /** @param resize undefined: the extractor's own */
  resize(resize: ScoreWish['resize']): void {
    const wish = this.wish.peek();
    if (wish === null) return;
    const { resize: _, ...others } = wish;
    this.#edited = true;
    this.wish.value = resize === undefined ? others : { ...others, resize };
  }

  /** @param ends "0,1"; anything else: as the extractor's files or graph say */
  range(ends: string): void {
    const wish = this.wish.peek();
    if (wish === null) return;
    const { range: _, ...others } = wish;
    const [low, high] = ends.split(',').map(Number);
    this.#edited = true;
    this.wish.value =
      low === undefined || high === undefined || Number.isNaN(low)
        ? others
        : { ...others, range: [low, high] };
  }

  /** Takes what a published score is made with. */
  preset({ scores, samples, resize }: ScorePreset): void {
    this.update({ scores, samples, resize });
  }

  toggle(id: string): void {
    const [wish, setup] = [this.wish.peek(), this.setup.peek()];
    if (wish !== null && setup !== null) this.update({ scores: toggled(wish.scores, setup, id) });
  }

  async choose(choice: ScoringChoice): Promise<void> {
    if (this.choosing.peek() !== null) return;
    batch(() => {
      this.choosing.value = choice.part;
      if (choice.part === 'reference') this.withoutReference.value = choice.from === 'none';
    });
    await this.#host.tried(async () =>
      this.#take(await this.#host.bridge.request('chooseScoring', { choice })),
    );
    this.choosing.value = null;
  }

  /** Makes a few images to see how long it takes. */
  async tryOut(question: ScoreQuestion): Promise<ScoreTrial | null> {
    if (this.trying.peek()) return null;
    const abort = new AbortController();
    this.#trialAbort = abort;
    batch(() => {
      this.trying.value = true;
      this.error.value = null;
    });
    try {
      const key = this.#key(question);
      const trial = await this.#host.bridge.request('trialScores', { question }, { signal: abort.signal });
      if (abort.signal.aborted) return null;
      this.#tried.value = { key, trial };
      return trial;
    } catch (thrown) {
      const error = asGenscopeError(thrown);
      if (!abort.signal.aborted && !isCancelled(error)) this.error.value = error.toData();
      return null;
    } finally {
      this.trying.value = false;
    }
  }

  stopTrying(): void {
    this.#trialAbort?.abort();
  }

  #take(setup: ScoringSetup): void {
    batch(() => {
      this.setup.value = setup;
      if (!this.#edited) this.wish.value = named(setup.wish, setup, this.#classes);
    });
  }

  get #classes(): number {
    return this.#host.model.value?.classes ?? 0;
  }

  /** Another file, extractor or reference takes another time. */
  #key(question: ScoreQuestion): string {
    const { extractor, reference } = this.setup.value ?? {};
    const parts = [extractor?.description?.sha256, reference?.description?.sha256];
    return `${this.#host.model.value?.stamp} ${parts.join(' ')} ${questionKey(question)}`;
  }
}
