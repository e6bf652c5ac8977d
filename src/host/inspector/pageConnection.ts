/**
 * The host's end of one page: JSON-RPC over `postMessage`. A webview that is hidden and shown again is a new page
 * behind the same object; its request numbers start anew, so each page introduces itself and gets a connection of
 * its own, and answers to its predecessor go nowhere.
 */

import type * as vscode from 'vscode';
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  createMessageConnection,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageConnection,
  type MessageReader,
  type MessageWriter,
} from 'vscode-jsonrpc/node';
import { isPageHello } from '../../shared/pageProtocol.ts';

class PageReader extends AbstractMessageReader implements MessageReader {
  #callback: DataCallback | undefined;

  listen(callback: DataCallback): Disposable {
    this.#callback = callback;
    return { dispose: () => (this.#callback = undefined) };
  }

  deliver(message: Message): void {
    this.#callback?.(message);
  }
}

class PageWriter extends AbstractMessageWriter implements MessageWriter {
  constructor(private readonly webview: vscode.Webview) {
    super();
  }

  async write(message: Message): Promise<void> {
    // Answers false when the page is hidden; a hidden page asks again when it comes back.
    await this.webview.postMessage(message);
  }

  end(): void {}
}

export class PageChannel {
  readonly #subscription: vscode.Disposable;
  #reader: PageReader | undefined;
  #connection: MessageConnection | undefined;

  /** @param onPage called with the connection of each page that introduces itself, before it listens */
  constructor(webview: vscode.Webview, onPage: (connection: MessageConnection) => void) {
    this.#subscription = webview.onDidReceiveMessage((data: unknown) => {
      if (isPageHello(data)) {
        this.#connection?.dispose();
        this.#reader = new PageReader();
        this.#connection = createMessageConnection(this.#reader, new PageWriter(webview));
        onPage(this.#connection);
        this.#connection.listen();
      } else if (isRpcMessage(data)) {
        this.#reader?.deliver(data);
      }
    });
  }

  get connection(): MessageConnection | undefined {
    return this.#connection;
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#connection?.dispose();
  }
}

function isRpcMessage(data: unknown): data is Message {
  return typeof data === 'object' && data !== null && 'jsonrpc' in data && data.jsonrpc === '2.0';
}
