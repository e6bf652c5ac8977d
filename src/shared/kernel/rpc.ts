/**
 * Typed requests over `vscode-jsonrpc`, the same on every channel: page ↔ host (`postMessage`) and host ↔ engine
 * (process IPC). Adds three things to the library: the types of a request table, errors that keep their code and
 * next step, and progress. Both sides must import `vscode-jsonrpc/node` or `/browser` first (its platform layer).
 */
import {
  CancellationTokenSource,
  type Disposable,
  ErrorCodes,
  type MessageConnection,
  ProgressType,
  ResponseError,
} from 'vscode-jsonrpc';
import { asGenscopeError, cancelled, GenscopeError, isErrorData } from './errors.ts';

/** A request table: method → what it takes, answers and reports on the way. */
export type RequestTable<T> = { [M in keyof T]: { params: unknown; result: unknown; progress: unknown } };

export interface RequestContext<P> {
  /** Aborted when the caller cancels or its connection closes. */
  readonly signal: AbortSignal;
  readonly report: (progress: P) => void;
}

interface Envelope {
  readonly params: unknown;
  readonly progress: number | null;
}

const PROGRESS = new ProgressType<unknown>();
/** JSON-RPC leaves -32000…-32099 to applications; the real code travels in the error's data. */
const APPLICATION_ERROR = -32050;

/** Answers `method`. Whatever the handler throws becomes a coded error; it never becomes silence. */
export function handleRequest<T extends RequestTable<T>, M extends keyof T & string>(
  connection: MessageConnection,
  method: M,
  handler: (params: T[M]['params'], context: RequestContext<T[M]['progress']>) => Promise<T[M]['result']>,
): Disposable {
  return connection.onRequest(method, async (envelope: unknown, token) => {
    const controller = new AbortController();
    const abort = () => controller.abort();
    // Closing a connection cancels nothing by itself: the work of a closed page would go on.
    const subscriptions = [
      token.onCancellationRequested(abort),
      connection.onClose(abort),
      connection.onDispose(abort),
    ];
    // A request cancelled before it was dispatched comes with a token whose event never fires.
    if (token.isCancellationRequested) controller.abort();
    try {
      const { params, progress } = readEnvelope(envelope);
      const report = (value: unknown) => {
        if (progress === null || controller.signal.aborted) return;
        // A connection that closes meanwhile needs no progress; the request itself rejects.
        connection.sendProgress(PROGRESS, progress, value).catch(() => undefined);
      };
      return await handler(params as T[M]['params'], { signal: controller.signal, report });
    } catch (thrown) {
      const error = asGenscopeError(thrown);
      return new ResponseError(APPLICATION_ERROR, error.message, error.toData());
    } finally {
      for (const subscription of subscriptions) subscription.dispose();
    }
  });
}

export interface RequestOptions<P> {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: P) => void;
}

let nextProgressToken = 1;

/**
 * Asks `method` of the other side.
 * @throws GenscopeError with the code the handler gave; `engine.stopped` when the connection closed meanwhile.
 */
export async function sendRequest<T extends RequestTable<T>, M extends keyof T & string>(
  connection: MessageConnection,
  method: M,
  params: T[M]['params'],
  options: RequestOptions<T[M]['progress']> = {},
): Promise<T[M]['result']> {
  const { signal, onProgress } = options;
  if (signal?.aborted) throw cancelled();
  const progress = onProgress ? nextProgressToken++ : null;
  const subscription =
    onProgress && progress !== null
      ? connection.onProgress(PROGRESS, progress, (value) => onProgress(value as T[M]['progress']))
      : undefined;
  const source = new CancellationTokenSource();
  const onAbort = () => source.cancel();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const envelope: Envelope = { params, progress };
    return (await connection.sendRequest(method, envelope, source.token)) as T[M]['result'];
  } catch (thrown) {
    throw fromWire(thrown, signal);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    subscription?.dispose();
    source.dispose();
  }
}

function readEnvelope(value: unknown): Envelope {
  if (typeof value === 'object' && value !== null && 'params' in value && 'progress' in value) {
    const progress = value.progress;
    if (progress === null || typeof progress === 'number') return { params: value.params, progress };
  }
  throw new GenscopeError('input.invalid', 'A request arrived in the wrong form.', 'Reload the window.', {
    next: ['showLog'],
  });
}

function fromWire(thrown: unknown, signal: AbortSignal | undefined): GenscopeError {
  if (thrown instanceof ResponseError && isErrorData(thrown.data)) return GenscopeError.fromData(thrown.data);
  if (signal?.aborted) return cancelled();
  const connectionGone =
    thrown instanceof ResponseError
      ? thrown.code === ErrorCodes.PendingResponseRejected || thrown.code === ErrorCodes.ConnectionInactive
      : thrown instanceof Error && /disposed|closed/i.test(thrown.message);
  if (connectionGone) {
    return new GenscopeError('engine.stopped', 'The engine stopped before it answered.', 'Try again.', {
      next: ['retry', 'showLog'],
    });
  }
  return asGenscopeError(thrown);
}
