/** Shows a saved file or folder where this kind of window can: only a desktop window has a file manager beside it. */
import * as vscode from 'vscode';

export async function revealPlace(place: vscode.Uri): Promise<void> {
  const desktop = vscode.env.uiKind === vscode.UIKind.Desktop && vscode.env.remoteName === undefined;
  if (desktop) {
    await vscode.commands.executeCommand('revealFileInOS', place);
  } else if (vscode.workspace.getWorkspaceFolder(place)) {
    await vscode.commands.executeCommand('revealInExplorer', place);
  } else if ((await vscode.workspace.fs.stat(place)).type === vscode.FileType.File) {
    await vscode.commands.executeCommand('vscode.open', place);
  } else {
    await vscode.window.showInformationMessage(vscode.l10n.t('Saved in {0}', place.fsPath));
  }
}
