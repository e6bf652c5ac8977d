/**
 * The answers about a model's roles. Kept beside the model once the person has given them; where that folder cannot
 * be written they hold for this window.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import type { ModelRef } from '../shared/protocol.ts';
import type { Roles, Sidecar } from '../shared/roles.ts';

/** `generator.onnx` → `generator.genscope.json`. */
export function sidecarUri(model: vscode.Uri): vscode.Uri {
  const { dir, name } = path.posix.parse(model.path);
  return model.with({ path: path.posix.join(dir, `${name}.genscope.json`) });
}

export class Sidecars {
  readonly #unsaved = new Map<string, Sidecar>();

  /** What the engine needs to open this model: its path here, and answers that could not be kept on disk. */
  modelRef(model: vscode.Uri): ModelRef {
    const sidecar = this.#unsaved.get(model.toString());
    return sidecar ? { path: model.fsPath, sidecar } : { path: model.fsPath };
  }

  /** Writes the answers beside the model, keeping what else the file says (class names). */
  async keep(model: vscode.Uri, roles: Roles): Promise<{ saved: boolean; note: string }> {
    const target = sidecarUri(model);
    const sidecar: Sidecar = {
      ...(await this.#existing(target)),
      schema: 1,
      inputs: roles.inputs,
      outputs: roles.outputs,
    };
    try {
      await vscode.workspace.fs.writeFile(
        target,
        new TextEncoder().encode(`${JSON.stringify(sidecar, null, 2)}\n`),
      );
      this.#unsaved.delete(model.toString());
      return { saved: true, note: vscode.l10n.t('Kept in {0}.', path.posix.basename(target.path)) };
    } catch (thrown) {
      this.#unsaved.set(model.toString(), sidecar);
      const why = thrown instanceof vscode.FileSystemError ? thrown.code : String(thrown);
      return {
        saved: false,
        note: vscode.l10n.t(
          '{0} could not be written ({1}), so the answers hold until this window closes.',
          target.fsPath,
          why,
        ),
      };
    }
  }

  async #existing(target: vscode.Uri): Promise<Partial<Sidecar>> {
    try {
      const value: unknown = JSON.parse(new TextDecoder().decode(await vscode.workspace.fs.readFile(target)));
      return typeof value === 'object' && value !== null ? (value as Partial<Sidecar>) : {};
    } catch {
      // None there yet, or one that cannot be read: the engine has already said so; the new answers replace it.
      return {};
    }
  }
}
