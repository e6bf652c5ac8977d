/** Measurements of effects in a window: one a model at a time. Free of `vscode`, so that tests drive it in plain Node. */
import type { EffectProgress, EffectQuestion } from '../../shared/effects/effects.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { ModelRef } from '../../shared/protocol.ts';
import type { EngineClient } from '../process/engineClient.ts';
import type { Jobs } from '../process/jobs.ts';
import { OneAtATime } from '../process/oneAtATime.ts';
import type { EffectMemory } from './effectMemory.ts';

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

interface Options {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: EffectProgress) => void;
}

export class Effects {
  readonly #work: OneAtATime<Kind, EffectProgress>;

  constructor(
    private readonly engines: { readonly jobs: Pick<EngineClient, 'request'> },
    jobs: Jobs,
  ) {
    this.#work = new OneAtATime(jobs);
  }

  /** What is being measured about this model. */
  runningOf(key: string) {
    return this.#work.runningOf(key);
  }

  /**
   * Starts a job and answers its id; cancelling it leaves the last answer as it is.
   * @throws GenscopeError `engine.busy` while something is being measured about the model
   */
  start(spec: EffectSpec): string {
    const { key, title, question } = spec;
    const run = (options: Options) => this.#run(spec, options);
    return this.#work.start({ key, title, kind: question.kind, job: 'effect', busy, run });
  }

  subscribe(listener: Parameters<OneAtATime<Kind, EffectProgress>['subscribe']>[0]): { dispose(): void } {
    return this.#work.subscribe(listener);
  }

  dispose(): void {
    this.#work.dispose();
  }

  async #run({ question, model, segmenter, cache, memory, stamp }: EffectSpec, options: Options) {
    const engine = this.engines.jobs;
    const about = { model, segmenter, cache };
    switch (question.kind) {
      case 'effect': {
        const answer = await engine.request('effect', { ...about, settings: question.settings }, options);
        return memory.keep('effect', answer, stamp);
      }
      case 'selections': {
        const answer = await engine.request('selections', { ...about, settings: question.settings }, options);
        return memory.keep('selections', answer, stamp);
      }
      case 'placement': {
        const { settings } = question;
        const answer = await engine.request('placement', { model, segmenter, settings }, options);
        return memory.keep('placement', answer, stamp);
      }
    }
  }
}

function busy(): GenscopeError {
  return new GenscopeError(
    'engine.busy',
    'Effects of this generator are being measured already.',
    'Wait until that is done, or cancel it first.',
  );
}
