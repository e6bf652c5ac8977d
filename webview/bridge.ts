/**
 * The page's end of the line to the host: `vscode-jsonrpc` over `postMessage`. Only messages in JSON-RPC's form get in,
 * so that whatever else is posted to this window (by VS Code or an extension of the browser) is ignored.
 */
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  createMessageConnection,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageConnection,
} from 'vscode-jsonrpc/browser';
import { type RequestOptions, sendRequest } from '../src/shared/kernel/rpc.ts';
import {
  PAGE_HELLO,
  type PageMethod,
  type PageNotifications,
  type PageParams,
  type PageProgress,
  type PageRequests,
  type PageResult,
} from '../src/shared/pageProtocol.ts';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

export interface Bridge {
  request<M extends PageMethod>(
    method: M,
    params: PageParams<M>,
    options?: RequestOptions<PageProgress<M>>,
  ): Promise<PageResult<M>>;
  on<N extends keyof PageNotifications>(name: N, handler: (params: unknown) => void): void;
  /** What the page kept before a reload, as it was written: not to be trusted unread. */
  getState(): unknown;
  setState(state: unknown): void;
}

export function connectBridge(): Bridge {
  const api = acquireVsCodeApi();
  const connection: MessageConnection = createMessageConnection(new WindowReader(), new ApiWriter(api));
  connection.listen();
  api.postMessage(PAGE_HELLO);
  return {
    request: (method, params, options) =>
      sendRequest<PageRequests, typeof method>(connection, method, params, options),
    on: (name, handler) => void connection.onNotification(name, handler),
    getState: () => api.getState(),
    setState: (state) => api.setState(state),
  };
}

class WindowReader extends AbstractMessageReader {
  listen(callback: DataCallback): Disposable {
    const listener = (event: MessageEvent<unknown>) => {
      if (isRpcMessage(event.data)) callback(event.data);
    };
    window.addEventListener('message', listener);
    return { dispose: () => window.removeEventListener('message', listener) };
  }
}

class ApiWriter extends AbstractMessageWriter {
  readonly #api: VsCodeApi;

  constructor(api: VsCodeApi) {
    super();
    this.#api = api;
  }

  async write(message: Message): Promise<void> {
    this.#api.postMessage(message);
  }

  end(): void {}
}

function isRpcMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null) return false;
  return 'jsonrpc' in value && value.jsonrpc === '2.0' && ('method' in value || 'id' in value);
}
