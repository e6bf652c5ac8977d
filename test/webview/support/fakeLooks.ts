/** Looks as pure functions, with figures like the demo's, so that a test knows every number and picture it should see. */

import type { LookAnswers, LookQuestion, LooksState } from '../../../src/shared/checks/lookRequests.ts';
import type { Artifacts, Duplicates, Mode, Modes, Neighbours } from '../../../src/shared/checks/looks.ts';
import type { ErrorData } from '../../../src/shared/kernel/errors.ts';
import type {
  JobStatus,
  PageMethod,
  PageNotifications,
  PageParams,
  PageResult,
} from '../../../src/shared/pageProtocol.ts';
import type { Context } from './fakeHost.ts';
import { EXTRACTOR, REFERENCE } from './fakeScores.ts';
import { demoModel } from './models.ts';
import { record } from './record.ts';
import { scene } from './scenes.ts';

export interface FakeLooks {
  looks: LooksState;
  /** Milliseconds a step of a look takes. */
  lookStep: number;
  /** It fails with this instead of ending. */
  lookFailure: ErrorData | null;
}

export const NO_ANSWERS: LooksState['answers'] = {
  ...{ neighbours: null, duplicates: null, modes: null, artifacts: null },
};
export const FAKE_LOOKS: FakeLooks = {
  looks: { answers: NO_ANSWERS, running: null },
  ...{ lookStep: 20, lookFailure: null },
};

const PARTS = { extractor: { path: '/demo/extractor.onnx' }, reference: '/demo/reference.zip' };
const about = () => ({
  ...{ schema: 1 as const, model: { file: 'generator.onnx', sha256: demoModel().sha256 ?? '' } },
  ...{ extractor: EXTRACTOR, reference: REFERENCE, warnings: [] },
});

type Wish<K extends LookQuestion['kind']> = Extract<LookQuestion, { kind: K }>['settings'];

export function neighboursOf(settings: Wish<'neighbours'>, alarm = false): Neighbours {
  const places = typeof settings.shown === 'number' ? first(settings.shown, 37) : [...settings.shown];
  const real = (index: number, distance: number) => ({ index, file: `real-${index}.png`, distance });
  return {
    ...about(),
    settings: { ...settings, ...PARTS },
    compared: { width: 64, height: 64 },
    rows: places.map((place, i) => ({
      place,
      ratio: (alarm ? 0.02 : 0.93) + 0.011 * i,
      features: first(settings.k, 7).map((index, rank) => real(index + place, 3.2 + 0.4 * rank + 0.1 * i)),
      pixels: first(settings.k, 11).map((index, rank) => real(index + place, 21 + 1.5 * rank + i)),
      shifted: {
        ...{ file: `real-${7 + place}.png`, byFeatures: real(7 + place, 0.4) },
        byPixels: i % 3 === 1 ? real(11 + place, 12.4) : real(7 + place, 9.8),
      },
    })),
    copied:
      settings.samples < 40
        ? null
        : {
            ...{ share: alarm ? 0.31 : 0.124, interval: alarm ? [0.29, 0.33] : [0.11, 0.139] },
            ...{ ct: alarm ? -14.2 : -1, ctInterval: alarm ? [-17.5, -10.9] : [-3.1, 1.1], alarm },
          },
  };
}

export function duplicatesOf(settings: Wish<'duplicates'>): Duplicates {
  const { reference: _, ...rest } = about();
  return {
    ...rest,
    settings: { ...settings, extractor: PARTS.extractor },
    pairs: Array.from({ length: settings.batches }, (_unused, batch) => ({
      ...{ batch, places: [batch * settings.batch + 3, batch * settings.batch + 10] as const },
      distance: 2.4 + 0.15 * batch,
    })),
    estimate: null,
  };
}

export function modesOf(settings: Wish<'modes'>, healthy = false): Modes {
  const verdicts: Mode['verdict'][] = healthy ? [] : ['missing', 'rare', 'frequent'];
  const share = 1 / settings.k;
  return {
    ...about(),
    settings: { ...settings, ...PARTS },
    modes: Array.from({ length: settings.k }, (_, cell) => {
      const verdict = verdicts[cell] ?? 'even';
      const made = { missing: 0.003, rare: share / 2, frequent: 2 * share, even: 0.98 * share }[verdict];
      return {
        ...{ cell, real: share, made, verdict, label: cell % 7 },
        p: verdict === 'even' ? 1 : verdict === 'missing' ? 2e-14 : 0.0031,
        realPlaces: first(settings.shown, 7).map((place) => place + cell),
        madePlaces: verdict === 'missing' ? [cell] : first(settings.shown, 7).map((place) => place + cell),
      };
    }),
    strange: first(settings.shown, 5).map((place, i) => ({ place, realism: 0.62 + 0.03 * i })),
  };
}

