/** Looks behind the numbers: what is asked, how far it is, and the last answers, which the host keeps. */
import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { LookKind, LooksState } from '../../src/shared/checks/lookRequests.ts';
import { LOOK_KINDS } from '../../src/shared/checks/lookRequests.ts';
import type { ModelDescription } from '../../src/shared/generator/model.ts';
import { asGenscopeError, type ErrorData, isCancelled, isErrorData } from '../../src/shared/kernel/errors.ts';
import type { LooksView, PageNotifications, PairAnswers } from '../../src/shared/pageProtocol.ts';
import type { Bridge } from '../bridge.ts';
import { type AskedLook, lookQuestion, samplesOf } from '../model/lookQuestion.ts';
import { DEFAULT_LOOKS } from '../model/lookView.ts';
import { answered, answersAbout, nextOpen, type PairWord } from '../model/pairAnswers.ts';
import { t } from '../strings.ts';
import { LookPictures } from './lookPictures.ts';
import type { SamplesStore } from './samples.ts';
import type { ScoresStore } from './scores.ts';

export interface LooksHost {
  readonly bridge: Bridge;
  readonly model: ReadonlySignal<ModelDescription | null>;
  readonly samples: Pick<SamplesStore, 'state' | 'keys'>;
  readonly scores: Pick<ScoresStore, 'form' | 'expected'>;
  say(text: string): void;
  tried(work: () => Promise<void>): Promise<void>;
}

const NOTHING: LooksState['answers'] = { neighbours: null, duplicates: null, modes: null, artifacts: null };

export class LooksStore {
  readonly view: Signal<LooksView> = signal(DEFAULT_LOOKS);
  readonly answers: Signal<LooksState['answers']> = signal(NOTHING);
  readonly running: Signal<LooksState['running']> = signal(null);
  readonly starting = signal(false);
  /** False until the host has told what was found. */
  readonly loaded = signal(false);
  /** Why the last look, or reading what was found, failed. */
  readonly error: Signal<ErrorData | null> = signal(null);
  /** The question as it would be asked now. */
  readonly asked: ReadonlySignal<AskedLook>;
  /** The pair that is looked at, by its place among the pairs. */
  readonly pair = signal(0);
  /** Units that are off in the pictures of an answer about artifacts. */
  readonly off = signal(0);
  readonly pictures: LookPictures;
  readonly #host: LooksHost;
  #turn = 0;
  #asked = false;
  #failed: LookKind | null = null;

