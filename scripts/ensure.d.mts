/** The types of ensure.mjs, for the TypeScript that uses it; ensure.mjs is checked against them. */

/** `npm ci` in the repository, unless node_modules already holds what package-lock.json says. */
export declare function ensureDependencies(): Promise<void>;

/** The path of a Chromium or Chrome; installs Debian's where there is none. `CHROMIUM_PATH` goes first. */
export declare function ensureChromium(): Promise<string>;

/** On Linux, strace, by which a test sees that no socket is opened; installs Debian's where there is none. */
export declare function ensureStrace(): Promise<void>;

/** Node 24 and code-server's entry script, installed into `.cache/code-server` on first use. */
export declare function ensureCodeServer(): Promise<CodeServerRuntime>;

export interface CodeServerRuntime {
  /** Path of the Node 24 binary that code-server runs on. */
  readonly node: string;
  /** Path of code-server's entry script. */
  readonly entry: string;
}
