/** Tells when the model on show changes on disk. An exporter writes in many small steps; one message after the last. */
import path from 'node:path';
import * as vscode from 'vscode';

type Reason = 'changed' | 'deleted' | 'created';

const QUIET_MS = 400;

export class ModelWatcher implements vscode.Disposable {
  readonly #watcher: vscode.FileSystemWatcher;
  #timer: NodeJS.Timeout | undefined;

  constructor(model: vscode.Uri, onEvent: (reason: Reason) => void) {
    const folder = vscode.Uri.joinPath(model, '..');
    const name = path.posix.basename(model.path);
    // Exporters keep large weights in generator.onnx.data or generator.onnx_data beside the graph. Glob characters in a
    // file name stand for themselves here.
    const quoted = name.replace(/[[\]{}()*?!]/g, (character) => `[${character}]`);
    const pattern = `{${quoted},${quoted}.data,${quoted}_data}`;
    this.#watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, pattern));
    const soon = (reason: Reason) => () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => onEvent(reason), QUIET_MS);
    };
    this.#watcher.onDidChange(soon('changed'));
    this.#watcher.onDidCreate(soon('created'));
    this.#watcher.onDidDelete(soon('deleted'));
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#watcher.dispose();
  }
}
