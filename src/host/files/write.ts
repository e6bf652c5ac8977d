/** Writing where a person said, through VS Code's file system. */
import * as vscode from 'vscode';
import { writeFileAtomic } from '../../shared/files/atomic.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';

/** What was there before stays until the new file is whole. @throws GenscopeError `output.notWritable` */
export async function write(place: vscode.Uri, bytes: Uint8Array): Promise<void> {
  // VS Code's own write of a file on disk cuts the old one off first.
  if (place.scheme === 'file') {
    writeFileAtomic(place.fsPath, bytes);
    return;
  }
  try {
    await vscode.workspace.fs.writeFile(place, bytes);
  } catch (thrown) {
    throw new GenscopeError(
      'output.notWritable',
      `${place.fsPath} could not be written.`,
      'Choose another place.',
      {
        detail: String(thrown),
      },
    );
  }
}
