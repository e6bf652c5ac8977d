/** Which model a command of the palette means: the one in the active tab, else one the person picks. */
import * as vscode from 'vscode';

const MOST_LISTED = 500;

/** @param title what will be done with it */
export async function pickModel(title: string): Promise<vscode.Uri | undefined> {
  const active = activeModel();
  if (active) return active;
  const found = await vscode.workspace.findFiles('**/*.onnx', '**/node_modules/**', MOST_LISTED);
  const browse: vscode.QuickPickItem & { uri?: vscode.Uri } = {
    label: vscode.l10n.t('$(folder-opened) Browse…'),
    alwaysShow: true,
  };
  if (found.length === 0) return browseForModel(title);
  const items = found
    .map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri }))
    .sort((a, b) => a.label.localeCompare(b.label, undefined, { numeric: true }));
  const picked = await vscode.window.showQuickPick([...items, browse], {
    title,
    placeHolder: vscode.l10n.t('Which generator?'),
    matchOnDescription: true,
  });
  if (!picked) return undefined;
  return picked.uri ?? browseForModel(title);
}

function activeModel(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const uri =
    input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom ? input.uri : undefined;
  return uri?.path.toLowerCase().endsWith('.onnx') ? uri : undefined;
}

async function browseForModel(title: string): Promise<vscode.Uri | undefined> {
  const picked = await vscode.window.showOpenDialog({
    title,
    openLabel: title,
    filters: { ONNX: ['onnx'], [vscode.l10n.t('All files')]: ['*'] },
  });
  return picked?.[0];
}
