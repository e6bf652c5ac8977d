import { describe, expect, it } from 'vitest';
import { Newest } from '../../../src/host/process/newest.ts';

/** Work that ends when it is told to, or when it is called off. */
function work() {
  let finish: (value: string) => void = () => undefined;
  const run = (signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      finish = resolve;
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  return { run, finish: (value: string) => finish(value) };
}

describe('Newest', () => {
  it('calls off what is overtaken, and nothing else', async () => {
    const newest = new Newest();
    const { signal } = new AbortController();
    const [first, second, third] = [work(), work(), work()];
    const one = newest.run(signal, first.run);
    const two = newest.run(signal, second.run);
    await expect(one).rejects.toMatchObject({ code: 'request.cancelled' });
    second.finish('two');
    expect(await two).toBe('two');
    const three = newest.run(signal, third.run);
    third.finish('three');
    expect(await three).toBe('three');
  });

  it('passes on the caller’s own wish, before and while it works', async () => {
    const newest = new Newest();
    const caller = new AbortController();
    const running = newest.run(caller.signal, work().run);
    caller.abort();
    await expect(running).rejects.toMatchObject({ code: 'request.cancelled' });
    const seen = await newest.run(caller.signal, async (signal) => signal.aborted);
    expect(seen).toBe(true);
  });
});
