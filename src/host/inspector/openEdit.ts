/** Asks for a saved stack of edits, and reads it. */
import * as vscode from 'vscode';
import { parseEditFile } from '../../shared/edits/editFile.ts';
import { isEditFile } from '../../shared/edits/editGuards.ts';
import type { EditFile } from '../../shared/edits/edits.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { Services } from '../services.ts';
import { home } from './places.ts';

/** @throws GenscopeError `input.invalid`, naming the place in the file that is wrong */
export async function openEdit(services: Services, model: vscode.Uri): Promise<{ file: EditFile | null }> {
  const [picked] =
    (await vscode.window.showOpenDialog({
      defaultUri: home(services, model),
      filters: { 'Genscope Edit': ['json'] },
      title: vscode.l10n.t('Open Edit'),
      openLabel: vscode.l10n.t('Open Edit'),
    })) ?? [];
  if (!picked) return { file: null };
  const file = parseEditFile(await read(picked));
  if (isEditFile(file)) return { file };
  throw new GenscopeError(
    'input.invalid',
    vscode.l10n.t('The edit cannot be used: something in it is larger than any edit needs.'),
    vscode.l10n.t('Correct the file.'),
  );
}

async function read(place: vscode.Uri): Promise<string> {
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(place));
  } catch (thrown) {
    throw new GenscopeError(
      'input.invalid',
      vscode.l10n.t('{0} could not be read.', place.fsPath),
      vscode.l10n.t('Choose another file.'),
      { detail: String(thrown) },
    );
  }
}
