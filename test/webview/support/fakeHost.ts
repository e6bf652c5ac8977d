/**
 * A host inside the page: the real `handleRequest` behind a fake `acquireVsCodeApi`, speaking by structured clones over
 * `postMessage` as VS Code does. Tests set it by `Inspector.host` to slow it
 * down or make it fail; what it was asked they learn from `Inspector.requests`, which waits.
 */

import type { LayerDescription, ModelDescription } from '../../../src/shared/generator/model.ts';
import { checkPageParams } from '../../../src/shared/guards.ts';
import { cancelled, type ErrorData, GenscopeError } from '../../../src/shared/kernel/errors.ts';
import { handleRequest, type RequestContext } from '../../../src/shared/kernel/rpc.ts';
import type {
  JobStatus,
  PageInit,
  PageMethod,
  PageNotifications,
  PageParams,
  PageProgress,
  PageRequests,
  PageResult,
  TranslationSetup,
} from '../../../src/shared/pageProtocol.ts';
import { type LatentPlan, planCount } from '../../../src/shared/samples/latents.ts';
import {
  DISSECT_DEFAULTS,
  type DissectionSetup,
  type DissectionState,
  type DissectSettings,
} from '../../../src/shared/units/dissection.ts';
import { answerEdits, FAKE_EDITS, type FakeEdits } from './fakeEdits.ts';
import { FAKE_EFFECTS, type FakeEffects, measure } from './fakeEffects.ts';
import { answerLooks, FAKE_LOOKS, type FakeLooks } from './fakeLooks.ts';
import { answerScores, FAKE_SCORES, type FakeScores } from './fakeScores.ts';
import { encodeWebp, translate } from './fakeTranslator.ts';
import {
  activityOf,
  CONCEPTS,
  dissectionOf,
  layerOf,
  mapOf,
  SHARES,
  seedOf,
  segmentationOf,
} from './fakeUnits.ts';
import { connection } from './fakeVsCode.ts';
import { demoModel } from './models.ts';
import { countInFlight, HOST, HOST_OPTIONS, noteEvent, record } from './record.ts';
import { frameOf } from './scenes.ts';

export interface FakeHost extends FakeEdits, FakeEffects, FakeScores, FakeLooks {
  init: PageInit;
  model: ModelDescription;
  describeDelay: number;
  /** Samples in a batch, and milliseconds a batch takes. */
  batch: number;
  batchDelay: number;
  fail: Partial<Record<PageMethod, ErrorData>>;
  webp: boolean;
  saved: boolean;
  warnings: string[];
  /** Sends blocks whose length does not match their size. */
  malformed: boolean;
  side: number;
  /** The content of the file now: `model.stamp` is what was described. Null: the file never changes. */
  stamp: string | null;
  /** The file becomes this one as soon as it was described once. */
  replacedBy: string | null;
  /** What was chosen for an image-to-image model, and what the next dialogs answer (null: closed). */
  setup: TranslationSetup;
  chosen: { readonly label: string; readonly pictures: number } | null;
  second: string | null;
  /** Milliseconds that a row takes, and files that turn out to be no pictures. */
  rowDelay: number;
  unreadable: readonly number[];
  embedding: string | null;
  /** What was chosen for dissecting, and where dissections stand. */
  dissecting: DissectionSetup;
  dissected: DissectionState;
  /** Milliseconds that an answer about units takes, and one step of a dissection. */
  unitDelay: number;
  dissectStep: number;
  /** Milliseconds a dissection says are left. */
  eta: number | undefined;
  /** The dissection fails with this instead of ending. */
  dissectFailure: ErrorData | null;
  /** Saving a grid goes on as this job. */
  job: string | null;
  notify<N extends keyof PageNotifications>(name: N, params: PageNotifications[N]): void;
}

