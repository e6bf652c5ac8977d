/** Scores: the history of runs, the one that is under way, and which of them are on show. */
import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { asGenscopeError, type ErrorData, isCancelled, isErrorData } from '../../src/shared/kernel/errors.ts';
import type { PageNotifications, ScoresState } from '../../src/shared/pageProtocol.ts';
import type { ScoreValue } from '../../src/shared/scores/scores.ts';
import type {
  ScoreFormat,
  ScoreQuestion,
  ScoreRecord,
  ScoringState,
} from '../../src/shared/scores/scoring.ts';
import { duration } from '../model/format.ts';
import { DEFAULT_SCORES } from '../model/pageState.ts';
import { expectedTime, isWorthATrial, LONG_MS } from '../model/scoreChoice.ts';
import { shownRecord } from '../model/scoreHistory.ts';
import { t } from '../strings.ts';
import type { ScoresHost } from './scoresHost.ts';
import { ScoringForm } from './scoring.ts';

export class ScoresStore {
  readonly state: Signal<ScoresState> = signal(DEFAULT_SCORES);
  readonly history: Signal<readonly ScoreRecord[]> = signal([]);
  readonly unreadable = signal(0);
  readonly running: Signal<ScoringState['running']> = signal(null);
  readonly interrupted: Signal<ScoringState['interrupted']> = signal(null);
  readonly starting = signal(false);
  /** False until the host has told the history. */
  readonly loaded = signal(false);
  /** Why the last run, or reading the history, failed. */
  readonly error: Signal<ErrorData | null> = signal(null);
  readonly shown: ReadonlySignal<ScoreRecord | null>;
  /** Runs side by side, in the order in which they were checked. */
  readonly compared: ReadonlySignal<readonly ScoreRecord[]>;
  /** Values of the run under way. */
  readonly partial: ReadonlySignal<readonly ScoreValue[]>;
  readonly form: ScoringForm;
  readonly #host: ScoresHost;
  #asked = false;
  #turn = 0;
  /** The question whose start waits for a word, since it takes long. */
  readonly #warned: Signal<string | null> = signal(null);
  #failedStart: ScoreQuestion | null = null;

