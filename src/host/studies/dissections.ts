/**
 * The dissections of a window: one a model at a time, each a job, with its progress for whoever shows the model. Free of
 * `vscode`, so that tests drive it in plain Node.
 */

import { asGenscopeError, type ErrorCode, GenscopeError } from '../../shared/kernel/errors.ts';
import type { PageNotifications } from '../../shared/pageProtocol.ts';
import type { WorkProgress } from '../../shared/protocol.ts';
import type {
  Dissection,
  DissectParams,
  DissectProgress,
  DissectSettings,
} from '../../shared/units/dissection.ts';
import type { EngineClient } from '../process/engineClient.ts';
import type { JobContext, Jobs } from '../process/jobs.ts';
import type { Begun, DissectionMemory, Finished } from './dissectionMemory.ts';

type Change = PageNotifications['dissectionChanged'];
type Listener = (model: string, change: Change) => void;

export interface DissectionSpec {
  /** The model's URI. */
  readonly model: string;
  readonly title: string;
  readonly params: DissectParams;
  readonly begun: Begun;
  readonly memory: DissectionMemory;
}

interface Running {
  readonly job: string;
  latest: DissectProgress | null;
  toldAt: number;
}

/** One that is done but could not be written, on a full disk for instance: it lives as long as the window. */
export interface Unkept {
  readonly dissection: Dissection;
  readonly about: Omit<Finished, 'file'>;
}

/** More often than this nobody can read. */
const TELL_EVERY_MS = 200;
const PHASES: Readonly<Record<DissectSettings['level']['mode'], readonly DissectProgress['phase'][]>> = {
  quantile: ['levels', 'agreement'],
  iqr: ['levels', 'choosing', 'agreement'],
};
/** After one of these the same settings would fail again. */
const HOPELESS = /^(input|model|segmenter)\./;

export class Dissections {
  readonly #running = new Map<string, Running>();
  readonly #unkept = new Map<string, Unkept>();
  readonly #listeners = new Set<Listener>();

  constructor(
    private readonly engines: { readonly jobs: Pick<EngineClient, 'request'> },
    private readonly jobs: Jobs,
  ) {}

  /** The job that dissects this model; null when none does. */
  jobOf(model: string): string | null {
    return this.#running.get(model)?.job ?? null;
  }

  /** How far it is, with what has been found so far. */
  progressOf(model: string): DissectProgress | null {
    return this.#running.get(model)?.latest ?? null;
  }

  unkeptOf(model: string): Unkept | null {
    return this.#unkept.get(model) ?? null;
  }

  /** Once it lies in a file after all. */
  forgetUnkept(model: string): void {
    this.#unkept.delete(model);
  }

  /**
   * Starts a job and answers its id; cancelling it pauses the dissection.
   * @throws GenscopeError `engine.busy` while the model is being dissected
   */
  start(spec: DissectionSpec): string {
    if (this.#running.has(spec.model)) throw busy();
    const { samples, level } = spec.params.settings;
    const job = this.jobs.start({
      kind: 'dissect',
      title: spec.title,
      total: samples * PHASES[level.mode].length,
      run: (context) => this.#run(spec, context),
    });
    this.#running.set(spec.model, { job, latest: null, toldAt: 0 });
    // After the job has its last state, so that whoever asks for it now finds it ended.
    void this.jobs.finished(job).then(() => {
      this.#running.delete(spec.model);
      this.#tell(spec.model, { progress: null, ended: true });
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

  async #run(
    { model, params, begun, memory }: DissectionSpec,
    { signal, report }: JobContext,
  ): Promise<string> {
    await memory.update({ settings: params.settings, unfinished: begun });
    try {
      const onProgress = (progress: DissectProgress) => {
        report(overall(progress, params.settings));
        this.#progress(model, progress);
      };
      const { dissection, file } = await this.engines.jobs.request('dissect', params, { signal, onProgress });
      const { stamp, segmenter } = begun;
      const about = { segmenter, stamp, sha256: dissection.model.sha256 };
      // In the next window it can be taken up where its state was last kept, and the one before it is there still.
      if (file === null) this.#unkept.set(model, { dissection, about });
      else {
        this.#unkept.delete(model);
        await memory.update({ unfinished: null, finished: { ...about, file } });
      }
      return file ?? '';
    } catch (thrown) {
      if (isHopeless(asGenscopeError(thrown).code)) await memory.update({ unfinished: null });
      throw thrown;
    }
  }

  #progress(model: string, progress: DissectProgress): void {
    const running = this.#running.get(model);
    if (!running) return;
    const { latest, toldAt } = running;
    const { partial, conceptShare } = progress.partial ? progress : (latest ?? {});
    running.latest = { ...progress, ...(partial && { partial }), ...(conceptShare && { conceptShare }) };
    const now = performance.now();
    const news = progress.partial !== undefined || progress.phase !== latest?.phase;
    if (!news && now - toldAt < TELL_EVERY_MS) return;
    running.toldAt = now;
    this.#tell(model, { progress, ended: false });
  }

  #tell(model: string, change: Change): void {
    for (const listener of this.#listeners) listener(model, change);
  }
}

/** Over all passes; how long those before the last take tells nothing of it. */
export function overall({ phase, done, eta }: DissectProgress, settings: DissectSettings): WorkProgress {
  const phases = PHASES[settings.level.mode];
  const before = phases.indexOf(phase) * settings.samples;
  const progress = { done: before + done, total: phases.length * settings.samples };
  return eta !== undefined && phase === 'agreement' ? { ...progress, eta } : progress;
}

function isHopeless(code: ErrorCode): boolean {
  return HOPELESS.test(code);
}

function busy(): GenscopeError {
  return new GenscopeError(
    'engine.busy',
    'This generator is being dissected already.',
    'Wait until that is done, or pause it first.',
  );
}
