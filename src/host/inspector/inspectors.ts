/** All Inspectors of a window: one per generator, however it was opened, and back again after a reload. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { InspectorPanel } from './inspectorPanel.ts';

export const PANEL_TYPE = 'genscope.inspector';
export const EDITOR_TYPE = 'genscope.editor';

export class Inspectors implements vscode.Disposable, vscode.WebviewPanelSerializer {
  readonly #open = new Map<string, InspectorPanel>();
  readonly #registrations: vscode.Disposable;

  constructor(private readonly services: Services) {
    this.#registrations = vscode.Disposable.from(
      vscode.window.registerWebviewPanelSerializer(PANEL_TYPE, this),
      vscode.window.registerCustomEditorProvider(EDITOR_TYPE, new InspectorEditors(this, services), {
        supportsMultipleEditorsPerDocument: false,
      }),
    );
  }

  /** Whether any of them can be seen. */
  get visible(): boolean {
    return [...this.#open.values()].some(({ panel }) => panel.visible);
  }

  /** The generator whose panel has the focus. */
  get active(): vscode.Uri | undefined {
    return [...this.#open.values()].find(({ panel }) => panel.active)?.model;
  }

  /** Brings the generator's panel to the front, opening it beside the active editor when there is none. */
  show(model: vscode.Uri): InspectorPanel {
    const existing = this.#open.get(model.toString());
    if (existing) {
      existing.reveal();
      return existing;
    }
    const title = vscode.l10n.t('{0} · Genscope', path.posix.basename(model.path));
    // With no editor open, *Beside* would land in an empty second column.
    const panel = vscode.window.createWebviewPanel(
      PANEL_TYPE,
      title,
      { viewColumn: this.#column(), preserveFocus: false },
      {},
    );
    return this.adopt(model, panel);
  }

  /** Makes a given webview panel (new, restored, or a custom editor's) this generator's Inspector. */
  adopt(model: vscode.Uri, panel: vscode.WebviewPanel): InspectorPanel {
    panel.iconPath = vscode.Uri.joinPath(this.services.extensionUri, 'media', 'icon.png');
    const inspector = new InspectorPanel(model, panel, this.services);
    const key = model.toString();
    const before = this.#open.get(key);
    this.#open.set(key, inspector);
    inspector.onDidDispose(() => {
      if (this.#open.get(key) === inspector) this.#open.delete(key);
    });
    // One panel a generator: the one asked for last takes over (its pictures are a function of the same seeds).
    before?.panel.dispose();
    return inspector;
  }

  /** Where the other Inspectors are, else beside the code; with no editor open, *Beside* would be an empty second column. */
  #column(): vscode.ViewColumn {
    for (const { panel } of this.#open.values()) if (panel.viewColumn !== undefined) return panel.viewColumn;
    const anything = vscode.window.tabGroups.all.some((group) => group.tabs.length > 0);
    return anything ? vscode.ViewColumn.Beside : vscode.ViewColumn.One;
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const model = modelOfState(state);
    if (model) this.adopt(model, panel);
    else panel.dispose();
  }

  dispose(): void {
    this.#registrations.dispose();
    for (const inspector of [...this.#open.values()]) inspector.panel.dispose();
  }
}

function modelOfState(state: unknown): vscode.Uri | undefined {
  if (typeof state !== 'object' || state === null || !('model' in state) || typeof state.model !== 'string')
    return undefined;
  try {
    return vscode.Uri.parse(state.model, true);
  } catch {
    // Not a state of ours, whatever it is; the empty panel is closed.
    return undefined;
  }
}

/** *Open With… → Genscope*: the same page as a read-only editor of the file. */
class InspectorEditors implements vscode.CustomReadonlyEditorProvider<vscode.CustomDocument> {
  constructor(
    private readonly inspectors: Inspectors,
    private readonly services: Services,
  ) {}

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  resolveCustomEditor(
    document: vscode.CustomDocument,
    panel: vscode.WebviewPanel,
    token: vscode.CancellationToken,
  ): void {
    if (token.isCancellationRequested) return;
    this.services.log.debug(`opening ${document.uri.toString()} as an editor`);
    this.inspectors.adopt(document.uri, panel);
  }
}
