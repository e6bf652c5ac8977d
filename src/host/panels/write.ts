/** Writing where a person said, through VS Code's file system. */
import * as vscode from 'vscode';
import { GenscopeError } from '../../shared/errors.ts';

/** @throws GenscopeError `output.notWritable` */
export async function write(place: vscode.Uri, bytes: Uint8Array): Promise<void> {
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
