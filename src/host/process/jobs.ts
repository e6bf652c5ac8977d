/**
 * Long work belongs to the host, not to a page: a job runs on while panels close, reopen and subscribe. Free of
 * `vscode`, so that tests drive it in plain Node.
 */
import { asGenscopeError, cancelled, isCancelled } from '../../shared/kernel/errors.ts';
import type { JobKind, JobStatus } from '../../shared/pageProtocol.ts';
import type { WorkProgress } from '../../shared/protocol.ts';

export interface JobContext {
  readonly signal: AbortSignal;
  readonly report: (progress: WorkProgress) => void;
}

export interface JobSpec {
  readonly kind: JobKind;
  readonly title: string;
  readonly total: number;
  /** Does the work and answers where its result lies. */
  readonly run: (context: JobContext) => Promise<string>;
}

interface Job {
  status: JobStatus;
  readonly controller: AbortController;
  readonly finished: Promise<JobStatus>;
}

/** Finished jobs stay listed until this many newer ones push them out. */
const KEPT = 20;

export class Jobs {
  readonly #jobs = new Map<string, Job>();
  readonly #listeners = new Set<(jobs: readonly JobStatus[]) => void>();
  #nextId = 1;

  /** Starts a job at once; the engine's own queue decides when it gets the processor. */
  start(spec: JobSpec): string {
    const id = `job-${this.#nextId++}`;
    const controller = new AbortController();
    const status: JobStatus = {
      id,
      kind: spec.kind,
      title: spec.title,
      state: 'running',
      progress: { done: 0, total: spec.total },
      startedAt: Date.now(),
    };
    const job: Job = { status, controller, finished: Promise.resolve(status) };
    this.#jobs.set(id, job);
    const context: JobContext = {
      signal: controller.signal,
      report: (progress) => {
        if (job.status.state === 'running') this.#update(job, { progress });
      },
    };
    const finished = spec.run(context).then(
      (result) =>
        this.#update(job, controller.signal.aborted ? { state: 'cancelled' } : { state: 'done', result }),
      (thrown: unknown) => {
        const error = asGenscopeError(thrown);
        if (isCancelled(error)) return this.#update(job, { state: 'cancelled' });
        return this.#update(job, { state: 'failed', error: error.toData() });
      },
    );
    this.#jobs.set(id, Object.assign(job, { finished }));
    this.#prune();
    this.#emit();
    return id;
  }

  list(): readonly JobStatus[] {
    return [...this.#jobs.values()].map((job) => job.status);
  }

  get(id: string): JobStatus | undefined {
    return this.#jobs.get(id)?.status;
  }

  /** Resolves when the job has ended, one way or another. */
  async finished(id: string): Promise<JobStatus | undefined> {
    return this.#jobs.get(id)?.finished;
  }

  cancel(id: string): void {
    this.#jobs.get(id)?.controller.abort(cancelled());
  }

  subscribe(listener: (jobs: readonly JobStatus[]) => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  dispose(): void {
    for (const job of this.#jobs.values()) job.controller.abort(cancelled());
    this.#listeners.clear();
  }

  #update(job: Job, change: Partial<JobStatus>): JobStatus {
    job.status = { ...job.status, ...change };
    this.#emit();
    return job.status;
  }

  #prune(): void {
    const ended = [...this.#jobs.values()].filter((job) => job.status.state !== 'running');
    for (const job of ended.slice(0, Math.max(0, ended.length - KEPT))) this.#jobs.delete(job.status.id);
  }

  #emit(): void {
    const jobs = this.list();
    for (const listener of this.#listeners) listener(jobs);
  }
}
