/** What the page knows of its model, the engine behind it, and the work under way. */
import { batch, type Signal, signal } from '@preact/signals';
import type { ModelDescription } from '../../src/shared/generator/model.ts';
import type { Roles } from '../../src/shared/generator/roles.ts';
import {
  asGenscopeError,
  type ErrorData,
  isCancelled,
  isErrorData,
  type NextStep,
} from '../../src/shared/kernel/errors.ts';
import type {
  CopyTarget,
  JobStatus,
  PageInit,
  PageState,
  SaveTarget,
} from '../../src/shared/pageProtocol.ts';
import type { Bridge } from '../bridge.ts';
import { fieldOf } from '../model/fields.ts';
import { ENGINE_STATES, type EngineState, FILE_CHANGES } from '../model/hostStates.ts';
import { asTab } from '../model/pageState.ts';
import { t } from '../strings.ts';
import type { PictureWork } from './courier.ts';
import { EditFiles } from './editFiles.ts';
import { EditsStore } from './edits.ts';
import { JobStore } from './jobs.ts';
import { LooksStore } from './looks.ts';
import { PageKeeper } from './pageKeeper.ts';
import { SamplesStore } from './samples.ts';
import { ScoresStore } from './scores.ts';
import { TranslationStore } from './translation.ts';
import { UnitsStore } from './units.ts';

export type DrawerName = 'model' | 'options' | 'export' | 'skipped';

/** A file that is being written changes many times: a page that starts over by itself waits until it rests. */
const REST = 300;

const COPIED = {
  latent: 'large.copied',
  editCode: 'edits.copied',
  exportCode: 'next.copied',
} as const;

export class Session {
  readonly init: Signal<PageInit | null> = signal(null);
  readonly model: Signal<ModelDescription | null> = signal(null);
  /** Why there is no model to show. */
  readonly failure: Signal<ErrorData | null> = signal(null);
  /** Something that did not work while pictures are on show: saving, copying, reloading. */
  readonly trouble: Signal<ErrorData | null> = signal(null);
  readonly engine: Signal<EngineState> = signal('starting');
  readonly engineError: Signal<ErrorData | null> = signal(null);
  readonly file: Signal<'same' | 'changed' | 'created' | 'deleted'> = signal('same');
  /** A short confirmation, shown in the status line and spoken. */
  readonly notice = signal('');
  readonly warning = signal('');
  /** Warnings that the person has sent away; the next slider move shall not bring them back. */
  readonly hushed: Signal<ReadonlySet<string>> = signal(new Set<string>());
  readonly drawer: Signal<DrawerName | null> = signal(null);
  readonly tab: Signal<PageState['tab']> = signal('samples');
  readonly askingRoles = signal(false);
  /** True while the host tries the answers of the roles form. */
  readonly answering = signal(false);
  /** Why the answers do not hold. */
  readonly rolesError: Signal<ErrorData | null> = signal(null);
  readonly samples: SamplesStore;
  /** In place of samples, for a model that makes images of images. */
  readonly translation: TranslationStore;
  readonly units: UnitsStore;
  readonly edits: EditsStore;
  readonly editFiles: EditFiles;
  readonly scores: ScoresStore;
  readonly looks: LooksStore;
  readonly bridge: Bridge;
  readonly #jobs: JobStore;
  readonly #keeper: PageKeeper;
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;
  #startTimer: ReturnType<typeof setTimeout> | undefined;
  /** Counts starts and changes of the file, so that what came late or too early is known as such. */
  #starts = 0;
  #changes = 0;
  readonly #leaving = new AbortController();

