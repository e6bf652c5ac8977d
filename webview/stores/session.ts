/** What the page knows of its model, the engine behind it, and the work under way. */
import { batch, effect, type Signal, signal } from '@preact/signals';
import {
  asGenscopeError,
  type ErrorData,
  isCancelled,
  isErrorData,
  type NextStep,
} from '../../src/shared/errors.ts';
import type { ModelDescription } from '../../src/shared/model.ts';
import type {
  CopyTarget,
  JobStatus,
  PageInit,
  PageNotifications,
  SaveTarget,
} from '../../src/shared/pageProtocol.ts';
import type { Roles } from '../../src/shared/roles.ts';
import type { Bridge } from '../bridge.ts';
import { readPageState, writePageState } from '../model/pageState.ts';
import { defaultSamples } from '../model/samplesModel.ts';
import { t } from '../strings.ts';
import { SamplesStore } from './samples.ts';

export type EngineState = PageNotifications['engineState']['state'];
export type DrawerName = 'model' | 'options' | 'export';

const ENGINE_STATES: readonly unknown[] = ['starting', 'ready', 'crashed', 'stopped'];
const FILE_CHANGES: readonly unknown[] = ['changed', 'deleted', 'created'];

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
  readonly jobs: Signal<readonly JobStatus[]> = signal([]);
  /** A short confirmation, shown in the status line and spoken. */
  readonly notice = signal('');
  readonly warning = signal('');
  /** Warnings that the person has sent away; the next slider move shall not bring them back. */
  readonly hushed: Signal<ReadonlySet<string>> = signal(new Set<string>());
  readonly drawer: Signal<DrawerName | null> = signal(null);
  readonly askingRoles = signal(false);
  readonly samples: SamplesStore;
  readonly bridge: Bridge;
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;
  #saveTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(bridge: Bridge) {
    this.bridge = bridge;
    this.samples = new SamplesStore(bridge, this.model);
    bridge.on('modelChanged', (params) => this.#onModelChanged(params));
    bridge.on('engineState', (params) => this.#onEngineState(params));
    bridge.on('jobsChanged', (params) => this.#onJobs(params));
    effect(() => this.#keep());
    addEventListener('pagehide', () => this.#keepNow());
  }

  /** Asks who we are and what the model is; the kept state comes back before anything is drawn. */
  async start(): Promise<void> {
    this.failure.value = null;
    try {
      const [init, model] = await Promise.all([
        this.bridge.request('init', {}),
        this.#describe(),
        this.#askJobs(),
      ]);
      const defaults = defaultSamples(init.defaults.count, init.defaults.rng);
      const kept = readPageState(this.bridge.getState(), init.model, defaults);
      batch(() => {
        this.init.value = init;
        this.samples.restore(kept ?? defaults, model);
        this.#show(model);
      });
    } catch (thrown) {
      this.failure.value = asGenscopeError(thrown).toData();
    }
  }

  /** Reads the model again and draws everything again; the pictures stay until the new ones come. */
  async reload(): Promise<void> {
    if (this.init.value === null || this.model.value === null) return this.start();
    await this.#tried(async () => {
      const model = await this.#describe();
      batch(() => {
        this.file.value = 'same';
        this.samples.restore(this.samples.state.peek(), model);
        this.#show(model);
      });
      this.samples.again();
    });
  }

  async answerRoles(roles: Roles): Promise<void> {
    await this.#tried(async () => {
      const { saved, note } = await this.bridge.request('answerRoles', { roles });
      this.askingRoles.value = false;
      this.warning.value = saved ? '' : note || t('roles.notSaved');
      if (saved && note) this.say(note);
      await this.reload();
    });
  }

  async save(target: SaveTarget): Promise<void> {
    await this.#tried(async () => {
      const { place, job } = await this.bridge.request('save', target);
      if (job !== undefined) this.say(t('save.started'));
      else if (place !== null) this.say(t('save.done', { place }));
    });
  }

  async copy(target: CopyTarget): Promise<void> {
    await this.#tried(async () => {
      await this.bridge.request('copy', target);
      this.say(t(target.what === 'latent' ? 'large.copied' : 'next.copied'));
    });
  }

  /** Runs a button that an error offers. */
  async nextStep(step: NextStep): Promise<void> {
    if (step === 'copyExportCode') return this.copy({ what: 'exportCode' });
    if (step === 'answerRoles' && this.model.value !== null) {
      this.askingRoles.value = true;
      return;
    }
    if (step === 'retry') return this.retry();
    await this.#tried(async () => {
      await this.bridge.request('nextStep', { step });
      if (step === 'restartEngine') await this.retry();
    });
  }

  async retry(): Promise<void> {
    this.trouble.value = null;
    if (this.model.value === null || this.model.value.refusal !== null) return this.start();
    this.samples.sampler.retry();
  }

  async job(action: 'cancelJob' | 'revealJob', id: string): Promise<void> {
    await this.#tried(async () => void (await this.bridge.request(action, { id })));
  }

  dismissJob(id: string): void {
    this.jobs.value = this.jobs.peek().filter((job) => job.id !== id);
    this.#dismissed.add(id);
  }

  say(text: string): void {
    clearTimeout(this.#noticeTimer);
    this.notice.value = text;
    this.#noticeTimer = setTimeout(() => {
      this.notice.value = '';
    }, 5000);
  }

  readonly #dismissed = new Set<string>();

  /** Layers and hash, which drawing does not need: asked for when the Model drawer opens. */
  async describeFully(): Promise<void> {
    if (this.model.peek()?.layers) return;
    await this.#tried(async () => {
      const model = await this.bridge.request('describe', { depth: 'full' });
      if (this.model.peek() !== null) this.model.value = model;
    });
  }

  #describe(): Promise<ModelDescription> {
    return this.bridge.request('describe', { depth: 'quick' });
  }

  /** Jobs outlive pages: those started before a reload are listed again. A host without any is no reason to fail. */
  async #askJobs(): Promise<void> {
    this.#onJobs({ jobs: await this.bridge.request('jobs', {}).catch(() => []) });
  }

  #show(model: ModelDescription): void {
    this.model.value = model;
    this.failure.value = null;
    this.trouble.value = null;
    this.askingRoles.value = model.needsAnswers;
    // An answer proves that an engine is there, also when its notification came before this page listened.
    if (this.engine.peek() === 'starting') this.engine.value = 'ready';
  }

  async #tried(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      const error = asGenscopeError(thrown);
      if (!isCancelled(error)) this.trouble.value = error.toData();
    }
  }

  #onModelChanged(params: unknown): void {
    const reason = fieldOf(params, 'reason');
    if (FILE_CHANGES.includes(reason)) this.file.value = reason as 'changed' | 'deleted' | 'created';
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
    if (this.samples.sampler.error.peek()?.code.startsWith('engine.')) this.samples.sampler.retry();
    else if (this.failure.peek()?.code.startsWith('engine.')) void this.start();
  }

  #onJobs(params: unknown): void {
    const jobs = fieldOf(params, 'jobs');
    if (!Array.isArray(jobs)) return;
    this.jobs.value = (jobs as readonly JobStatus[]).filter(({ id }) => !this.#dismissed.has(id));
  }

  /** Keeps the state a moment after it came to rest; a slider moves it sixty times a second. */
  #keep(): void {
    void this.samples.state.value;
    if (this.init.value === null || this.model.value === null) return;
    clearTimeout(this.#saveTimer);
    this.#saveTimer = setTimeout(() => this.#keepNow(), 100);
  }

  #keepNow(): void {
    const init = this.init.peek();
    if (init === null || this.model.peek() === null) return;
    this.bridge.setState(writePageState(init.model, 'samples', this.samples.state.peek()));
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