declare global {
  interface Window {
    acquireVsCodeApi: () => unknown;
  }
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Jobs that were called off. */
const stopped = new Set<string>();
const host: FakeHost = {
  init: {
    model: 'file:///demo/generator.onnx',
    fileName: 'generator.onnx',
    remote: false,
    defaults: { count: 16, rng: 'numpy' },
  },
  model: demoModel(),
  describeDelay: 0,
  batch: 16,
  batchDelay: 0,
  fail: {},
  webp: false,
  saved: true,
  warnings: [],
  malformed: false,
  side: 64,
  stamp: null,
  replacedBy: null,
  setup: { inputs: { forth: null, back: null }, second: null },
  chosen: { label: 'summer', pictures: 240 },
  second: 'winter_to_summer.onnx',
  rowDelay: 0,
  unreadable: [],
  embedding: 'texts.npy',
  dissecting: {
    segmenter: { name: 'Demo segmenter', concepts: CONCEPTS, categories: [], demo: true },
    warnings: [],
    settings: { ...DISSECT_DEFAULTS, layers: [] },
  },
  dissected: { dissection: null, job: null, resumable: null },
  unitDelay: 0,
  dissectStep: 20,
  eta: 40_000,
  dissectFailure: null,
  job: null,
  ...FAKE_EDITS,
  ...FAKE_EFFECTS,
  ...FAKE_SCORES,
  ...FAKE_LOOKS,
  notify: (name, params) => void connection.sendNotification(name, params),
  ...(Reflect.get(window, HOST_OPTIONS) as Partial<FakeHost> | undefined),
};
Reflect.set(window, HOST, host);

export type Context<M extends PageMethod> = RequestContext<PageProgress<M>>;
function answer<M extends PageMethod>(
  method: M,
  work: (params: PageParams<M>, context: Context<M>) => Promise<PageResult<M>>,
): void {
  handleRequest<PageRequests, M>(connection, method, async (params, context) => {
    noteEvent();
    record.log.push({ method, params });
    record.open++;
    try {
      // What the real host would turn away, this one does too.
      checkPageParams(method, params);
      const failure = host.fail[method];
      if (failure !== undefined) throw GenscopeError.fromData(failure);
      return await work(params, context);
    } finally {
      record.open--;
      noteEvent();
    }
  });
}

answer('init', async () => host.init);
answer('describe', async ({ depth }, { signal }) => {
  await wait(host.describeDelay);
  if (signal.aborted) {
    record.cancelled++;
    throw cancelled();
  }
  const model = { ...host.model, stamp: host.stamp ?? host.model.stamp };
  host.stamp = host.replacedBy ?? host.stamp;
  return depth === 'full' ? model : { ...model, layers: null, sha256: null };
});
answer('jobs', async () => []);
answer('sample', async ({ plan, maxSide, stamp }, { signal, report }) => {
  if (stamp !== (host.stamp ?? host.model.stamp)) {
    throw new GenscopeError('model.changed', 'The file changed on disk.', 'Reload it.', { next: ['retry'] });
  }
  return countInFlight(() => sample(plan, maxSide, signal, report));
});
answer('chooseEmbedding', async () => ({ file: host.embedding }));
answer('translationSetup', async () => host.setup);
answer('chooseTranslation', async ({ what, way }) => {
  const { inputs, second } = host.setup;
  if (what === 'noSecond') host.setup = { inputs, second: null };
  else if (what === 'second') host.setup = { inputs, second: host.second ?? second };
  else host.setup = { inputs: { ...inputs, [way]: host.chosen ?? inputs[way] }, second };
  return host.setup;
});
answer('translate', (params, { signal, report }) =>
  countInFlight(() => translate(host, params, signal, report)),
);
answer('answerRoles', async () => {
  host.model = { ...host.model, needsAnswers: false, refusal: null };
  return {
    saved: host.saved,
    note: host.saved ? '' : 'The folder is read-only, so the answer holds for this window only.',
  };
});
answer('save', async (target) =>
  target.what === 'samples' || host.job !== null
    ? { place: '/tmp/out', job: host.job ?? 'job-1' }
    : { place: `/tmp/${target.name}.png` },
);
answer('copy', async () => ({ text: 'import numpy as np' }));
answer('nextStep', async () => ({}));
answer('cancelJob', async ({ id }) => {
  stopped.add(id);
  return {};
});
answer('dissectionSetup', async () => host.dissecting);
answer('chooseSegmenter', async ({ what }) => {
  const name = { demo: 'Demo segmenter', folder: 'segformer-b0', hub: 'nvidia/segformer-b0' }[what];
  const segmenter = { name, concepts: CONCEPTS, categories: [], demo: what === 'demo' };
  host.dissecting = { ...host.dissecting, segmenter };
  return host.dissecting;
});
answer('dissection', async () => host.dissected);
answer('startDissection', async ({ settings }) => {
  const job = `dissect-${record.log.length}`;
  host.dissected = { ...host.dissected, job, resumable: null };
  void dissect(job, settings);
  return { job };
});
answer('effects', async () => host.effects);
answer('startEffect', async ({ question }) => {
  const job = `effect-${record.log.length}`;
  host.effects = { ...host.effects, running: { kind: question.kind, job, progress: null } };
  void measure(host, job, question, () => stopped.has(job));
  return { job };
});
answer('exportReport', async () => ({ place: '/tmp/report' }));
answer('activity', async ({ tensor, plan, k }, { signal, report }) => {
  report({ done: 1, total: planCount(plan) });
  await answerTime(signal);
  return activityOf(plan, layerAt(tensor), k);
});
answer('unitPictures', async ({ tensor, plan, units, maxSide }, { signal }) => {
  await answerTime(signal);
  const [height, width] = layerAt(tensor).resolution;
  const count = planCount(plan);
  const side = Math.min(host.side, maxSide);
  const maps = new Float32Array(count * height * width);
  const data = new Uint8Array(count * side * side * 4);
  for (let i = 0; i < count; i++) {
    const seed = seedOf(plan, i);
    maps.set(mapOf(seed, units[i] ?? 0, height, width), i * height * width);
    const one = { ...plan, kind: 'seeds', seed, count: 1 } as LatentPlan;
    if (side > 0) data.set(frameOf(one, 0, host.model.classes, side), i * side * side * 4);
  }
  const frames = { offset: 0, count, width: side, height: side, encoding: 'rgba', data } as const;
  return { frames: side > 0 ? frames : null, maps, height, width };
});
answer('segmentation', async ({ plan }, { signal }) => {
  await answerTime(signal);
  return segmentationOf(plan);
});
answer('unitsAt', async ({ tensor, plan, x, y }, { signal }) => {
  await answerTime(signal);
  const layer = layerAt(tensor);
  const [h, w] = layer.resolution;
  const at = Math.floor(y * h) * w + Math.floor(x * w);
  const values = Array.from(
    { length: layer.units },
    (_, unit) => mapOf(seedOf(plan, 0), unit, h, w)[at] ?? 0,
  );
  return { values: Float32Array.from(values) };
});
answer('revealJob', async () => ({}));
answerScores(
  answer,
  () => host,
  (job) => stopped.has(job),
);
answerLooks(
  answer,
  () => host,
  (job) => stopped.has(job),
);
answerEdits(answer, () => Object.assign(host, { layerAt, wait: answerAfter }));
connection.listen();

const answerTime = (signal: AbortSignal): Promise<void> => answerAfter(host.unitDelay, signal);

async function answerAfter(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms);
  if (!signal.aborted) return;
  record.cancelled++;
  throw cancelled();
}

