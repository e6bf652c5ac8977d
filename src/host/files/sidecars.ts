/**
 * The answers about a model's roles. Kept beside the model once the person has given them; where that folder cannot
 * be written they hold for this window.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import type { Roles, Sidecar } from '../../shared/generator/roles.ts';
import { asGenscopeError, GenscopeError } from '../../shared/kernel/errors.ts';
import type { ModelRef } from '../../shared/protocol.ts';
import { write } from './write.ts';

/** `generator.onnx` → `generator.genscope.json`. */
export function sidecarUri(model: vscode.Uri): vscode.Uri {
  const { dir, name } = path.posix.parse(model.path);
  return model.with({ path: path.posix.join(dir, `${name}.genscope.json`) });
}

export class Sidecars {
  readonly #unsaved = new Map<string, Sidecar>();

  /** What the engine needs to open this model: its path here, and answers that could not be kept on disk. */
  modelRef(model: vscode.Uri): ModelRef {
    if (model.scheme !== 'file') throw notOnDisk(model);
    const sidecar = this.#unsaved.get(model.toString());
    return sidecar ? { path: model.fsPath, sidecar } : { path: model.fsPath };
  }

  /** The model as these answers would have it, without keeping them. */
  async trial(model: vscode.Uri, roles: Roles): Promise<ModelRef> {
    return { ...this.modelRef(model), sidecar: await this.#with(model, roles) };
  }

  /** Writes the answers beside the model, keeping what else the file says (class names). */
  async keep(model: vscode.Uri, roles: Roles): Promise<{ saved: boolean; note: string }> {
    const target = sidecarUri(model);
    const sidecar = await this.#with(model, roles);
    try {
      await write(target, new TextEncoder().encode(`${JSON.stringify(sidecar, null, 2)}\n`));
      this.#unsaved.delete(model.toString());
      return { saved: true, note: vscode.l10n.t('Kept in {0}.', path.posix.basename(target.path)) };
    } catch (thrown) {
      this.#unsaved.set(model.toString(), sidecar);
      const note = vscode.l10n.t('The answers hold until this window closes.');
      return { saved: false, note: `${asGenscopeError(thrown).message} ${note}` };
    }
  }

  /** What else the sidecar says (names of classes) stays. */
  async #with(model: vscode.Uri, roles: Roles): Promise<Sidecar> {
    const kept = await this.#existing(sidecarUri(model));
    return { ...kept, schema: 1, inputs: roles.inputs, outputs: roles.outputs };
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

function notOnDisk(model: vscode.Uri): GenscopeError {
  const says = vscode.l10n.t(
    'This model is not a file on the machine where Genscope runs ({0}:).',
    model.scheme,
  );
  return new GenscopeError(
    'model.unsupported',
    says,
    vscode.l10n.t('Save it to a folder and open it from there.'),
  );
}
