/** All of it at once: a server with the extension, a window on a workspace, a folder for pictures. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach } from 'vitest';
import { type Browser, type BrowserOptions, openBrowser } from './browser.ts';
import { openScreenshots, type Screenshots } from './screenshots.ts';
import { type CodeServer, type ServerOptions, startServer } from './server.ts';
import { Workbench } from './workbench.ts';
import { createWorkspace, removeFolder, type WorkspaceEntry } from './workspace.ts';

export interface SessionOptions extends ServerOptions {
  /** The workspace's files, by path. */
  readonly files: Readonly<Record<string, WorkspaceEntry>>;
  readonly browser?: BrowserOptions;
}

export interface Session {
  readonly server: CodeServer;
  readonly browser: Browser;
  readonly page: Page;
  readonly workbench: Workbench;
  readonly screenshots: Screenshots;
  /** Path of the workspace. */
  readonly folder: string;
  close(): Promise<void>;
}

/** Opens VS Code on a new workspace. `suite` names the folder of its screenshots. */
export async function openSession(suite: string, options: SessionOptions): Promise<Session> {
  const undo: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const folder = await createWorkspace(options.files);
    undo.push(() => removeFolder(folder));
    const server = await startServer(options);
    undo.push(() => server.stop());
    const browser = await openBrowser(options.browser);
    undo.push(() => browser.close());
    const workbench = new Workbench(browser.page, server);
    const screenshots = await openScreenshots(suite, () => browser.page);
    await workbench.openFolder(folder);
    return { server, browser, page: browser.page, workbench, screenshots, folder, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** After each failed test of the file: a picture, and what the server, the extensions and the consoles said. */
export function recordFailures(session: () => Session | undefined): void {
  afterEach(async ({ task }) => {
    const open = session();
    if (task.result?.state !== 'fail' || !open) return;
    await open.screenshots.take(`failed ${task.name}`);
    const report = [await open.server.logs(), '===== consoles', ...open.browser.problems].join('\n');
    await writeFile(join(open.screenshots.folder, 'failed.log'), report);
  });
}
