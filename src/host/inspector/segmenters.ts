/** Which segmentation network names a model's units: chosen by the person, and taken once the engine has tried it. */
import * as vscode from 'vscode';
import { asGenscopeError, GenscopeError, isCancelled } from '../../shared/kernel/errors.ts';
import type { PageParams } from '../../shared/pageProtocol.ts';
import type { EngineResult } from '../../shared/protocol.ts';
import { downloadSegmenter } from '../networks/hubDownload.ts';
import type { Services } from '../services.ts';
import type { ChosenSegmenter, DissectionMemory } from '../studies/dissectionMemory.ts';
import { home } from './places.ts';

interface Tried {
  readonly segmenter: EngineResult<'describeSegmenter'>['segmenter'] | null;
  readonly warnings: readonly string[];
}

export class Segmenters {
  /** What the last download had to say. */
  #notes: readonly string[] = [];

  constructor(
    private readonly services: Services,
    private readonly model: vscode.Uri,
    private readonly memory: DissectionMemory,
  ) {}

  /** On the engine's machine. */
  folderOf(chosen: ChosenSegmenter): string {
    return chosen.kind === 'demo'
      ? vscode.Uri.joinPath(this.services.extensionUri, 'media', 'demo', 'segmenter').fsPath
      : chosen.folder;
  }

  /** @throws GenscopeError `segmenter.missing` when none has been chosen */
  required(): ChosenSegmenter {
    const { segmenter } = this.memory.read();
    if (segmenter) return segmenter;
    throw new GenscopeError(
      'segmenter.missing',
      vscode.l10n.t('No segmenter has been chosen.'),
      vscode.l10n.t('Choose one: it tells which pixels show what.'),
    );
  }

  /** The one chosen, described; null with the reason when it cannot be used, or is gone. */
  async describe(signal: AbortSignal): Promise<Tried> {
    const chosen = this.memory.read().segmenter;
    if (!chosen) return { segmenter: null, warnings: [] };
    try {
      const { segmenter, warnings } = await this.#ask(this.folderOf(chosen), signal);
      return { segmenter, warnings: [...this.#notes, ...warnings] };
    } catch (thrown) {
      const error = asGenscopeError(thrown);
      // Says nothing about the segmenter.
      if (isCancelled(error) || /^(engine|internal)/.test(error.code)) throw error;
      return { segmenter: null, warnings: [`${error.message} ${error.advice}`] };
    }
  }

  /** A closed dialog changes nothing. @throws GenscopeError as describing it does */
  async choose({ what }: PageParams<'chooseSegmenter'>, signal: AbortSignal): Promise<void> {
    if (what === 'demo') await this.#keep({ kind: 'demo' });
    else if (what === 'folder') await this.#chooseFolder(signal);
    else {
      await downloadSegmenter(this.services, (folder, notes) =>
        this.#keep({ kind: 'folder', folder }, notes),
      );
    }
  }

  async #chooseFolder(signal: AbortSignal): Promise<void> {
    const [picked] =
      (await vscode.window.showOpenDialog({
        canSelectFiles: false,
        canSelectFolders: true,
        canSelectMany: false,
        defaultUri: home(this.services, this.model),
        title: vscode.l10n.t('Segmenter: a Folder with config.json and an ONNX Model'),
        openLabel: vscode.l10n.t('Use This Segmenter'),
      })) ?? [];
    if (!picked) return;
    if (picked.scheme !== 'file') throw notOnDisk(picked);
    await this.#ask(picked.fsPath, signal);
    await this.#keep({ kind: 'folder', folder: picked.fsPath });
  }

  /** Opened at most once for as long as its files stay what they are: the engine keeps it by stamp. */
  #ask(folder: string, signal: AbortSignal): Promise<EngineResult<'describeSegmenter'>> {
    return this.services.engines.interactive.request('describeSegmenter', { folder }, { signal });
  }

  async #keep(segmenter: ChosenSegmenter, notes: readonly string[] = []): Promise<void> {
    this.#notes = notes;
    await this.memory.update({ segmenter });
  }
}

function notOnDisk({ scheme }: vscode.Uri): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    vscode.l10n.t('The folder does not lie on the machine where Genscope runs ({0}:).', scheme),
    vscode.l10n.t('Copy it to a folder there and choose that.'),
  );
}
