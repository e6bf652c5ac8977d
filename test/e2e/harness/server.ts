/** One VS Code server per suite, on data of its own that goes when it stops. */
import { join } from 'node:path';
import { ensureCodeServer } from '../../../scripts/ensure.mjs';
import { type CodeServer, startCodeServer } from '../../../scripts/lib/codeServer.mjs';
import { type ThemeName, themeId } from './themes.ts';
import { removeFolder, temporaryFolder } from './workspace.ts';

export type { CodeServer };

export interface ServerOptions {
  /** The extension to install, or several. */
  readonly vsix?: string | readonly string[] | undefined;
  readonly theme?: ThemeName | undefined;
  /** User settings, on top of the quiet ones. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
}

/** A folder that holds one folder only keeps a row of its own, so that every row has one name. */
const TEST_SETTINGS = { 'explorer.compactFolders': false };

/** Starts a server on a free port; `stop` ends its whole process group and removes its data. */
export async function startServer({ vsix, theme, settings }: ServerOptions = {}): Promise<CodeServer> {
  const runtime = await ensureCodeServer();
  // A short path: VS Code puts sockets inside, whose paths may have 107 bytes.
  const dataDir = await temporaryFolder('gs-vs-');
  try {
    const server = await startCodeServer({
      runtime,
      dataDir,
      vsix,
      settings: { ...TEST_SETTINGS, ...(theme && { 'workbench.colorTheme': themeId(theme) }), ...settings },
    });
    const stop = async () => {
      await server.stop();
      await removeFolder(dataDir);
    };
    return { ...server, stop };
  } catch (error) {
    await removeFolder(dataDir);
    throw error;
  }
}

/** Path of the folder that holds the installed extensions of a server. */
export function extensionsFolder(server: CodeServer): string {
  return join(server.dataDir, 'extensions');
}