  /** @param onChanged told when the engine finds another file than the one described */
  constructor(host: LooksHost, onChanged: () => void) {
    this.#host = host;
    const { bridge } = host;
    this.pictures = new LookPictures({
      bridge,
      stamp: () => host.model.peek()?.stamp ?? null,
      changed: onChanged,
    });
    this.asked = computed(() => {
      const { form } = host.scores;
      return lookQuestion(this.view.value.shown, this.view.value, {
        ...{ wish: form.wish.value, setup: form.setup.value, samples: host.samples.state.value },
        ...{ keys: host.samples.keys.value, layers: host.model.value?.layers ?? null },
      });
    });
    bridge.on('looksChanged', (params) => this.#onChanged(params));
  }

  update(patch: Partial<LooksView>): void {
    this.view.value = { ...this.view.peek(), ...patch };
  }

  /** Asks what was found and what is being looked at. */
  async load(): Promise<void> {
    this.#asked = true;
    const turn = ++this.#turn;
    try {
      const { running, answers } = await this.#host.bridge.request('looks', {});
      if (turn !== this.#turn) return;
      batch(() => {
        this.#take({ ...NOTHING, ...answers });
        this.running.value = running;
        this.loaded.value = true;
      });
    } catch (thrown) {
      if (turn !== this.#turn) return;
      batch(() => {
        this.error.value = asGenscopeError(thrown).toData();
        this.loaded.value = true;
      });
    }
  }

  /** Milliseconds that it will take, judged by the last run of scores; null: nothing to judge by. */
  expected(): number | null {
    const asked = this.asked.value;
    const wish = this.#host.scores.form.wish.value;
    if (!('question' in asked) || wish === null) return null;
    const samples = samplesOf(asked.question);
    return this.#host.scores.expected({ wish: { ...wish, samples }, edits: [] });
  }

  async start(): Promise<void> {
    const asked = this.asked.peek();
    const wish = this.#host.scores.form.wish.peek();
    if (!('question' in asked) || wish === null || this.running.peek() !== null || this.starting.peek())
      return;
    const { kind } = asked.question;
    batch(() => {
      this.starting.value = true;
      this.error.value = null;
    });
    this.#failed = kind;
    try {
      const { job } = await this.#host.bridge.request('startLook', { question: asked.question, wish });
      // It may have ended already: then this finds it gone, with its answer.
      this.running.value ??= { kind, job, progress: null };
      await this.load();
    } catch (thrown) {
      const error = asGenscopeError(thrown);
      if (!isCancelled(error)) this.error.value = error.toData();
    }
    this.starting.value = false;
  }

  /** What the extractor has seen so far is kept. */
  async cancel(): Promise<void> {
    const job = this.running.peek()?.job;
    if (job === undefined) return;
    await this.#host.tried(async () => void (await this.#host.bridge.request('cancelJob', { id: job })));
  }

  /** Tries again what failed. @param only errors whose code begins so: then nothing is begun anew, unasked */
  retryFailed(only = ''): void {
    const failed = (error: ErrorData | null) => error?.code.startsWith(only) === true;
    if (failed(this.pictures.error.peek())) this.pictures.retry();
    if (!failed(this.error.peek())) return;
    this.error.value = null;
    const again = only === '' && this.#failed === this.view.peek().shown;
    void this.load().then(() => (again && this.error.peek() === null ? this.start() : undefined));
  }

  /** A person's word on the pair that is looked at; the next one without an answer comes up. */
  say(word: PairWord): void {
    const found = this.answers.peek().duplicates;
    const pair = found?.pairs[this.pair.peek()];
    if (found === null || pair === undefined) return;
    const answers = answered(this.#said(), [pair.batch], word);
    batch(() => {
      this.update({ answers });
      const next = nextOpen(found.pairs, answers, this.pair.peek());
      if (next >= 0) this.pair.value = next;
    });
  }

  /** Of the pairs without an answer. */
  sayOfOthers(): void {
    const found = this.answers.peek().duplicates;
    if (found === null) return;
    const said = this.#said();
    const known = [...said.same, ...said.different];
    const others = found.pairs.map((pair) => pair.batch).filter((one) => !known.includes(one));
    this.update({ answers: answered(said, others, 'different') });
  }

  takeBack(): void {
    const pair = this.answers.peek().duplicates?.pairs[this.pair.peek()];
    if (pair !== undefined) this.update({ answers: answered(this.#said(), [pair.batch], null) });
  }

  forgetAnswers(): void {
    batch(() => {
      this.update({ answers: null });
      this.pair.value = 0;
    });
  }

  step(by: number): void {
    const count = this.answers.peek().duplicates?.pairs.length ?? 0;
    this.pair.value = Math.max(0, Math.min(count - 1, this.pair.peek() + by));
  }

  /** Whether an answer is about the file as it is now; as long as its hash is unknown, yes. */
  isOfThisFile(sha256: string): boolean {
    const now = this.#host.model.value?.sha256 ?? null;
    return now === null || now === sha256;
  }

  #said(): PairAnswers {
    const found = this.answers.peek().duplicates;
    const kept = this.view.peek().answers;
    return found === null ? { of: '', same: [], different: [] } : answersAbout(found, kept);
  }

  #take(answers: LooksState['answers']): void {
    const before = this.answers.peek();
    const isNew = (kind: LookKind) => JSON.stringify(before[kind]) !== JSON.stringify(answers[kind]);
    if (isNew('duplicates') && answers.duplicates !== null)
      this.pair.value = Math.max(
        0,
        nextOpen(answers.duplicates.pairs, answersAbout(answers.duplicates, this.view.peek().answers), -1),
      );
    if (isNew('artifacts')) this.off.value = answers.artifacts?.settings.worst ?? 0;
    this.answers.value = answers;
  }

  #onChanged(params: unknown): void {
    if (typeof params !== 'object' || params === null || !('kind' in params)) return;
    const change = params as PageNotifications['looksChanged'];
    const { kind, progress, ended } = change;
    if (!LOOK_KINDS.includes(kind)) return;
    const running = this.running.peek();
    if (ended === true) void this.#onEnded(change);
    // Another page of this model may have begun it.
    else if (running === null) {
      if (this.#asked && !this.starting.peek()) void this.load();
    } else if (progress) this.running.value = { ...running, kind, progress };
  }

  /** Cancelled, here or elsewhere, it leaves the last answer as it was. */
  async #onEnded({ kind, error, cancelled }: PageNotifications['looksChanged']): Promise<void> {
    batch(() => {
      this.running.value = null;
      if (isErrorData(error)) this.error.value = error;
    });
    if (!this.#asked) return;
    await this.load();
    if (this.error.peek() === null)
      this.#host.say(t(cancelled === true ? 'looks.cancelled' : `looks.finished.${kind}`));
  }
}
