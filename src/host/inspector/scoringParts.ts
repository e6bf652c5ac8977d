/** Extractor and reference of a generator's scores: chosen by the person, and taken once the engine has tried them. */
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { asGenscopeError, GenscopeError, isCancelled } from '../../shared/kernel/errors.ts';
import type { ExtractorDescription, ReferenceDescription, ReferenceRef } from '../../shared/scores/scores.ts';
import type { ChosenPart, RecentPart, ScoringChoice } from '../../shared/scores/scoring.ts';
import { inceptionPlace, setUpInception } from '../networks/setUpInception.ts';
import type { Services } from '../services.ts';
import type { ChosenExtractor, ChosenReference, ScoringMemory } from '../studies/memory.ts';
import { idOf } from '../studies/memory.ts';
import { home } from './places.ts';

/** The reference's samples are of another seed: the same latents on both sides would make the two sets too alike. */
const REFERENCE_SEED = 2;

interface Described<T> {
  readonly part: ChosenPart<T> | null;
  readonly warnings: readonly string[];
}

export class ScoringParts {
  constructor(
    private readonly services: Services,
    private readonly model: vscode.Uri,
    private readonly memory: ScoringMemory,
  ) {}

  /** On the engine's machine. */
  extractorPath(chosen: ChosenExtractor): string {
    if (chosen.kind === 'demo') return this.#demo('extractor.onnx');
    return chosen.kind === 'inception' ? inceptionPlace(this.services) : chosen.path;
  }

  referenceOf(chosen: ChosenReference, seed: number): ReferenceRef {
    if (chosen.kind === 'demo') return { kind: 'path', path: this.#demo('reference.zip') };
    if (chosen.kind === 'path') return chosen;
    const model = this.services.sidecars.modelRef(vscode.Uri.parse(chosen.uri, true));
    return { kind: 'model', model, seed: seed === REFERENCE_SEED ? REFERENCE_SEED + 1 : REFERENCE_SEED };
  }

  async extractor(signal: AbortSignal): Promise<Described<ExtractorDescription>> {
    const chosen = this.memory.read().extractor;
    if (chosen === null) return { part: null, warnings: [] };
    const about = this.#aboutExtractor(chosen);
    return described(about, async () => {
      const { extractor, warnings } = await this.#tryExtractor(this.extractorPath(chosen), signal);
      return { description: extractor, warnings };
    });
  }

  async reference(signal: AbortSignal): Promise<Described<ReferenceDescription>> {
    const chosen = this.memory.read().reference;
    if (chosen === null) return { part: null, warnings: [] };
    const about = this.#aboutReference(chosen);
    return described(about, async () => {
      const { reference, warnings } = await this.#tryReference(this.referenceOf(chosen, 1), signal);
      return { description: reference, warnings };
    });
  }

  recent(): { extractors: readonly RecentPart[]; references: readonly RecentPart[] } {
    const { extractors, references } = this.memory.recent();
    return {
      extractors: extractors.map((chosen) => ({ id: idOf(chosen), ...this.#aboutExtractor(chosen) })),
      references: references.map((chosen) => ({ id: idOf(chosen), ...this.#aboutReference(chosen) })),
    };
  }

  /** A closed dialog changes nothing. @throws GenscopeError as trying it does */
  async choose(choice: ScoringChoice, signal: AbortSignal): Promise<void> {
    if (choice.part === 'extractor') await this.#chooseExtractor(choice, signal);
    else await this.#chooseReference(choice, signal);
  }

  async #chooseExtractor(
    { from, recent }: Extract<ScoringChoice, { part: 'extractor' }>,
    signal: AbortSignal,
  ): Promise<void> {
    let chosen: ChosenExtractor | null | undefined;
    if (from === 'demo') chosen = { kind: 'demo' };
    else if (from === 'inception') {
      const ready = fs.existsSync(inceptionPlace(this.services)) || (await setUpInception(this.services));
      if (ready) chosen = { kind: 'inception' };
    } else if (from === 'recent')
      chosen = this.memory.recent().extractors.find((one) => idOf(one) === recent);
    else {
      const picked = await this.#open(from, {
        title: vscode.l10n.t('Extractor: an .onnx File, or a Folder with an Image Encoder'),
        openLabel: vscode.l10n.t('Use This Extractor'),
        filters: { ONNX: ['onnx'] },
      });
      if (picked) chosen = { kind: 'path', path: picked };
    }
    if (!chosen) return;
    await this.#tryExtractor(this.extractorPath(chosen), signal);
    await this.memory.update({ extractor: chosen });
  }

  async #chooseReference(
    { from, recent }: Extract<ScoringChoice, { part: 'reference' }>,
    signal: AbortSignal,
  ): Promise<void> {
    if (from === 'none') return this.memory.update({ reference: null });
    let chosen: ChosenReference | undefined;
    if (from === 'demo') chosen = { kind: 'demo' };
    else if (from === 'recent') chosen = this.memory.recent().references.find((one) => idOf(one) === recent);
    else {
      const model = from === 'model';
      const picked = await this.#open(model ? 'file' : from, {
        title: model
          ? vscode.l10n.t('Reference: Another Generator, or a Checkpoint of This One')
          : vscode.l10n.t('Reference: Real Images, or Their Statistics or Features'),
        openLabel: vscode.l10n.t('Compare with This'),
        filters: model
          ? { ONNX: ['onnx'] }
          : { [vscode.l10n.t('Images, statistics, features')]: ['zip', 'npz', 'npy'] },
      });
      if (picked)
        chosen = model
          ? { kind: 'model', uri: vscode.Uri.file(picked).toString() }
          : { kind: 'path', path: picked };
    }
    if (!chosen) return;
    await this.#tryReference(this.referenceOf(chosen, 1), signal);
    await this.memory.update({ reference: chosen });
  }

  async #open(
    what: 'folder' | 'file',
    options: Pick<vscode.OpenDialogOptions, 'title' | 'openLabel' | 'filters'>,
  ): Promise<string | undefined> {
    const folder = what === 'folder';
    const { filters, ...words } = options;
    const [picked] =
      (await vscode.window.showOpenDialog({
        ...{ canSelectFiles: !folder, canSelectFolders: folder, canSelectMany: false },
        ...{ defaultUri: home(this.services, this.model), ...words },
        ...(folder || !filters ? {} : { filters: { ...filters, [vscode.l10n.t('All files')]: ['*'] } }),
      })) ?? [];
    if (!picked) return undefined;
    if (picked.scheme !== 'file') throw notOnDisk(picked);
    return picked.fsPath;
  }

