/** Scores as pure functions, with the demo's own figures, so that a test knows every number it should see. */
import { SCORES } from '../../../src/algorithms/scores/registry.ts';
import type { Edit } from '../../../src/shared/edits/edits.ts';
import type { ErrorData } from '../../../src/shared/kernel/errors.ts';
import type {
  JobStatus,
  PageMethod,
  PageNotifications,
  PageParams,
  PageResult,
} from '../../../src/shared/pageProtocol.ts';
import {
  type ExtractorDescription,
  type ReferenceDescription,
  SCORE_DEFAULTS,
  type ScoreRun,
  type ScoreTrial,
  type ScoreValue,
} from '../../../src/shared/scores/scores.ts';
import type {
  ScoreQuestion,
  ScoreRecord,
  ScoringSetup,
  ScoringState,
} from '../../../src/shared/scores/scoring.ts';
import { FIGURES } from './demoFigures.ts';
import type { Context } from './fakeHost.ts';
import { demoModel } from './models.ts';
import { record } from './record.ts';
import { CLASSES } from './scenes.ts';

const JACKKNIFE =
  'delete-group jackknife over the generated samples, 20 groups, t₁₉; the reference held as it is';
export const REGISTRY = SCORES.map(({ compute: _, ...about }) => about);

export const EXTRACTOR: ExtractorDescription = {
  ...{ name: 'Demo extractor', sha256: 'eca2b4c9aa7c35c48bf75a1b3741e018', resize: 'clean' },
  ...{ input: { width: 64, height: 64 }, features: 128, classes: 7, classNames: [...CLASSES] },
};
export const REFERENCE: ReferenceDescription = {
  ...{ kind: 'zip', name: 'reference.zip', sha256: 'f0468e0e913805eff89db2609bb6187a' },
  ...{ count: 2000, skipped: [] },
};

const CHOSEN = {
  extractor: {
    label: 'Demo extractor',
    place: '/demo/extractor.onnx',
    description: EXTRACTOR,
    problem: null,
  },
  reference: { label: 'reference.zip', place: '/demo/reference.zip', description: REFERENCE, problem: null },
};

/** @param demo whether the generator is the one that Genscope brings */
export function setupOf(parts: Partial<ScoringSetup> = {}): ScoringSetup {
  const { extractor, reference, ...wish } = { ...SCORE_DEFAULTS, extractor: null, reference: null };
  return {
    ...CHOSEN,
    ...{ recent: { extractors: [], references: [] }, inceptionReady: false, isDemo: true },
    ...{ wish, registry: REGISTRY, warnings: [] },
    ...parts,
  };
}

/** The demo's values, those of the scores asked for. @param shift of every value and interval, as a share */
export function valuesOf(scores: readonly string[], n: number, shift = 0): ScoreValue[] {
  return FIGURES.filter(({ score }) => scores.includes(score)).map((figure): ScoreValue => {
    const moved = (value: number) => value * (1 + shift);
    return {
      ...figure,
      ...{ value: moved(figure.value), n, replicates: null, intervalKind: JACKKNIFE },
      interval: figure.interval && [moved(figure.interval[0]), moved(figure.interval[1])],
    };
  });
}

export interface RunParts {
  readonly file?: string;
  readonly sha256?: string;
  readonly date?: string;
  readonly shift?: number;
  readonly edits?: readonly Edit[];
  readonly extractor?: Partial<ExtractorDescription>;
}

export function runOf(question: Partial<ScoreQuestion['wish']> = {}, parts: RunParts = {}): ScoreRun {
  const all = REGISTRY.map(({ id }) => id);
  const settings = {
    ...{ ...SCORE_DEFAULTS, scores: all, samples: 500, ...question },
    extractor: { path: '/demo/extractor.onnx' },
    reference: { kind: 'path', path: '/demo/reference.zip' } as const,
  };
  const { shift = 0, edits = [] } = parts;
  const scores = valuesOf(settings.scores, settings.samples, shift);
  const before = valuesOf(settings.scores, settings.samples);
  return {
    schema: 1,
    model: { file: parts.file ?? 'generator.onnx', sha256: parts.sha256 ?? demoModel().sha256 ?? '' },
    extractor: { ...EXTRACTOR, ...parts.extractor },
    ...{ reference: REFERENCE, settings, scores },
    edited: edits.length === 0 ? null : { edits, before, difference: scores.map(differenceOf) },
    ...{ warnings: [], ms: 32_080, forwardPasses: 2500 },
    made: {
      ...{ genscope: '0.1.0', runtime: 'onnxruntime-node 1.30.0' },
      date: parts.date ?? '2026-11-25T09:35:41.588Z',
    },
  };
}

