/**
 * VS Code as far as a page sees it: `acquireVsCodeApi`, and messages both ways. With GENSCOPE_TEST_DELAY each
 * message takes up to so many milliseconds, at random and in order, as on a busy machine.
 */
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  createMessageConnection,
  type DataCallback,
  type Message,
} from 'vscode-jsonrpc/browser';
import { LONGEST_DELAY, noteEvent, RECORD, record } from './record.ts';

Reflect.set(window, RECORD, record);
const longest = (Reflect.get(window, LONGEST_DELAY) as number | undefined) ?? 0;

/** Posted after each message; the page takes it for one that is none of its own. */
const ARRIVED = 'genscope:arrived';

/** One direction of the line. What is sent later arrives later, whatever the timers say. */
function line(
  direction: 'toHost' | 'toPage',
  arrive: (message: unknown) => void,
): (message: unknown) => void {
  const waiting: unknown[] = [];
  let last = 0;
  return (message) => {
    noteEvent();
    record.underWay[direction]++;
    waiting.push(structuredClone(message));
    last = Math.max(last, performance.now() + Math.random() * longest);
    setTimeout(() => arrive(waiting.shift()), last - performance.now());
  };
}

function received(direction: 'toHost' | 'toPage'): void {
  record.underWay[direction]--;
  noteEvent();
}

let deliver: DataCallback = () => {};
const toHost = line('toHost', (message) => {
  received('toHost');
  if (typeof message === 'object' && message !== null && 'jsonrpc' in message) deliver(message as Message);
});
const toPage = line('toPage', (message) => {
  window.postMessage(message, '*');
  // Messages of one window arrive in order, so this one says that the other has.
  window.postMessage(ARRIVED, '*');
});

// A page that answers at once has answered by the next task.
window.addEventListener('message', ({ data }) => {
  if (data === ARRIVED) setTimeout(() => received('toPage'));
});

class FromPage extends AbstractMessageReader {
  listen(callback: DataCallback) {
    deliver = callback;
    return { dispose: () => {} };
  }
}
class ToPage extends AbstractMessageWriter {
  async write(message: Message) {
    toPage(message);
  }
  end() {}
}

window.acquireVsCodeApi = () => ({
  postMessage: (message: object) => toHost(message),
  getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null'),
  setState: (state: unknown) => sessionStorage.setItem('state', JSON.stringify(state)),
});

export const connection = createMessageConnection(new FromPage(), new ToPage());
