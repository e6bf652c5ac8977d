/** The engine as a process: cancelling, dying, restarting, idling; through the host's own client. */
import { describe, expect, it } from 'vitest';
import { GenscopeError } from '../../src/shared/kernel/errors.ts';
import { collector, DEMO, seeds, startEngine, until } from './support/engine.ts';

const model = { path: DEMO };
const request = (count: number) => ({ model, plan: seeds(count), maxSide: 64, encoding: 'rgba' as const });

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(GenscopeError);
  return (thrown as GenscopeError).code;
}

describe('the engine process', () => {
  it('starts with the first request and answers', async () => {
    const { client, states } = startEngine();
    expect(client.pid).toBeUndefined();
    const got = collector();
    const result = await client.request('sample', request(5), { onProgress: got.onProgress });
    expect(result.count).toBe(5);
    expect(got.pixels()).toHaveLength(5 * 64 * 64 * 4);
    expect(states).toEqual(['starting', 'ready']);
  });

  it('stops between batches when cancelled, keeps its process, and answers the next request', async () => {
    const { client } = startEngine();
    await client.request('sample', request(1));
    const pid = client.pid;
    const controller = new AbortController();
    let frames = 0;
    const started = Date.now();
    const code = await codeOf(
      client.request('sample', request(20_000), {
        signal: controller.signal,
        onProgress: () => {
          if (++frames === 2) controller.abort();
        },
      }),
    );
    expect(code).toBe('request.cancelled');
    // 20,000 samples take far longer than this: a hang guard, not a timing.
    expect(Date.now() - started).toBeLessThan(10_000);
    expect((await client.request('sample', request(2))).count).toBe(2);
    expect(client.pid).toBe(pid);
  });

  it('answers a request at once that is cancelled while it waits, and leaves the running one alone', async () => {
    const { client, states } = startEngine({ hardCancelMs: 200 });
    await client.request('sample', request(1));
    const pid = client.pid;
    const controller = new AbortController();
    let firstEnded = false;
    const first = client.request('sample', request(1500)).finally(() => {
      firstEnded = true;
    });
    const got = collector();
    const options = { signal: controller.signal, onProgress: got.onProgress };
    const second = codeOf(client.request('sample', request(8), options));
    controller.abort();
    expect(await second).toBe('request.cancelled');
    expect(firstEnded).toBe(false);
    // Longer than the hard cancel takes: a kill would have taken the first one along.
    expect((await first).count).toBe(1500);
    expect(client.pid).toBe(pid);
    expect(got.frames).toHaveLength(0);
    expect(states).toEqual(['starting', 'ready']);
  });

  it('gives what waited behind a killed run to the next process', async () => {
    const { client } = startEngine({ hardCancelMs: 50 });
    await client.request('sample', request(1));
    const pid = client.pid as number;
    const controller = new AbortController();
    const stuck = codeOf(
      client.request('sample', request(20_000), {
        signal: controller.signal,
        onProgress: () => {
          process.kill(pid, 'SIGSTOP');
          controller.abort();
        },
      }),
    );
    const waiting = client.request('sample', request(3));
    expect(await stuck).toBe('request.cancelled');
    expect((await waiting).count).toBe(3);
    expect(client.pid).not.toBe(pid);
  });

  it('is killed when a cancelled run does not end in time, and starts anew', async () => {
    const { client, states } = startEngine({ hardCancelMs: 50 });
    await client.request('sample', request(1));
    const pid = client.pid as number;
    const controller = new AbortController();
    const onProgress = () => {
      // A stopped process stands for a run inside the native module that will not end.
      process.kill(pid, 'SIGSTOP');
      controller.abort();
    };
    expect(
      await codeOf(client.request('sample', request(20_000), { signal: controller.signal, onProgress })),
    ).toBe('request.cancelled');
    expect((await client.request('sample', request(1))).count).toBe(1);
    expect(client.pid).not.toBe(pid);
    expect(states).not.toContain('crashed');
  });

  it('rejects every pending request when it dies, says so, and comes back with the next one', async () => {
    const { client, states, log } = startEngine();
    await client.request('sample', request(1));
    const pending = [
      codeOf(client.request('sample', request(20_000))),
      codeOf(client.request('describe', { model, depth: 'quick' })),
    ];
    await new Promise((resolve) => setTimeout(resolve, 100));
    process.kill(client.pid as number, 'SIGKILL');
    expect(await Promise.all(pending)).toEqual(['engine.crashed', 'engine.crashed']);
    expect(states.at(-1)).toBe('crashed');
    expect(log.join('\n')).toContain('signal SIGKILL');
    expect((await client.request('sample', request(1))).count).toBe(1);
  });

  it('gives up after three deaths within a minute, until it is restarted by hand', async () => {
    const { client } = startEngine();
    for (let death = 0; death < 3; death++) {
      await client.request('sample', request(1));
      const pending = codeOf(client.request('sample', request(20_000)));
      process.kill(client.pid as number, 'SIGKILL');
      expect(await pending).toBe('engine.crashed');
    }
    expect(await codeOf(client.request('sample', request(1)))).toBe('engine.dying');
    client.restart();
    expect((await client.request('sample', request(1))).count).toBe(1);
  });

  it('stops when idle and starts again on demand', async () => {
    const { client, states } = startEngine({ idleMs: 50 });
    await client.request('sample', request(1));
    await until(() => client.pid === undefined);
    expect(states.at(-1)).toBe('stopped');
    expect((await client.request('sample', request(1))).count).toBe(1);
  });

  it('says so when the program that should run it is not there', async () => {
    const { client, log } = startEngine({ execPath: '/nonexistent/node' });
    const error = await client
      .request('sample', request(1))
      .catch((thrown: unknown) => thrown as GenscopeError);
    expect(error).toMatchObject({ code: 'engine.crashed' });
    expect((error as GenscopeError).message).toContain('genscope.engine.nodePath');
    expect(log.join('\n')).toContain('ENOENT');
  });

  it('ends with its host', async () => {
    const { client } = startEngine();
    await client.request('sample', request(1));
    const pid = client.pid as number;
    client.dispose();
    await until(() => {
      try {
        process.kill(pid, 0);
        return false;
      } catch {
        return true;
      }
    });
    expect(await codeOf(client.request('sample', request(1)))).toBe('engine.stopped');
  });

  it('does not hold up its host while it works', async () => {
    const { client } = startEngine();
    await client.request('sample', request(1));
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    await client.request('sample', request(512), { onProgress: () => undefined });
    clearInterval(timer);
    // A generous guard; the benchmark measures the real figure.
    expect(longest).toBeLessThan(500);
  });
});
