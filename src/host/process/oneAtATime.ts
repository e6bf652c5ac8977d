/**
 * Long questions about models: one at a time for each, as jobs, with their progress for whoever shows the model. Free of
 * `vscode`, so that tests drive it in plain Node.
 */
import type { ErrorData, GenscopeError } from '../../shared/kernel/errors.ts';
import type { JobKind } from '../../shared/pageProtocol.ts';
import type { JobContext, Jobs } from './jobs.ts';

export interface Change<K extends string, P> {
  readonly kind: K;
  readonly progress: P | null;
  readonly ended: boolean;
  readonly error?: ErrorData;
  /** Ended before its end. */
  readonly cancelled?: boolean;
}

interface Running<K extends string, P> {
  readonly kind: K;
  readonly job: string;
  latest: P | null;
  toldAt: number;
}

interface Phased {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  readonly eta?: number;
  readonly message?: string;
}

export interface Work<K extends string, P> {
  /** The model's URI. */
  readonly key: string;
  readonly kind: K;
  readonly title: string;
  readonly job: JobKind;
  /** Does it, and answers where the result lies. */
  readonly run: (context: {
    readonly signal: AbortSignal;
    readonly onProgress: (progress: P) => void;
  }) => Promise<string>;
  /** Why a second one has to wait. */
  readonly busy: () => GenscopeError;
}

/** More often than this nobody can read. */
const TELL_EVERY_MS = 200;

export class OneAtATime<K extends string, P extends Phased> {
  readonly #running = new Map<string, Running<K, P>>();
  readonly #listeners = new Set<(model: string, change: Change<K, P>) => void>();
  readonly #jobs: Jobs;

  constructor(jobs: Jobs) {
    this.#jobs = jobs;
  }

  runningOf(key: string): { kind: K; job: string; progress: P | null } | null {
    const running = this.#running.get(key);
    return running ? { kind: running.kind, job: running.job, progress: running.latest } : null;
  }

  /** Starts a job and answers its id; cancelling it leaves the last answer as it is. @throws what `busy` makes */
  start(work: Work<K, P>): string {
    const { key, kind, title } = work;
    if (this.#running.has(key)) throw work.busy();
    const job = this.#jobs.start({
      ...{ kind: work.job, title, total: 0 },
      run: ({ signal, report }: JobContext) => {
        const onProgress = (progress: P) => {
          const { done, total, eta, message } = progress;
          report({
            done,
            total,
            ...(eta !== undefined && { eta }),
            ...(message !== undefined && { message }),
          });
          this.#progress(key, progress);
        };
        return work.run({ signal, onProgress });
      },
    });
    this.#running.set(key, { kind, job, latest: null, toldAt: 0 });
    // After the job has its last state, so that whoever asks for it now finds it ended.
    void this.#jobs.finished(job).then((status) => {
      this.#running.delete(key);
      const { error, state } = status ?? {};
      const how = { ...(error && { error }), ...(state === 'cancelled' && { cancelled: true }) };
      this.#tell(key, { kind, progress: null, ended: true, ...how });
    });
    return job;
  }

  subscribe(listener: (model: string, change: Change<K, P>) => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  dispose(): void {
    this.#listeners.clear();
  }

  #progress(key: string, progress: P): void {
    const running = this.#running.get(key);
    if (!running) return;
    const news = progress.phase !== running.latest?.phase;
    running.latest = progress;
    const now = performance.now();
    if (!news && now - running.toldAt < TELL_EVERY_MS) return;
    running.toldAt = now;
    this.#tell(key, { kind: running.kind, progress, ended: false });
  }

  #tell(key: string, change: Change<K, P>): void {
    for (const listener of this.#listeners) listener(key, change);
  }
}
