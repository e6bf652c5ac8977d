/** Throw-away folders to open. */
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A file's content, or the path of a file or folder to copy. */
export type WorkspaceEntry = string | Uint8Array | { readonly copy: string };

/** A new folder under the system's temporary one; its path is the real one, as VS Code will show it. */
export async function temporaryFolder(prefix: string): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), prefix)));
}

/** A workspace with these files; answers its path. */
export async function createWorkspace(entries: Readonly<Record<string, WorkspaceEntry>>): Promise<string> {
  const folder = await temporaryFolder('gs-ws-');
  for (const [name, entry] of Object.entries(entries)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    if (typeof entry === 'string' || entry instanceof Uint8Array) await writeFile(path, entry);
    else await cp(entry.copy, path, { recursive: true });
  }
  return folder;
}

/** Removes a folder, also while a process that is just ending still writes into it. */
export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