function layerAt(tensor: string): LayerDescription {
  const found = host.model.layers?.find((layer) => layer.tensor === tensor);
  if (found === undefined) throw new GenscopeError('input.invalid', `No layer ${tensor}.`, 'Choose another.');
  return found;
}

/** Ten steps of each phase; what has been found so far comes with those of the second. */
async function dissect(job: string, settings: DissectSettings): Promise<void> {
  const steps = 10;
  const tell = (state: JobStatus['state'], done: number, error?: ErrorData) =>
    host.notify('jobsChanged', {
      jobs: [
        {
          ...{ id: job, kind: 'dissect', title: 'Dissecting', state, startedAt: 0 },
          progress: { done, total: settings.samples },
          ...(error ? { error } : {}),
        },
      ],
    });
  for (const phase of ['levels', 'agreement'] as const) {
    for (let i = 1; i <= steps; i++) {
      const done = (settings.samples * i) / steps;
      const layers = settings.layers.map(layerAt);
      const partial =
        phase === 'agreement'
          ? { partial: layers.map((layer) => layerOf(layer, settings)), conceptShare: SHARES }
          : {};
      const eta = host.eta === undefined ? {} : { eta: host.eta };
      const progress = { phase, done, total: settings.samples, ...eta, ...partial };
      host.notify('dissectionChanged', { progress, ended: false });
      tell('running', done);
      await wait(host.dissectStep);
      if (stopped.has(job)) {
        host.dissected = { ...host.dissected, job: null, resumable: settings };
        tell('cancelled', done);
        host.notify('dissectionChanged', { progress: null, ended: true });
        return;
      }
    }
  }
  const { dissectFailure } = host;
  const dissection = dissectFailure ? host.dissected.dissection : dissectionOf(host.model, settings);
  host.dissected = { dissection, job: null, resumable: null };
  if (dissectFailure) tell('failed', settings.samples, dissectFailure);
  else tell('done', settings.samples);
  host.notify('dissectionChanged', { progress: null, ended: true });
}

async function sample(
  plan: LatentPlan,
  maxSide: number,
  signal: AbortSignal,
  report: Context<'sample'>['report'],
): Promise<PageResult<'sample'>> {
  const since = performance.now();
  const side = Math.min(host.side, maxSide);
  const total = planCount(plan);
  for (let offset = 0; offset < total; offset += host.batch) {
    if (host.batchDelay > 0) await wait(host.batchDelay);
    if (signal.aborted) {
      record.cancelled++;
      throw cancelled();
    }
    const count = Math.min(host.batch, total - offset);
    const block = new Uint8Array(count * side * side * 4);
    for (let i = 0; i < count; i++)
      block.set(frameOf(plan, offset + i, host.model.classes, side), i * side * side * 4);
    const data = host.malformed
      ? block.slice(4)
      : host.webp
        ? await encodeWebp(block, side, side * count)
        : block;
    report({ offset, count, width: side, height: side, encoding: host.webp ? 'webp' : 'rgba', data });
  }
  const ms = performance.now() - since;
  return { count: total, ms, runMs: ms, warnings: host.warnings };
}