/** Precision falls for certain; of all else the interval holds 0. */
function differenceOf(value: ScoreValue): ScoreValue {
  const falls = value.name === 'Precision';
  return {
    ...{ ...value, warnings: [], plots: [], details: {}, spread: null },
    value: falls ? -0.11 : 0.0123,
    interval: falls ? [-0.15, -0.07] : [-0.02, 0.0446],
  };
}

export function recordOf(id: string, run: ScoreRun, own = true): ScoreRecord {
  return { id, model: `file:///demo/${run.model.file}`, own, run };
}

export interface FakeScores {
  scoringSetup: ScoringSetup;
  scoring: ScoringState;
  /** What dialogs answer. */
  afterChoice: Partial<ScoringSetup> | null;
  trial: ScoreTrial;
  trialDelay: number;
  /** Milliseconds a step of a run takes. */
  scoreStep: number;
  /** It fails with this instead of ending. */
  scoreFailure: ErrorData | null;
}

export const FAKE_SCORES: FakeScores = {
  scoringSetup: setupOf(),
  scoring: { history: [], unreadable: 0, running: null, interrupted: null },
  afterChoice: null,
  trial: {
    ...{ images: 32, rate: 52.4, rateReference: null, missing: 2000, missingReference: 0 },
    ...{ eta: 38_200, warnings: [] },
  },
  ...{ trialDelay: 0, scoreStep: 20, scoreFailure: null },
};

interface Told extends FakeScores {
  notify<N extends keyof PageNotifications>(name: N, params: PageNotifications[N]): void;
}

type Answer = <M extends PageMethod>(
  method: M,
  work: (params: PageParams<M>, context: Context<M>) => Promise<PageResult<M>>,
) => void;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export function answerScores(answer: Answer, host: () => Told, isStopped: (job: string) => boolean): void {
  answer('scoringSetup', async () => host().scoringSetup);
  answer('chooseScoring', async ({ choice }) => {
    const { scoringSetup, afterChoice } = host();
    const gone = choice.part === 'reference' && choice.from === 'none';
    const taken = gone ? { reference: null } : { [choice.part]: CHOSEN[choice.part] };
    host().scoringSetup = { ...scoringSetup, ...(afterChoice ?? taken) };
    return host().scoringSetup;
  });
  answer('scoring', async () => host().scoring);
  answer('trialScores', async () => {
    await wait(host().trialDelay);
    return host().trial;
  });
  answer('startScores', async ({ question }) => {
    const job = `score-${record.log.length}`;
    host().scoring = { ...host().scoring, running: { job, progress: null }, interrupted: null };
    void score(host(), job, question, () => isStopped(job));
    return { job };
  });
  answer('forgetScores', async ({ ids }) => {
    const history = host().scoring.history.filter(({ id }) => !ids.includes(id));
    host().scoring = { ...host().scoring, history };
    return { history };
  });
  answer('copyScores', async ({ format }) => ({ text: format }));
}

const STEPS = 8;

/** Samples, then the scores one by one; the run is in the history then, unless it was called off. */
async function score(
  host: Told,
  job: string,
  question: ScoreQuestion,
  isStopped: () => boolean,
): Promise<void> {
  const { wish, edits } = question;
  const tell = (state: JobStatus['state'], done: number) =>
    host.notify('jobsChanged', {
      jobs: [
        {
          ...{ id: job, kind: 'score', title: 'Scoring', state, startedAt: 0 },
          progress: { done, total: STEPS },
        },
      ],
    });
  const end = (state: JobStatus['state'], change: Partial<ScoringState>, error?: ErrorData) => {
    host.scoring = { ...host.scoring, running: null, ...change };
    tell(state, STEPS);
    host.notify('scoresChanged', { progress: null, ended: true, ...(error ? { error } : {}) });
  };
  const values = valuesOf(wish.scores, wish.samples);
  for (let i = 0; i <= STEPS; i++) {
    const making = i < STEPS / 2;
    const partial = values.slice(0, i - STEPS / 2 + 1);
    const done = Math.round((wish.samples * 2 * i) / STEPS);
    const progress = making
      ? ({ phase: 'samples', done, total: wish.samples, rate: 52.4, eta: 38_000 } as const)
      : ({ phase: 'scores', done: i - STEPS / 2, total: STEPS / 2, message: 'KID', partial } as const);
    host.scoring = { ...host.scoring, running: { job, progress } };
    host.notify('scoresChanged', { progress, ended: false });
    tell('running', i);
    await wait(host.scoreStep);
    if (isStopped())
      return end('cancelled', {
        interrupted: { wish, done: Math.min(done, wish.samples), total: wish.samples },
      });
  }
  if (host.scoreFailure) return end('failed', {}, host.scoreFailure);
  const run = runOf(wish, { edits, shift: edits.length > 0 ? 0.02 : 0 });
  end('done', { history: [recordOf(job, run), ...host.scoring.history] });
}
