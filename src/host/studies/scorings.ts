/**
 * Runs of scores in a window: one a generator at a time, each a job, with its progress for whoever shows the generator.
 * Free of `vscode`, so that tests drive it in plain Node.
 */
import type { Edit } from '../../shared/edits/edits.ts';
import { type ErrorData, GenscopeError } from '../../shared/kernel/errors.ts';
import type { PageNotifications } from '../../shared/pageProtocol.ts';
import type { ModelRef } from '../../shared/protocol.ts';
import type { ScoreProgress, ScoreSettings } from '../../shared/scores/scores.ts';
import type { ScoreWish, ScoringState } from '../../shared/scores/scoring.ts';
import type { EngineClient } from '../process/engineClient.ts';
import type { JobContext, Jobs } from '../process/jobs.ts';
import type { ScoreHistory } from './history.ts';
import type { ScoringMemory } from './memory.ts';

type Change = PageNotifications['scoresChanged'];
type Listener = (model: string, change: Change) => void;

export interface ScoringSpec {
  /** The model's URI. */
  readonly key: string;
  readonly title: string;
  readonly model: ModelRef;
  /** Of the model, when the question was asked. */
  readonly stamp: string;
  readonly settings: ScoreSettings;
  readonly wish: ScoreWish;
  readonly edits: readonly Edit[];
  /** Where features are kept. */
  readonly cache: string | null;
  readonly memory: ScoringMemory;
  readonly history: ScoreHistory;
}

interface Running {
  readonly job: string;
  latest: ScoreProgress | null;
  toldAt: number;
  notedAt: number;
}

/** More often than this nobody can read. */
const TELL_EVERY_MS = 200;
/** How much of what was done a window that dies at once forgets to mention; the features themselves are kept. */
const NOTE_EVERY_MS = 2000;

export class Scorings {
  readonly #running = new Map<string, Running>();
  readonly #listeners = new Set<Listener>();

  constructor(
    private readonly engines: { readonly jobs: Pick<EngineClient, 'request'> },
    private readonly jobs: Jobs,
  ) {}

  runningOf(key: string): ScoringState['running'] {
    const running = this.#running.get(key);
    return running ? { job: running.job, progress: running.latest } : null;
  }

  /**
   * Starts a job and answers its id; cancelling it keeps the features made so far.
   * @throws GenscopeError `engine.busy` while scores of the model are being computed
   */
  start(spec: ScoringSpec): string {
    const { key, title } = spec;
    if (this.#running.has(key)) throw busy();
    const job = this.jobs.start({
      ...{ kind: 'score', title, total: 0 },
      run: (context) => this.#run(spec, context),
    });
    this.#running.set(key, { job, latest: null, toldAt: 0, notedAt: performance.now() });
    // After the job has its last state, so that whoever asks for it now finds it ended.
    void this.jobs.finished(job).then((status) => {
      this.#running.delete(key);
      this.#tell(key, { progress: null, ended: true, ...failure(status?.error) });
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

  async #run(spec: ScoringSpec, { signal, report }: JobContext): Promise<string> {
    const { key, model, stamp, settings, edits, cache, memory, history } = spec;
    const onProgress = (progress: ScoreProgress) => {
      report(workOf(progress));
      this.#progress(spec, progress);
    };
    const asked = edits.length > 0 ? { edits, compare: true } : {};
    try {
      const run = await this.engines.jobs.request(
        'score',
        { model, stamp, settings, cache, ...asked },
        { signal, onProgress },
      );
      await memory.update({ interrupted: null });
      await history.add(key, run);
      return history.file ?? '';
    } catch (thrown) {
      const latest = this.#running.get(key)?.latest;
      if (latest && latest.phase !== 'scores') await this.#note(spec, latest);
      throw thrown;
    }
  }

  #progress(spec: ScoringSpec, progress: ScoreProgress): void {
    const running = this.#running.get(spec.key);
    if (!running) return;
    const news = progress.phase !== running.latest?.phase || progress.partial !== undefined;
    running.latest = progress;
    const now = performance.now();
    if (progress.phase !== 'scores' && now - running.notedAt > NOTE_EVERY_MS) {
      running.notedAt = now;
      void this.#note(spec, progress);
    }
    if (!news && now - running.toldAt < TELL_EVERY_MS) return;
    running.toldAt = now;
    this.#tell(spec.key, { progress, ended: false });
  }

  /** A window that closes in the middle finds it again. */
  async #note({ memory, wish, cache }: ScoringSpec, { done, total }: ScoreProgress): Promise<void> {
    if (cache !== null && done > 0) await memory.update({ interrupted: { wish, done, total } });
  }

  #tell(key: string, change: Change): void {
    for (const listener of this.#listeners) listener(key, change);
  }
}

function workOf({ done, total, eta, rate, message }: ScoreProgress) {
  const words = message ?? (rate === undefined ? undefined : `${rate.toFixed(rate < 10 ? 1 : 0)} img/s`);
  return { done, total, ...(eta !== undefined && { eta }), ...(words !== undefined && { message: words }) };
}

function failure(error: ErrorData | undefined): { error?: ErrorData } {
  return error ? { error } : {};
}

function busy(): GenscopeError {
  return new GenscopeError(
    'engine.busy',
    'Scores of this generator are being computed already.',
    'Wait until that is done, or cancel it first.',
  );
}
