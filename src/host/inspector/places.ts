/** Where files go that a person saves. */
import os from 'node:os';
import * as vscode from 'vscode';
import type { Services } from '../services.ts';

/** Beside the model; for the demo that comes with us not there, where the next update would take it away. */
export function home({ extensionUri }: Services, model: vscode.Uri): vscode.Uri {
  const ours = model.path.startsWith(`${extensionUri.path}/`);
  const workspace = vscode.workspace.workspaceFolders?.[0]?.uri;
  return ours ? (workspace ?? vscode.Uri.file(os.homedir())) : vscode.Uri.joinPath(model, '..');
}

/** A folder that is not there yet: files of an earlier export are the person's, and stay. */
export async function freshFolder(parent: vscode.Uri, name: string): Promise<string> {
  for (let number = 1; ; number++) {
    const place = vscode.Uri.joinPath(parent, number === 1 ? name : `${name}-${number}`);
    const taken = await vscode.workspace.fs.stat(place).then(
      () => true,
      () => false,
    );
    if (!taken) return place.fsPath;
  }
}

/** A proposal for a file name without characters that some system refuses. */
export function safeName(name: string): string {
  return name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+/, '') || 'samples';
}
