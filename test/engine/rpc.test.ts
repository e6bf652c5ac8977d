/** What happens to work whose asker goes away. */
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { GenscopeError } from '../../src/shared/kernel/errors.ts';
import { handleRequest, sendRequest } from '../../src/shared/kernel/rpc.ts';

interface Table {
  work: { params: number; result: string; progress: never };
}

function pair() {
  const [there, back] = [new PassThrough(), new PassThrough()];
  const asker = createMessageConnection(new StreamMessageReader(back), new StreamMessageWriter(there));
  const worker = createMessageConnection(new StreamMessageReader(there), new StreamMessageWriter(back));
  asker.listen();
  worker.listen();
  return { asker, worker };
}

describe('requests', () => {
  it('are called off when the connection they came on is closed', async () => {
    const { asker, worker } = pair();
    let stopped!: () => void;
    const calledOff = new Promise<void>((resolve) => {
      stopped = resolve;
    });
    let began!: () => void;
    const begun = new Promise<void>((resolve) => {
      began = resolve;
    });
    handleRequest<Table, 'work'>(worker, 'work', (_, { signal }) => {
      signal.addEventListener('abort', stopped);
      began();
      return new Promise(() => undefined);
    });
    const answer = sendRequest<Table, 'work'>(asker, 'work', 1).catch((thrown: unknown) => thrown);
    await begun;
    worker.dispose();
    await calledOff;
    asker.dispose();
    expect(await answer).toMatchObject({ code: 'engine.stopped' });
  });

  it('carry what a handler throws, with its code and next step', async () => {
    const { asker, worker } = pair();
    handleRequest<Table, 'work'>(worker, 'work', async () => {
      throw new GenscopeError('model.empty', 'It is empty.', 'Fill it.', {
        next: ['retry'],
        detail: 'zero bytes',
      });
    });
    await expect(sendRequest<Table, 'work'>(asker, 'work', 1)).rejects.toMatchObject({
      code: 'model.empty',
      advice: 'Fill it.',
      next: ['retry'],
      detail: 'zero bytes',
    });
  });

  it('cancelled before they are dispatched are seen as cancelled', async () => {
    const { asker, worker } = pair();
    let aborted = false;
    handleRequest<Table, 'work'>(worker, 'work', async (_, { signal }) => {
      aborted = signal.aborted;
      return 'done';
    });
    const controller = new AbortController();
    const answer = sendRequest<Table, 'work'>(asker, 'work', 1, { signal: controller.signal });
    controller.abort();
    await answer.catch(() => undefined);
    expect(aborted).toBe(true);
  });
});