  /** Not in the process of jobs: there it would wait behind them. */
  #tryExtractor(place: string, signal: AbortSignal) {
    const params = { extractor: { path: place } };
    return this.services.engines.interactive.request('describeExtractor', params, { signal });
  }

  #tryReference(reference: ReferenceRef, signal: AbortSignal) {
    return this.services.engines.interactive.request('describeReference', { reference }, { signal });
  }

  #aboutExtractor(chosen: ChosenExtractor): { label: string; place: string } {
    const place = this.extractorPath(chosen);
    if (chosen.kind === 'demo') return { label: vscode.l10n.t('Demo extractor'), place };
    if (chosen.kind === 'inception') return { label: vscode.l10n.t('FID Inception'), place };
    return { label: path.basename(place), place };
  }

  #aboutReference(chosen: ChosenReference): { label: string; place: string } {
    if (chosen.kind === 'demo')
      return { label: vscode.l10n.t('Demo reference'), place: this.#demo('reference.zip') };
    const place = chosen.kind === 'path' ? chosen.path : vscode.Uri.parse(chosen.uri).fsPath;
    return { label: path.basename(place), place };
  }

  #demo(name: string): string {
    return vscode.Uri.joinPath(this.services.extensionUri, 'media', 'demo', name).fsPath;
  }
}

async function described<T>(
  about: { readonly label: string; readonly place: string },
  ask: () => Promise<{ readonly description: T; readonly warnings: readonly string[] }>,
): Promise<Described<T>> {
  try {
    const { description, warnings } = await ask();
    return { part: { ...about, description, problem: null }, warnings };
  } catch (thrown) {
    const error = asGenscopeError(thrown);
    // Says nothing about the file.
    if (isCancelled(error) || /^(engine|internal)/.test(error.code)) throw error;
    const problem = `${error.message} ${error.advice}`;
    return { part: { ...about, description: null, problem }, warnings: [] };
  }
}

function notOnDisk({ scheme }: vscode.Uri): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    vscode.l10n.t('It does not lie on the machine where Genscope runs ({0}:).', scheme),
    vscode.l10n.t('Copy it to a folder there and choose that.'),
  );
}