export function artifactsOf(settings: Wish<'artifacts'>, alarm = false): Artifacts {
  const layer = demoModel().layers?.find(({ name }) => name === settings.layer);
  const units = layer?.units ?? 16;
  return {
    ...about(),
    settings: { ...settings, ...PARTS },
    layer: settings.layer,
    usual: 3.91,
    units: Array.from({ length: units }, (_, rank) => ({
      ...{ unit: (rank * 5 + 3) % units, distance: 5.2 - 0.1 * rank, z: 6.4 - 0.5 * rank },
      ...{ p: Math.min(1, 1e-6 * 8 ** rank), places: first(settings.top, 7).map((place) => place + rank) },
    })),
    ablated:
      settings.worst === 0
        ? null
        : {
            ...{ units: Array.from({ length: settings.worst }, (_, rank) => (rank * 5 + 3) % units), alarm },
            ...{ before: 0.6284, change: alarm ? -0.21 : 0.118 },
            interval: alarm ? [-0.27, -0.15] : [0.07, 0.166],
            random: Array.from({ length: settings.random }, (_, set) => ({
              ...{ units: [set, set + 1], change: 0.03 + 0.02 * set },
            })),
          },
  };
}

function first(count: number, step: number): number[] {
  return Array.from({ length: count }, (_, i) => i * step + step);
}

export function answerOf(question: LookQuestion): LookAnswers[LookQuestion['kind']] {
  switch (question.kind) {
    case 'neighbours':
      return neighboursOf(question.settings);
    case 'duplicates':
      return duplicatesOf(question.settings);
    case 'modes':
      return modesOf(question.settings);
    case 'artifacts':
      return artifactsOf(question.settings);
  }
}

/** The real image of a row: scenes of another seed than samples have. */
export function realScene(row: number, side: number): Uint8ClampedArray {
  return scene(5000 + row, row % 7, 3, side);
}

interface Told extends FakeLooks {
  side: number;
  notify<N extends keyof PageNotifications>(name: N, params: PageNotifications[N]): void;
}

type Answer = <M extends PageMethod>(
  method: M,
  work: (params: PageParams<M>, context: Context<M>) => Promise<PageResult<M>>,
) => void;

export function answerLooks(answer: Answer, host: () => Told, isStopped: (job: string) => boolean): void {
  answer('looks', async () => host().looks);
  answer('startLook', async ({ question }) => {
    const job = `look-${record.log.length}`;
    host().looks = { ...host().looks, running: { kind: question.kind, job, progress: null } };
    void look(host(), job, question, () => isStopped(job));
    return { job };
  });
  answer('referencePictures', async ({ rows, maxSide }, { report }) => {
    const side = Math.min(host().side, maxSide);
    for (const [offset, row] of rows.entries()) {
      const data = new Uint8Array(realScene(row, side));
      report({ offset, count: 1, width: side, height: side, encoding: 'rgba', data });
    }
    return { count: rows.length };
  });
}

const STEPS = 6;

async function look(
  host: Told,
  job: string,
  question: LookQuestion,
  isStopped: () => boolean,
): Promise<void> {
  const { kind } = question;
  const tell = (state: JobStatus['state'], done: number) =>
    host.notify('jobsChanged', {
      jobs: [
        {
          ...{ id: job, kind: 'look', title: 'Looking', state, startedAt: 0 },
          progress: { done, total: STEPS },
        },
      ],
    });
  const end = (state: JobStatus['state'], answers: LooksState['answers'], error?: ErrorData) => {
    host.looks = { answers, running: null };
    tell(state, STEPS);
    const how = { ...(error && { error }), ...(state === 'cancelled' && { cancelled: true }) };
    host.notify('looksChanged', { kind, progress: null, ended: true, ...how });
  };
  for (let i = 0; i < STEPS; i++) {
    const progress =
      i < STEPS / 2
        ? ({ phase: 'samples', done: 300 * i, total: 2000, rate: 52.4, eta: 38_000 } as const)
        : ({ phase: 'scores', done: i / STEPS, total: 1, message: 'comparing with real images' } as const);
    host.looks = { ...host.looks, running: { kind, job, progress } };
    host.notify('looksChanged', { kind, progress, ended: false });
    tell('running', i);
    await new Promise((resolve) => setTimeout(resolve, host.lookStep));
    if (isStopped()) return end('cancelled', host.looks.answers);
  }
  if (host.lookFailure) return end('failed', host.looks.answers, host.lookFailure);
  end('done', { ...host.looks.answers, [kind]: answerOf(question) });
}