  constructor(bridge: Bridge) {
    this.bridge = bridge;
    this.#jobs = new JobStore(bridge, (place) => this.say(t('save.done', { place })));
    const changed = () => this.#foundChanged();
    this.samples = new SamplesStore(bridge, this.model, changed);
    this.translation = new TranslationStore(bridge, this.model, changed, (work) => this.tried(work));
    this.units = new UnitsStore(this, changed);
    this.edits = new EditsStore(this, changed);
    this.editFiles = new EditFiles(this);
    this.scores = new ScoresStore(this);
    this.looks = new LooksStore(this, changed);
    this.#keeper = new PageKeeper(this);
    bridge.on('modelChanged', (params) => this.#onModelChanged(params));
    bridge.on('engineState', (params) => this.#onEngineState(params));
    bridge.on('showTab', (params) => {
      this.tab.value = asTab(fieldOf(params, 'tab'), this.tab.peek());
    });
    bridge.on('retry', () => {
      if (this.#showsFailure) void this.start(true);
    });
    this.#keeper.keepModel(document.body.dataset.model);
    addEventListener('pagehide', () => {
      this.#keeper.keepNow();
      this.#leaving.abort();
    });
  }

  /**
   * Asks who we are and what the model is; the kept state comes back before anything is drawn.
   * @param quietly leaves a failure on show until there is something better.
   */
  async start(quietly = false): Promise<void> {
    clearTimeout(this.#startTimer);
    const turn = ++this.#starts;
    const changes = this.#changes;
    if (!quietly) {
      batch(() => {
        this.failure.value = null;
        this.model.value = null;
      });
    }
    try {
      const [init, model] = await Promise.all([this.#askInit(), this.#describe(), this.#jobs.load()]);
      if (turn !== this.#starts) return;
      batch(() => {
        this.#keeper.restore(init, model);
        if (changes === this.#changes) this.file.value = 'same';
        this.#show(model);
      });
      const { courier } = this.work;
      if (courier.error.peek() !== null) courier.retry();
    } catch (thrown) {
      if (turn !== this.#starts) return;
      batch(() => {
        this.model.value = null;
        this.failure.value = asGenscopeError(thrown).toData();
      });
    }
    // The answer may be about a file that was still being written.
    if (changes !== this.#changes && this.#showsFailure) this.#startSoon();
  }

  /** Reads the model again and draws everything again; the pictures stay until the new ones come. */
  async reload(): Promise<void> {
    const init = this.init.value;
    const before = this.model.value;
    if (init === null || before === null) return this.start();
    await this.tried(async () => {
      const model = await this.#describe();
      batch(() => {
        this.file.value = 'same';
        this.#keeper.restore(init, model);
        this.#show(model);
      });
      // Another stamp names every picture anew, which asks for them by itself.
      if (model.stamp === before.stamp) this.work.again();
    });
  }

  /** Has the host try the answers and keep them; those that do not hold leave the form open, with the reason. */
  async answerRoles(roles: Roles): Promise<void> {
    if (this.answering.peek()) return;
    batch(() => {
      this.answering.value = true;
      this.rolesError.value = null;
    });
    try {
      const { saved, note } = await this.bridge.request('answerRoles', { roles });
      this.warning.value = saved ? '' : note || t('roles.notSaved');
      if (saved && note) this.say(note);
      await this.reload();
    } catch (thrown) {
      this.rolesError.value = asGenscopeError(thrown).toData();
    } finally {
      this.answering.value = false;
    }
  }

  leaveRoles(): void {
    batch(() => {
      this.askingRoles.value = false;
      this.rolesError.value = null;
    });
    if (this.#showsFailure && this.file.peek() !== 'same') void this.start(true);
  }

  async save(target: SaveTarget): Promise<void> {
    await this.tried(async () => {
      const options = { signal: this.#leaving.signal };
      const { place, job } = await this.bridge.request('save', target, options);
      if (job !== undefined) {
        this.say(t('save.started'));
        this.#jobs.follow(job);
      } else if (place !== null) this.say(t('save.done', { place }));
    });
  }

  async copy(target: CopyTarget): Promise<void> {
    await this.tried(async () => {
      await this.bridge.request('copy', target);
      this.say(t(COPIED[target.what]));
    });
  }

  /** Runs a button that an error offers. */
  async nextStep(step: NextStep): Promise<void> {
    if (step === 'copyExportCode') return this.copy({ what: 'exportCode' });
    if (step === 'answerRoles') {
      this.askingRoles.value = this.model.value !== null;
      return;
    }
    if (step === 'retry') return this.retry();
    await this.tried(async () => {
      await this.bridge.request('nextStep', { step });
      if (step === 'restartEngine') await this.retry();
    });
  }

  async retry(): Promise<void> {
    this.trouble.value = null;
    if (this.model.value === null || this.model.value.refusal !== null) return this.start();
    if (this.work === this.translation && this.translation.setup.value === null)
      return this.translation.load();
    this.units.retry();
    this.edits.retry();
    this.scores.retryFailed();
    this.looks.retryFailed();
    this.work.courier.retry();
  }

  get jobs(): Signal<readonly JobStatus[]> {
    return this.#jobs.list;
  }

  follow(job: string): void {
    this.#jobs.follow(job);
  }

  async job(action: 'cancelJob' | 'revealJob', id: string): Promise<void> {
    await this.tried(async () => void (await this.bridge.request(action, { id })));
  }

  dismissJob(id: string): void {
    this.#jobs.dismiss(id);
  }

  say(text: string): void {
    clearTimeout(this.#noticeTimer);
    this.notice.value = text;
    this.#noticeTimer = setTimeout(() => {
      this.notice.value = '';
    }, 5000);
  }

  /** Layers and hash, which drawing does not need: asked for when the Model drawer opens, until `signal` is aborted. */
  async describeFully(signal: AbortSignal): Promise<void> {
    if (this.model.peek()?.layers) return;
    await this.tried(async () => {
      const model = await this.bridge.request('describe', { depth: 'full' }, { signal });
      if (signal.aborted) return;
      // Facts of another file beside the pictures of this one would mislead.
      if (model.stamp !== this.model.peek()?.stamp) this.#foundChanged();
      else this.model.value = model;
    });
  }

  /** What the Samples tab is full of: samples, or translations. */
  get work(): PictureWork {
    return this.model.peek()?.imageInput ? this.translation : this.samples;
  }

  /** A page without pictures to lose. */
  get #showsFailure(): boolean {
    if (this.askingRoles.peek()) return false;
    const model = this.model.peek();
    if (model === null) return this.failure.peek() !== null;
    const { courier, hasPictures } = this.work;
    return model.refusal !== null || (courier.error.peek() !== null && !hasPictures);
  }

  #startSoon(): void {
    clearTimeout(this.#startTimer);
    this.#startTimer = setTimeout(() => void this.start(true), REST);
  }

  /** The engine found another file than the one described: pictures stay until *Reload*; without any, nothing is lost. */
  #foundChanged(): void {
    this.file.value = 'changed';
    if (!this.work.hasPictures) this.#startSoon();
  }

  async #askInit(): Promise<PageInit> {
    const init = await this.bridge.request('init', {});
    this.init.value = init;
    this.#keeper.keepModel(init.model);
    return init;
  }

  #describe(): Promise<ModelDescription> {
    return this.bridge.request('describe', { depth: 'quick' });
  }

  #show(model: ModelDescription): void {
    this.model.value = model;
    this.failure.value = null;
    this.trouble.value = null;
    this.askingRoles.value =
      model.needsAnswers && (model.refusal === null || model.refusal.code === 'model.rolesUnknown');
    this.rolesError.value = null;
    // An answer proves that an engine is there, also when its notification came before this page listened.
    if (this.engine.peek() === 'starting') this.engine.value = 'ready';
  }

  /** Does what a person asked for; a failure that is none of their own doing becomes the page's banner. */
  async tried(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      const error = asGenscopeError(thrown);
      if (!isCancelled(error)) this.trouble.value = error.toData();
    }
  }

  #onModelChanged(params: unknown): void {
    const reason = fieldOf(params, 'reason');
    if (!FILE_CHANGES.includes(reason)) return;
    this.#changes++;
    this.file.value = reason as 'changed' | 'deleted' | 'created';
    if (reason !== 'deleted' && this.#showsFailure) this.#startSoon();
  }

  #onEngineState(params: unknown): void {
    const state = fieldOf(params, 'state');
    if (!ENGINE_STATES.includes(state)) return;
    const error = fieldOf(params, 'error');
    const wasDown = this.engine.peek() !== 'ready';
    batch(() => {
      this.engine.value = state as EngineState;
      this.engineError.value = isErrorData(error) ? error : null;
    });
    if (state !== 'ready' || !wasDown) return;
    // It came back: what failed because it was gone is tried again without asking.
    const { courier } = this.work;
    this.units.retry('engine.');
    this.edits.retry('engine.');
    this.scores.retryFailed('engine.');
    this.looks.retryFailed('engine.');
    if (courier.error.peek()?.code.startsWith('engine.')) courier.retry();
    else if (this.failure.peek()?.code.startsWith('engine.')) void this.start();
  }
}
