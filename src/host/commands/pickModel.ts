/** Which model the palette's *Preview Samples* means: the one in the active tab, else one the person picks. */
import * as vscode from 'vscode';

const MOST_LISTED = 500;

export async function pickModel(): Promise<vscode.Uri | undefined> {
  const active = activeModel();
  if (active) return active;
  const found = await vscode.workspace.findFiles('**/*.onnx', '**/node_modules/**', MOST_LISTED);
  const browse: vscode.QuickPickItem & { uri?: vscode.Uri } = {
    label: vscode.l10n.t('$(folder-opened) Browse…'),
    alwaysShow: true,
  };
  if (found.length === 0) return browseForModel();
  const items = found
    .map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri }))
    .sort((a, b) => a.label.localeCompare(b.label, undefined, { numeric: true }));
  const picked = await vscode.window.showQuickPick([...items, browse], {
    title: vscode.l10n.t('Preview Samples'),
    placeHolder: vscode.l10n.t('Which generator?'),
    matchOnDescription: true,
  });
  if (!picked) return undefined;
  return picked.uri ?? browseForModel();
}

function activeModel(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const uri =
    input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom ? input.uri : undefined;
  return uri?.path.toLowerCase().endsWith('.onnx') ? uri : undefined;
}

async function browseForModel(): Promise<vscode.Uri | undefined> {
  const picked = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('Preview Samples'),
    openLabel: vscode.l10n.t('Preview Samples'),
    filters: { ONNX: ['onnx'], [vscode.l10n.t('All files')]: ['*'] },
  });
  return picked?.[0];
}
