/** The types of vsix.mjs, for the TypeScript that uses it; vsix.mjs is checked against them. */

/** Builds and packages the extension for linux-x64; answers the file's path. The same sources are packaged once. */
export declare function packageVsix(): Promise<string>;