  constructor(host: ScoresHost) {
    this.#host = host;
    this.form = new ScoringForm(host, () => this.state.value.edited);
    this.shown = computed(() => {
      const { everyModel, shown } = this.state.value;
      return shownRecord(this.history.value, everyModel, shown);
    });
    this.compared = computed(() =>
      this.state.value.compared
        .map((id) => this.history.value.find((record) => record.id === id))
        .filter((record) => record !== undefined),
    );
    this.partial = computed(() => this.running.value?.progress?.partial ?? []);
    host.bridge.on('scoresChanged', (params) => this.#onChanged(params));
  }

  update(patch: Partial<ScoresState>): void {
    this.state.value = { ...this.state.peek(), ...patch };
  }

  /** Asks what there is and what is under way. */
  async load(): Promise<void> {
    this.#asked = true;
    await Promise.all([this.form.load(), this.#look()]);
  }

  /** Milliseconds that the question takes, as far as earlier runs tell. */
  expected(question: ScoreQuestion): number | null {
    return expectedTime(question, this.history.value, this.#extractor);
  }

  /** Whether a trial has said that this question takes long, so that its start is a second decision. */
  get isWarned(): boolean {
    const asked = this.form.asked.value;
    return asked !== null && 'question' in asked && this.#warned.value === JSON.stringify(asked.question);
  }

  /** Begins what the form says; what is likely to take long is tried out first, and then has to be asked for again. */
  async start(): Promise<void> {
    const asked = this.form.asked.peek();
    if (asked === null || !('question' in asked) || this.#busy) return;
    const { question } = asked;
    const known = this.isWarned || this.form.trial.peek() !== null;
    if (!known && isWorthATrial(question, this.expected(question))) {
      const trial = await this.form.tryOut(question);
      if (trial === null) return;
      if (trial.eta > LONG_MS) {
        this.#warned.value = JSON.stringify(question);
        this.#host.say(t('scores.runLong', { time: duration(trial.eta) }));
        return;
      }
    }
    await this.begin(question);
  }

  /** Takes up a run that did not end, as it was asked. */
  async goOn(): Promise<void> {
    const interrupted = this.interrupted.peek();
    if (interrupted === null || this.#busy) return;
    this.form.replace(interrupted.wish);
    const asked = this.form.asked.peek();
    if (asked !== null && 'question' in asked) await this.begin(asked.question);
  }

  /** Extractor and reference of the demo, and the usual scores. */
  async startOnDemo(): Promise<void> {
    const { form } = this;
    if (form.setup.peek()?.extractor == null) await form.choose({ part: 'extractor', from: 'demo' });
    if (form.setup.peek()?.reference == null) await form.choose({ part: 'reference', from: 'demo' });
    await this.start();
  }

  async begin(question: ScoreQuestion): Promise<void> {
    if (this.#busy) return;
    batch(() => {
      this.starting.value = true;
      this.error.value = null;
    });
    this.#failedStart = question;
    try {
      const { job } = await this.#host.bridge.request('startScores', { question });
      // It may have ended already: then this finds it gone, with its values.
      this.running.value ??= { job, progress: null };
      await this.#look();
    } catch (thrown) {
      const error = asGenscopeError(thrown);
      if (!isCancelled(error)) this.error.value = error.toData();
    }
    this.starting.value = false;
  }

  /** What was made so far is kept. */
  async cancel(): Promise<void> {
    const job = this.running.peek()?.job;
    if (job === undefined) return;
    await this.#host.tried(async () => void (await this.#host.bridge.request('cancelJob', { id: job })));
  }

  /** Tries again what failed. @param only errors whose code begins so: then a run is not begun anew, unasked */
  retryFailed(only = ''): void {
    const failed = (error: ErrorData | null) => error?.code.startsWith(only) === true;
    const run = failed(this.error.peek()) && only === '' ? this.#failedStart : null;
    if (!failed(this.error.peek()) && !failed(this.form.error.peek())) return;
    this.error.value = null;
    void this.load().then(() => (run === null || this.error.peek() !== null ? undefined : this.begin(run)));
  }

  async forget(id: string): Promise<void> {
    await this.#host.tried(async () => {
      const { history } = await this.#host.bridge.request('forgetScores', { ids: [id] });
      batch(() => {
        this.history.value = history;
        const { compared, shown } = this.state.peek();
        this.update({
          compared: compared.filter((one) => one !== id),
          shown: shown === id ? null : shown,
        });
      });
      this.#host.say(t('scores.history.forgotten'));
    });
  }

  async copy(ids: readonly string[], format: ScoreFormat): Promise<void> {
    await this.#host.tried(async () => {
      await this.#host.bridge.request('copyScores', { ids, format });
      this.#host.say(t('scores.copied', { format: t(`scores.format.${format}`) }));
    });
  }

  compare(id: string, on: boolean): void {
    const others = this.state.peek().compared.filter((one) => one !== id);
    this.update({ compared: on ? [...others, id] : others });
  }

  /** Whether a run is of the file as it is now; as long as its hash is unknown, yes. */
  isOfThisFile({ own, run }: ScoreRecord): boolean {
    const now = this.#host.model.value?.sha256 ?? null;
    return !own || now === null || now === run.model.sha256;
  }

  get #busy(): boolean {
    return this.running.peek() !== null || this.starting.peek() || this.form.trying.peek();
  }

  get #extractor(): string {
    return this.form.setup.value?.extractor?.description?.sha256 ?? '';
  }

  async #look(): Promise<void> {
    const turn = ++this.#turn;
    try {
      const { history, unreadable, running, interrupted } = await this.#host.bridge.request('scoring', {});
      if (turn !== this.#turn) return;
      batch(() => {
        this.history.value = history;
        this.unreadable.value = unreadable;
        this.running.value = running;
        this.interrupted.value = interrupted;
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

  #onChanged(params: unknown): void {
    if (typeof params !== 'object' || params === null) return;
    const { progress, ended, error } = params as Partial<PageNotifications['scoresChanged']>;
    const running = this.running.peek();
    if (ended === true) void this.#onEnded(error);
    // Another page of this model, or the palette, may have begun it.
    else if (running === null) {
      if (this.#asked && !this.starting.peek()) void this.#look();
    } else if (progress) this.running.value = { ...running, progress: this.#joined(progress) };
  }

  /** Values told once stay, though the next word of progress may not repeat them. */
  #joined(progress: NonNullable<PageNotifications['scoresChanged']['progress']>) {
    const partial = progress.partial ?? this.partial.peek();
    return partial.length > 0 ? { ...progress, partial } : progress;
  }

  /** Cancelled, here or elsewhere, it leaves the history as it was. */
  async #onEnded(error: ErrorData | undefined): Promise<void> {
    const before = this.history.peek().map(({ id }) => id);
    batch(() => {
      this.running.value = null;
      if (isErrorData(error)) this.error.value = error;
    });
    if (!this.#asked) return;
    await this.#look();
    const fresh = this.history.peek().find(({ id, own }) => own && !before.includes(id));
    if (fresh !== undefined) this.update({ shown: null });
    if (this.error.peek() === null)
      this.#host.say(t(fresh === undefined ? 'scores.cancelled' : 'scores.finished'));
  }
}
