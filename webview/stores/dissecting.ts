/** Dissecting a model: what it is done with, how far it is, and what it found. */
import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { asGenscopeError, type ErrorData } from '../../src/shared/kernel/errors.ts';
import type { JobStatus } from '../../src/shared/pageProtocol.ts';
import {
  DISSECT_DEFAULTS,
  type DissectedLayer,
  type Dissection,
  type DissectionSetup,
  type DissectProgress,
  type DissectSettings,
} from '../../src/shared/units/dissection.ts';
import type { Bridge } from '../bridge.ts';
import { t } from '../strings.ts';

/** What of the page a dissection needs. */
export interface DissectingHost {
  readonly bridge: Bridge;
  readonly jobs: ReadonlySignal<readonly JobStatus[]>;
  say(text: string): void;
  tried(work: () => Promise<void>): Promise<void>;
}

/** Which layers the next dissection takes. */
export type LayerScope = 'this' | 'all';

export class DissectingStore {
  readonly setup: Signal<DissectionSetup | null> = signal(null);
  readonly dissection: Signal<Dissection | null> = signal(null);
  readonly resumable: Signal<DissectSettings | null> = signal(null);
  readonly job: Signal<string | null> = signal(null);
  /** What this page began the running one with. */
  readonly begun: Signal<DissectSettings | null> = signal(null);
  readonly progress: Signal<DissectProgress | null> = signal(null);
  /** What a running or paused one has found so far. */
  readonly partial: Signal<readonly DissectedLayer[]> = signal([]);
  /** Share of all pixels that showed each concept so far. */
  readonly partialShare: Signal<readonly number[]> = signal([]);
  /** What the next one is to be done with; its layers are `scope`. */
  readonly draft: Signal<Omit<DissectSettings, 'layers'>> = signal(DISSECT_DEFAULTS);
  readonly scope: Signal<LayerScope> = signal('this');
  /** A segmenter is being chosen or fetched, or a dissection is about to begin. */
  readonly choosing = signal(false);
  readonly starting = signal(false);
  /** Why there is no setup to show. */
  readonly error: Signal<ErrorData | null> = signal(null);
  /** The last job, when it failed. */
  readonly failed: ReadonlySignal<JobStatus | null>;
  readonly warnings: ReadonlySignal<readonly string[]>;
  readonly #host: DissectingHost;
  #asked = false;
  #edited = false;

  constructor(host: DissectingHost) {
    this.#host = host;
    this.failed = computed(() => {
      const last = host.jobs.value.filter(({ kind }) => kind === 'dissect' || kind === 'downloadSegmenter');
      const job = last.at(-1);
      return job?.state === 'failed' ? job : null;
    });
    this.warnings = computed(() => [
      ...(this.setup.value?.warnings ?? []),
      ...(this.dissection.value?.warnings ?? []),
    ]);
    host.bridge.on('dissectionChanged', (params) => this.#onChanged(params));
  }

  /** Asks where things stand, once; `again` asks anew. */
  async load(again = false): Promise<void> {
    if (this.#asked && !again) return;
    this.#asked = true;
    this.error.value = null;
    try {
      const [setup] = await Promise.all([this.#host.bridge.request('dissectionSetup', {}), this.#look()]);
      this.#take(setup);
    } catch (thrown) {
      this.#asked = false;
      this.error.value = asGenscopeError(thrown).toData();
    }
  }

  update(patch: Partial<Omit<DissectSettings, 'layers'>>): void {
    this.#edited = true;
    this.draft.value = { ...this.draft.peek(), ...patch };
  }

  /** Another segmenter also decides what can be gone on with. */
  async choose(what: 'demo' | 'folder' | 'hub'): Promise<void> {
    this.choosing.value = true;
    await this.#host.tried(async () => {
      this.#take(await this.#host.bridge.request('chooseSegmenter', { what }));
      await this.#look();
    });
    this.choosing.value = false;
  }

  async start(settings: DissectSettings): Promise<void> {
    if (this.starting.peek()) return;
    this.starting.value = true;
    const goesOn = this.resumable.peek();
    await this.#host.tried(async () => {
      const { job } = await this.#host.bridge.request('startDissection', { settings });
      batch(() => {
        if (JSON.stringify(goesOn) !== JSON.stringify(settings)) this.partial.value = [];
        this.job.value = job;
        this.begun.value = settings;
        this.resumable.value = null;
      });
    });
    this.starting.value = false;
  }

  /** What has been found so far stays, and can be taken up again. */
  async pause(): Promise<void> {
    const id = this.job.peek();
    if (id === null) return;
    await this.#host.tried(async () => void (await this.#host.bridge.request('cancelJob', { id })));
  }

  async exportReport(): Promise<void> {
    await this.#host.tried(async () => {
      const { place } = await this.#host.bridge.request('exportReport', {});
      if (place !== null) this.#host.say(t('save.done', { place }));
    });
  }

  #take(setup: DissectionSetup): void {
    batch(() => {
      this.setup.value = setup;
      const { layers, ...settings } = setup.settings;
      if (this.#edited) return;
      this.draft.value = settings;
      this.scope.value = layers.length > 1 ? 'all' : 'this';
    });
  }

  async #look(): Promise<void> {
    const { dissection, job, resumable } = await this.#host.bridge.request('dissection', {});
    batch(() => {
      this.dissection.value = dissection;
      this.job.value = job;
      this.resumable.value = resumable;
      if (job !== null) return;
      this.progress.value = null;
      if (resumable === null) this.partial.value = [];
    });
  }

  #onChanged(params: unknown): void {
    if (typeof params !== 'object' || params === null) return;
    const { progress, ended } = params as { progress?: DissectProgress | null; ended?: unknown };
    if (progress) {
      batch(() => {
        this.progress.value = progress;
        if (progress.partial) this.partial.value = progress.partial;
        if (progress.conceptShare) this.partialShare.value = progress.conceptShare;
      });
    }
    if (ended === true) void this.#host.tried(() => this.#look());
    // One that another page of this model began.
    else if (progress && this.job.peek() === null && this.#asked && !this.starting.peek())
      void this.#host.tried(() => this.#look());
  }
}
