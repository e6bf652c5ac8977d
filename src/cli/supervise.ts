/**
 * The command line's two processes. A run inside the runtime blocks its process until it is over, signals and all; so the
 * work is done in a child, as the panel's is, and this one does nothing but hear Ctrl-C: the first asks the child to stop
 * after its batch, the second ends it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { say } from './terminal.ts';

/** In the child's environment: it is the one that works. */
const CHILD = 'GENSCOPE_CHILD';
const CANCEL = 'cancel';
/** A system that shuts down waits no longer than this. */
const TERMINATE_MS = 5_000;

export function isChild(): boolean {
  return process.env[CHILD] === '1' && process.send !== undefined;
}

/** Runs the same command line in a child process. @returns its exit code */
export function supervise(argv: readonly string[]): Promise<number> {
  const script = process.argv[1] as string;
  const child = fork(script, argv, {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [CHILD]: '1' },
  });
  let asked = 0;
  process.on('SIGINT', () => {
    asked++;
    if (asked > 1) {
      child.kill('SIGKILL');
      return;
    }
    cancel(child);
    if (process.stderr.isTTY)
      say('\ngenscope: stopping after this batch; press Ctrl-C again to stop at once\n');
  });
  for (const signal of ['SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      asked++;
      cancel(child);
      setTimeout(() => child.kill('SIGKILL'), TERMINATE_MS).unref();
    });
  return new Promise((resolve) => {
    child.once('error', (thrown) => {
      say(`genscope: the engine could not be started: ${thrown.message}\n`);
      resolve(1);
    });
    child.once('exit', (code, signal) => {
      if (code !== null) {
        resolve(code);
        return;
      }
      if (asked > 0) {
        say('genscope: cancelled\n');
        resolve(130);
        return;
      }
      const why = signal === 'SIGKILL' ? '; the machine may have run out of memory' : '';
      say(
        `genscope: the engine stopped unexpectedly (${signal}${why}). Try a smaller batch, or another model.\n`,
      );
      resolve(1);
    });
  });
}

function cancel(child: ChildProcess): void {
  // The channel closes with the child; then there is nothing left to call off.
  if (child.connected) child.send(CANCEL);
}

/** Does the work of the child: cancelled when the parent says so, and ended with it. @returns the exit code */
export async function serve(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const controller = new AbortController();
  // The terminal sends Ctrl-C to both of us; the parent decides what it means.
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  process.on('message', (message) => {
    if (message === CANCEL) controller.abort();
  });
  const orphaned = () => process.exit(130);
  process.once('disconnect', orphaned);
  try {
    return await work(controller.signal);
  } finally {
    process.off('disconnect', orphaned);
    process.disconnect();
  }
}
