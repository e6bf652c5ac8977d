/**
 * A host inside the page: the real `handleRequest` behind a fake `acquireVsCodeApi`, speaking by structured clones over
 * `postMessage` as VS Code does. Tests set `window.fakeHost` to slow it down, make it fail, or read what it was asked.
 */
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  createMessageConnection,
  type DataCallback,
  type Message,
} from 'vscode-jsonrpc/browser';
import { cancelled, type ErrorData, GenscopeError } from '../../../src/shared/errors.ts';
import { type LatentPlan, planCount } from '../../../src/shared/latents.ts';
import type { ModelDescription } from '../../../src/shared/model.ts';
import type {
  PageInit,
  PageMethod,
  PageNotifications,
  PageParams,
  PageProgress,
  PageRequests,
  PageResult,
} from '../../../src/shared/pageProtocol.ts';
import { handleRequest, type RequestContext } from '../../../src/shared/rpc.ts';
import { demoModel } from './models.ts';
import { frameOf } from './scenes.ts';

export interface FakeHost {
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
  /** Saving a grid goes on as this job. */
  job: string | null;
  readonly log: { readonly method: string; readonly params: unknown }[];
  inFlight: number;
  mostInFlight: number;
  cancelled: number;
  notify<N extends keyof PageNotifications>(name: N, params: PageNotifications[N]): void;
}

declare global {
  interface Window {
    fakeHost: FakeHost;
    fakeHostOptions?: Partial<FakeHost>;
    acquireVsCodeApi: () => unknown;
  }
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let deliver: DataCallback = () => {};
class FromPage extends AbstractMessageReader {
  listen(callback: DataCallback) {
    deliver = callback;
    return { dispose: () => {} };
  }
}
class ToPage extends AbstractMessageWriter {
  async write(message: Message) {
    window.postMessage(message, '*');
  }
  end() {}
}

window.acquireVsCodeApi = () => ({
  postMessage: (message: object) => {
    const copy = structuredClone(message);
    setTimeout(() => {
      if ('jsonrpc' in copy) deliver(copy as Message);
    });
  },
  getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null'),
  setState: (state: unknown) => sessionStorage.setItem('state', JSON.stringify(state)),
});

const connection = createMessageConnection(new FromPage(), new ToPage());
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
  job: null,
  log: [],
  inFlight: 0,
  mostInFlight: 0,
  cancelled: 0,
  notify: (name, params) => void connection.sendNotification(name, params),
  ...window.fakeHostOptions,
};
window.fakeHost = host;

type Context<M extends PageMethod> = RequestContext<PageProgress<M>>;
function answer<M extends PageMethod>(
  method: M,
  work: (params: PageParams<M>, context: Context<M>) => Promise<PageResult<M>>,
): void {
  handleRequest<PageRequests, M>(connection, method, async (params, context) => {
    host.log.push({ method, params });
    const failure = host.fail[method];
    if (failure !== undefined) throw GenscopeError.fromData(failure);
    return work(params, context);
  });
}

answer('init', async () => host.init);
answer('describe', async ({ depth }, { signal }) => {
  await wait(host.describeDelay);
  if (signal.aborted) {
    host.cancelled++;
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
  host.inFlight++;
  host.mostInFlight = Math.max(host.mostInFlight, host.inFlight);
  try {
    return await sample(plan, maxSide, signal, report);
  } finally {
    host.inFlight--;
  }
});
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
answer('cancelJob', async () => ({}));
answer('revealJob', async () => ({}));
connection.listen();

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
      host.cancelled++;
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

/** The browser's lossless WebP is near enough to the engine's: quality 1 is lossless in Chromium. */
async function encodeWebp(block: Uint8Array, width: number, height: number): Promise<Uint8Array> {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')?.putImageData(new ImageData(new Uint8ClampedArray(block), width, height), 0, 0);
  const blob = await canvas.convertToBlob({ type: 'image/webp', quality: 1 });
  return new Uint8Array(await blob.arrayBuffer());
}
