/** The engine process: one serial queue of tasks behind the protocol. Ends with its parent. */
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { handleRequest } from '../shared/kernel/rpc.ts';
import {
  ENGINE_METHODS,
  type EngineMethod,
  type EngineRequests,
  type EngineResult,
} from '../shared/protocol.ts';
import { SerialQueue } from './kernel/queue.ts';
import type { TaskContext } from './models/context.ts';
import { Models } from './models/models.ts';
import { TASKS } from './tasks.ts';

const threads = Number(
  process.argv.find((argument) => argument.startsWith('--threads='))?.slice('--threads='.length) ?? 0,
);
const models = new Models({ threads: Number.isFinite(threads) ? threads : 0 });
const queue = new SerialQueue();
const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));

for (const method of ENGINE_METHODS) {
  handleRequest<EngineRequests, EngineMethod>(connection, method, (params, { signal, report }) => {
    // The table ties each method to its types; a loop over it cannot show that to the compiler.
    const task = TASKS[method] as (
      params: unknown,
      context: TaskContext<unknown>,
    ) => Promise<EngineResult<EngineMethod>>;
    return queue.run(signal, () =>
      task(params, { models, signal, report: report as (progress: unknown) => void }),
    );
  });
}

// Without its host nobody would ever stop this process.
process.on('disconnect', () => process.exit(0));
connection.listen();
