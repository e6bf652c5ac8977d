/**
 * Measurements of effects in a window: one a model at a time, each a job, with its progress for whoever shows the model.
 * Free of `vscode`, so that tests drive it in plain Node.
 */
import type {
  Effect,
  EffectProgress,
  EffectQuestion,
  EffectsState,
  Placement,
  Selections,
} from '../shared/effects.ts';
import { type ErrorData, GenscopeError } from '../shared/errors.ts';
import type { PageNotifications } from '../shared/pageProtocol.ts';
import type { ModelRef } from '../shared/protocol.ts';
import type { EffectMemory } from './effectMemory.ts';
import type { EngineClient } from './engineClient.ts';
import type { JobContext, Jobs } from './jobs.ts';

type Change = PageNotifications['effectsChanged'];
type Listener = (model: string, change: Change) => void;
type Kind = EffectQuestion['kind'];

export interface EffectSpec {
  /** The model's URI. */
  readonly key: string;
  readonly title: string;
  readonly question: EffectQuestion;
  readonly model: ModelRef;
  /** The segmenter's folder. */
  readonly segmenter: string;
  /** Where dissections are kept, which some questions begin with. */
  readonly cache: string | null;
  /** Of the model, when the question was asked. */
  readonly stamp: string;
  readonly memory: EffectMemory;
}

interface Running {
  readonly kind: Kind;
  readonly job: string;
  latest: EffectProgress | null;
  toldAt: number;
}

/** More often than this nobody can read. */
const TELL_EVERY_MS = 200;

export class Effects {
  readonly #running = new Map<string, Running>();
  readonly #listeners = new Set<Listener>();

  constructor(
    private readonly engines: { readonly jobs: Pick<EngineClient, 'request'> },
    private readonly jobs: Jobs,
  ) {}

  /** What is being measured about this model. */
  runningOf(key: string): EffectsState['running'] {
    const running = this.#running.get(key);
    return running ? { kind: running.kind, job: running.job, progress: running.latest } : null;
  }

  /**
   * Starts a job and answers its id; cancelling it leaves the last answer as it is.
   * @throws GenscopeError `engine.busy` while something is being measured about the model
   */
  start(spec: EffectSpec): string {
    const { key, title, question } = spec;
    if (this.#running.has(key)) throw busy();
    const { kind } = question;
    const job = this.jobs.start({
      ...{ kind: 'effect', title, total: 0 },
      run: (context) => this.#run(spec, context),
    });
    this.#running.set(key, { kind, job, latest: null, toldAt: 0 });
    // After the job has its last state, so that whoever asks for it now finds it ended.
    void this.jobs.finished(job).then((status) => {
      this.#running.delete(key);
      this.#tell(key, { kind, progress: null, ended: true, ...failure(status?.error) });
    });
    return job;
  }

  subscribe(listener: Listener): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  dispose(): void {
    this.#listeners.clear();
  }

  async #run(spec: EffectSpec, { signal, report }: JobContext): Promise<string> {
    const onProgress = (progress: EffectProgress) => {
      const { done, total, eta } = progress;
      report(eta === undefined ? { done, total } : { done, total, eta });
      this.#progress(spec.key, progress);
    };
    const answer = await this.#ask(spec, { signal, onProgress });
    return spec.memory.keep(spec.question.kind, answer, spec.stamp);
  }

  #ask(
    { question, model, segmenter, cache }: EffectSpec,
    options: { signal: AbortSignal; onProgress: (progress: EffectProgress) => void },
  ): Promise<Effect | Selections | Placement> {
    const engine = this.engines.jobs;
    const about = { model, segmenter, cache };
    switch (question.kind) {
      case 'effect':
        return engine.request('effect', { ...about, settings: question.settings }, options);
      case 'selections':
        return engine.request('selections', { ...about, settings: question.settings }, options);
      case 'placement':
        return engine.request('placement', { model, segmenter, settings: question.settings }, options);
    }
  }

  #progress(key: string, progress: EffectProgress): void {
    const running = this.#running.get(key);
    if (!running) return;
    const news = progress.phase !== running.latest?.phase;
    running.latest = progress;
    const now = performance.now();
    if (!news && now - running.toldAt < TELL_EVERY_MS) return;
    running.toldAt = now;
    this.#tell(key, { kind: running.kind, progress, ended: false });
  }

  #tell(key: string, change: Change): void {
    for (const listener of this.#listeners) listener(key, change);
  }
}

function failure(error: ErrorData | undefined): { error?: ErrorData } {
  return error ? { error } : {};
}

function busy(): GenscopeError {
  return new GenscopeError(
    'engine.busy',
    'Effects of this generator are being measured already.',
    'Wait until that is done, or cancel it first.',
  );
}
