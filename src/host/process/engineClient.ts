/**
 * One engine process as seen from the host: started on first use, stopped when idle, killed and started anew when
 * a run has to stop now, and given up on, in clear words, when it keeps dying. Free of `vscode`, so that tests drive
 * it in plain Node.
 */
import { type ChildProcess, fork } from 'node:child_process';
import {
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { asGenscopeError, GenscopeError, isCancelled } from '../../shared/kernel/errors.ts';
import { type RequestOptions, sendRequest } from '../../shared/kernel/rpc.ts';
import type {
  EngineMethod,
  EngineParams,
  EngineProgress,
  EngineRequests,
  EngineResult,
} from '../../shared/protocol.ts';

export type EngineName = 'interactive' | 'jobs';
export type EngineState = 'stopped' | 'starting' | 'ready' | 'crashed';

export interface EngineLog {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export interface EngineClientOptions {
  readonly name: EngineName;
  readonly script: string;
  /** The Node (or Electron) to run it with; the host's own when empty. */
  readonly execPath: string;
  readonly threads: number;
  readonly idleMs: number;
  /** How long a cancelled request may take to end before its process is killed. */
  readonly hardCancelMs: number;
  readonly log: EngineLog;
  readonly onState?: (state: EngineState, error?: GenscopeError) => void;
}

/** More than this many deaths within the window, and starting again would only repeat them. */
const RESTART_BUDGET = 3;
const RESTART_WINDOW_MS = 60_000;

/** A request that has not been answered yet. */
interface Entry {
  /** It was being worked on when its process was killed for it. */
  begun: boolean;
}

interface Running {
  readonly child: ChildProcess;
  readonly connection: MessageConnection;
  /** Set when we end the process ourselves: then its exit is no crash. */
  expected: 'no' | 'stop' | 'hardCancel';
  /** Why it ended, once it has. */
  cause?: GenscopeError;
}

export class EngineClient {
  readonly #options: EngineClientOptions;
  #running: Running | undefined;
  #deaths: number[] = [];
  /** In the order they were sent, which is the order the engine works in: the first one is running. */
  readonly #inFlight: Entry[] = [];
  #retired = false;
  #state: EngineState = 'stopped';
  #idleTimer: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(options: EngineClientOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  /**
   * Sends a request, starting the process when there is none.
   * @throws GenscopeError as the engine answers; `engine.crashed` when the process died under it, `engine.dying` when
   * it has died too often, `request.cancelled` when `signal` aborted
   */
  async request<M extends EngineMethod>(
    method: M,
    params: EngineParams<M>,
    options: RequestOptions<EngineProgress<M>> = {},
  ): Promise<EngineResult<M>> {
    const entry: Entry = { begun: false };
    this.#inFlight.push(entry);
    clearTimeout(this.#idleTimer);
    try {
      for (;;) {
        const running = this.#ensure();
        const releaseHardCancel = this.#armHardCancel(running, entry, options.signal);
        try {
          const result = await sendRequest<EngineRequests, M>(running.connection, method, params, options);
          this.#setState('ready');
          return result;
        } catch (thrown) {
          const error = this.#explain(asGenscopeError(thrown), running, options.signal);
          if (!error.code.startsWith('engine.')) this.#setState('ready');
          // It only stood in line behind a run that had to be killed: the next process may have it.
          const waited = running.expected === 'hardCancel' && !entry.begun;
          if (error.code !== 'engine.stopped' || !waited) throw error;
        } finally {
          releaseHardCancel();
        }
      }
    } catch (thrown) {
      this.#report(method, asGenscopeError(thrown));
      throw thrown;
    } finally {
      this.#inFlight.splice(this.#inFlight.indexOf(entry), 1);
      this.#armIdle();
    }
  }

  /** True while a request waits for its answer. */
  get busy(): boolean {
    return this.#inFlight.length > 0;
  }

  /** Takes no process away from work: stops at once when idle, else with the last answer. */
  retire(): void {
    this.#retired = true;
    if (!this.busy) this.dispose();
  }

  /** Stops the process; the next request starts a new one. Also forgives earlier deaths. */
  restart(): void {
    this.#deaths = [];
    this.#stop('stop');
    this.#setState('stopped');
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#idleTimer);
    this.#stop('stop');
  }

  #ensure(): Running {
    if (this.#disposed)
      throw new GenscopeError('engine.stopped', 'The engine has been shut down.', 'Reload the window.');
    if (this.#running) return this.#running;
    const since = Date.now() - RESTART_WINDOW_MS;
    this.#deaths = this.#deaths.filter((at) => at > since);
    if (this.#deaths.length >= RESTART_BUDGET) throw dyingError(this.#deaths.length);
    this.#running = this.#start();
    return this.#running;
  }

  #start(): Running {
    const { name, script, execPath, threads, log } = this.#options;
    this.#setState('starting');
    const child = fork(script, [`--engine=${name}`, `--threads=${threads}`], {
      serialization: 'advanced',
      execArgv: [],
      // In desktop VS Code the host's executable is Electron; this makes it a plain Node.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      ...(execPath ? { execPath } : {}),
    });
    child.stdout?.on('data', (chunk: Buffer) => log.info(`[${name}] ${chunk.toString().trimEnd()}`));
    child.stderr?.on('data', (chunk: Buffer) => log.warn(`[${name}] ${chunk.toString().trimEnd()}`));
    const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    const running: Running = { child, connection, expected: 'no' };
    // The connection reports a broken pipe here as well; the exit event below tells the story.
    connection.onError(([error]) => log.warn(`[${name}] ${error.message}`));
    child.once('error', (error) => this.#ended(running, startError(execPath, error)));
    child.once('exit', (code, signal) => {
      this.#ended(running, crashError(signal ? `signal ${signal}` : `exit code ${code}`));
    });
    connection.listen();
    if (child.pid !== undefined) log.info(`[${name}] engine process ${child.pid} started`);
    return running;
  }

  #ended(running: Running, cause: GenscopeError): void {
    running.cause ??= cause;
    // `error` and `exit` may both come; the second finds the process already forgotten.
    const current = this.#running === running;
    if (current) this.#running = undefined;
    // Disposing is what rejects every pending request; a closed channel alone leaves them hanging for ever.
    running.connection.dispose();
    if (!current || running.expected !== 'no') return;
    this.#deaths.push(Date.now());
    this.#options.log.error(
      `[${this.#options.name}] engine process ${running.child.pid ?? ''} ended: ${cause.detail ?? cause.message}`,
    );
    this.#setState('crashed', cause);
  }

  #stop(why: 'stop' | 'hardCancel'): void {
    const running = this.#running;
    if (!running) return;
    running.expected = why;
    this.#running = undefined;
    // SIGKILL: a run inside the native module does not see anything gentler until it is over.
    running.child.kill('SIGKILL');
    running.connection.dispose();
  }

  #armHardCancel(running: Running, entry: Entry, signal: AbortSignal | undefined): () => void {
    if (!signal) return () => undefined;
    let timer: NodeJS.Timeout | undefined;
    const onAbort = () => {
      timer = setTimeout(() => {
        // Killing for a request that only waits would take somebody else's work along.
        if (this.#running !== running || this.#inFlight[0] !== entry) return;
        entry.begun = true;
        this.#options.log.info(
          `[${this.#options.name}] a cancelled request did not end in time: killing the process`,
        );
        this.#stop('hardCancel');
        this.#setState('stopped');
      }, this.#options.hardCancelMs);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    return () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
  }

  #armIdle(): void {
    clearTimeout(this.#idleTimer);
    if (this.busy || this.#disposed) return;
    if (this.#retired) {
      this.dispose();
      return;
    }
    if (!this.#running || this.#options.idleMs <= 0) return;
    this.#idleTimer = setTimeout(() => {
      this.#options.log.info(`[${this.#options.name}] idle: stopping the engine process`);
      this.#stop('stop');
      this.#setState('stopped');
    }, this.#options.idleMs);
    this.#idleTimer.unref?.();
  }

  #explain(error: GenscopeError, running: Running, signal: AbortSignal | undefined): GenscopeError {
    if (isCancelled(error)) return error;
    if (error.code !== 'engine.stopped') return error;
    if (signal?.aborted)
      return new GenscopeError('request.cancelled', 'Cancelled.', 'Start it again when you want it.');
    if (running.expected === 'no') return running.cause ?? crashError('while it worked on this');
    // Another request's hard cancel, a restart, or shutdown took this one along.
    return error;
  }

  /** Each failure once, with the words of the library below: what *Show Log* is for. */
  #report(method: string, error: GenscopeError): void {
    if (isCancelled(error)) return;
    const detail = error.detail === undefined ? '' : `\n${error.detail}`;
    const line = `[${this.#options.name}] ${method}: ${error.code}: ${error.message}${detail}`;
    if (/^(internal|engine)/.test(error.code)) this.#options.log.error(line);
    else this.#options.log.warn(line);
  }

  #setState(state: EngineState, error?: GenscopeError): void {
    if (this.#state === state && !error) return;
    this.#state = state;
    this.#options.onState?.(state, error);
  }
}

function crashError(how: string): GenscopeError {
  return new GenscopeError(
    'engine.crashed',
    `The Genscope engine stopped unexpectedly (${how}).`,
    'Try again; the engine starts anew by itself.',
    {
      next: ['retry', 'restartEngine', 'showLog'],
    },
  );
}

function startError(execPath: string, thrown: Error): GenscopeError {
  const says = execPath
    ? `The engine could not be started with “${execPath}”, which “genscope.engine.nodePath” names.`
    : 'The engine process could not be started.';
  const advice = execPath ? 'Correct that setting, or empty it.' : 'Show the log for the reason.';
  return new GenscopeError('engine.crashed', says, advice, {
    next: ['retry', 'showLog'],
    detail: thrown.message,
  });
}

function dyingError(deaths: number): GenscopeError {
  return new GenscopeError(
    'engine.dying',
    `The Genscope engine has died ${deaths} times within a minute, so it is not started again by itself.`,
    'Restart it when you have changed something (a smaller count, another model), or show the log to see why it dies.',
    { next: ['restartEngine', 'showLog'] },
  );
}
