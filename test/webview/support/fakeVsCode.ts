/** VS Code as far as a page sees it: `acquireVsCodeApi`, and messages both ways. */
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  createMessageConnection,
  type DataCallback,
  type Message,
} from 'vscode-jsonrpc/browser';

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

export const connection = createMessageConnection(new FromPage(), new ToPage());
