/** Asks for the .npy whose rows an `embedding` input is fed with. */
import path from 'node:path';
import * as vscode from 'vscode';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { isInnerPath } from '../../shared/kernel/paths.ts';

/** @returns its path relative to the model's folder, with forward slashes, as the sidecar keeps it; null when none was chosen */
export async function chooseEmbedding(model: vscode.Uri, input: string): Promise<{ file: string | null }> {
  const folder = vscode.Uri.joinPath(model, '..');
  const [picked] =
    (await vscode.window.showOpenDialog({
      defaultUri: folder,
      filters: { NumPy: ['npy'] },
      title: vscode.l10n.t('Rows for {0}', input),
      openLabel: vscode.l10n.t('Use These Rows'),
    })) ?? [];
  if (!picked) return { file: null };
  if (picked.scheme !== 'file' || folder.scheme !== 'file') {
    throw new GenscopeError(
      'input.invalid',
      vscode.l10n.t('The array does not lie on the machine where Genscope runs ({0}:).', picked.scheme),
      vscode.l10n.t('Save it beside the model and choose it from there.'),
    );
  }
  const file = path.relative(folder.fsPath, picked.fsPath).split(path.sep).join('/');
  // A sidecar travels with its model, so what it names has to lie where both go.
  if (!isInnerPath(file)) {
    throw new GenscopeError(
      'input.invalid',
      vscode.l10n.t('{0} does not lie in the model’s folder or below it.', path.basename(picked.fsPath)),
      vscode.l10n.t('Copy it beside the model and choose it from there.'),
    );
  }
  return { file };
}
