/** Looks behind the numbers in a window: one a model at a time. Free of `vscode`, so that tests drive it in plain Node. */

import type { LookKind, LookQuestion } from '../../shared/checks/lookRequests.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { ModelRef } from '../../shared/protocol.ts';
import type { ExtractorRef, ScoreProgress } from '../../shared/scores/scores.ts';
import type { EngineClient } from '../process/engineClient.ts';
import type { Jobs } from '../process/jobs.ts';
import { OneAtATime } from '../process/oneAtATime.ts';
import type { LookMemory } from './lookMemory.ts';

export interface LookSpec {
  /** The model's URI. */
  readonly key: string;
  readonly title: string;
  readonly question: LookQuestion;
  readonly model: ModelRef;
  readonly extractor: ExtractorRef;
  /** A folder or .zip of real images; unused where a question needs none. */
  readonly reference: string;
  /** Where features are kept. */
  readonly cache: string | null;
  /** Of the model, when the question was asked. */
  readonly stamp: string;
  readonly memory: LookMemory;
}

interface Options {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ScoreProgress) => void;
}

export class Looks {
  readonly #work: OneAtATime<LookKind, ScoreProgress>;

  constructor(
    private readonly engines: { readonly jobs: Pick<EngineClient, 'request'> },
    jobs: Jobs,
  ) {
    this.#work = new OneAtATime(jobs);
  }

  runningOf(key: string) {
    return this.#work.runningOf(key);
  }

  /**
   * Starts a job and answers its id; cancelling it keeps the features made so far.
   * @throws GenscopeError `engine.busy` while there is one of the model
   */
  start(spec: LookSpec): string {
    const { key, title, question } = spec;
    const run = (options: Options) => this.#run(spec, options);
    return this.#work.start({ key, title, kind: question.kind, job: 'look', busy, run });
  }

  subscribe(listener: Parameters<OneAtATime<LookKind, ScoreProgress>['subscribe']>[0]): { dispose(): void } {
    return this.#work.subscribe(listener);
  }

  dispose(): void {
    this.#work.dispose();
  }

  async #run(spec: LookSpec, options: Options): Promise<string> {
    const { question, model, extractor, reference, cache, memory, stamp } = spec;
    const engine = this.engines.jobs;
    const about = { model, cache };
    const parts = { extractor, reference };
    switch (question.kind) {
      case 'neighbours': {
        const settings = { ...question.settings, ...parts };
        return memory.keep(
          'neighbours',
          await engine.request('neighbours', { ...about, settings }, options),
          stamp,
        );
      }
      case 'duplicates': {
        const settings = { ...question.settings, extractor };
        return memory.keep(
          'duplicates',
          await engine.request('duplicates', { ...about, settings }, options),
          stamp,
        );
      }
      case 'modes': {
        const settings = { ...question.settings, ...parts };
        return memory.keep('modes', await engine.request('modes', { ...about, settings }, options), stamp);
      }
      case 'artifacts': {
        const settings = { ...question.settings, ...parts };
        return memory.keep(
          'artifacts',
          await engine.request('artifacts', { ...about, settings }, options),
          stamp,
        );
      }
    }
  }
}

function busy(): GenscopeError {
  return new GenscopeError(
    'engine.busy',
    'Genscope is looking behind the numbers of this generator already.',
    'Wait until that is done, or cancel it first.',
  );
}
