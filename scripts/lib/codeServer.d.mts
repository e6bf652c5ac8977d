/** The types of codeServer.mjs, for the TypeScript that uses it; codeServer.mjs is checked against them. */
import type { CodeServerRuntime } from '../ensure.mjs';

export interface CodeServerOptions {
  readonly runtime: CodeServerRuntime;
  /** Holds everything the server writes: user data, extensions, configuration. Short: a socket lies in it. */
  readonly dataDir: string;
  /** User settings on top of the quiet ones that every start writes. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** An extension to install before the start. */
  readonly vsix?: string | readonly string[] | undefined;
  /** 0, the default, takes any free port. */
  readonly port?: number;
}

export interface CodeServer {
  /** http://127.0.0.1:PORT (webviews work on 127.0.0.1 and localhost only). */
  readonly origin: string;
  readonly dataDir: string;
  /** Path of the user's settings.json; the open windows follow its changes. */
  readonly settingsFile: string;
  /** The address that opens a folder. */
  url(folder: string): string;
  /** What the server said so far, and the log files of the extension host and of extensions (*.log under the data). */
  logs(): Promise<string>;
  /** Ends the server and every process it started. May be called twice. */
  stop(): Promise<void>;
}

/** Installs the extension, starts the server, and waits until it answers. */
export declare function startCodeServer(options: CodeServerOptions): Promise<CodeServer>;
