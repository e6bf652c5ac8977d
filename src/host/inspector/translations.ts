/**
 * What a person has chosen for an image-to-image model: folders or files of pictures for either way, and the second
 * generator of a CycleGAN. Kept in the workspace's state by model, so that a reload brings it back; a page never
 * names a file.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { RequestContext } from '../../shared/kernel/rpc.ts';
import type { PageParams, TranslationSetup, TranslationWay } from '../../shared/pageProtocol.ts';
import type { Translated, TranslateParams, TranslateResult } from '../../shared/protocol.ts';
import type { Services } from '../services.ts';
import { frameEncoding } from '../settings.ts';
import { countPictures, PICTURE_EXTENSIONS } from './pictures.ts';

/** URIs, as strings: what a Memento can hold. */
interface Kept {
  readonly inputs: Readonly<Partial<Record<TranslationWay, readonly string[]>>>;
  readonly second: string | null;
}

const NOTHING: Kept = { inputs: {}, second: null };

export class Translations {
  readonly #key: string;

  constructor(
    private readonly services: Services,
    private readonly model: vscode.Uri,
  ) {
    this.#key = `translation:${model.toString()}`;
  }

  async setup(): Promise<TranslationSetup> {
    const { inputs, second } = this.#kept();
    const [forth, back] = await Promise.all([chosen(inputs.forth), chosen(inputs.back)]);
    return {
      inputs: { forth, back },
      second: second === null ? null : path.posix.basename(vscode.Uri.parse(second).path),
    };
  }

  /** Asks, keeps the answer, and tells what is chosen now; a closed dialog changes nothing. */
  async choose(
    { what, way }: PageParams<'chooseTranslation'>,
    signal: AbortSignal,
  ): Promise<TranslationSetup> {
    const kept = this.#kept();
    if (what === 'noSecond') await this.#keep({ ...kept, second: null });
    else if (what === 'second') {
      const second = await this.#askSecond(signal);
      if (second) await this.#keep({ ...kept, second: second.toString() });
    } else {
      const pictures = await (what === 'folder' ? this.#askFolder() : this.#askFiles());
      if (pictures.length > 0) {
        const inputs = { ...kept.inputs, [way]: pictures.map((uri) => uri.toString()) };
        await this.#keep({ ...kept, inputs });
      }
    }
    return this.setup();
  }

  /** Fills in the paths and has the engine translate. The stamp is the panel's model's, so it goes with that alone. */
  async translate(
    { way, first, count, blur, maxSide, stamp }: PageParams<'translate'>,
    { signal, report }: RequestContext<Translated>,
  ): Promise<TranslateResult> {
    const { sidecars, engines } = this.services;
    const kept = this.#kept();
    const inputs = kept.inputs[way]?.map((uri) => vscode.Uri.parse(uri).fsPath);
    if (!inputs) throw nothingChosen();
    const ours = sidecars.modelRef(this.model);
    const second = kept.second === null ? undefined : sidecars.modelRef(vscode.Uri.parse(kept.second));
    if (way === 'back' && !second) throw nothingChosen();
    const [model, back] = way === 'back' && second ? [second, ours] : [ours, second];
    const params: TranslateParams = {
      model,
      ...(model === ours ? { stamp } : {}),
      inputs,
      first,
      count,
      ...(back ? { back } : {}),
      blur,
      maxSide,
      encoding: frameEncoding(),
    };
    return engines.interactive.request('translate', params, { signal, onProgress: report });
  }

  async #askFolder(): Promise<readonly vscode.Uri[]> {
    return onDisk(
      await vscode.window.showOpenDialog({
        canSelectFiles: false,
        canSelectFolders: true,
        canSelectMany: false,
        defaultUri: this.#home(),
        title: vscode.l10n.t('Pictures to Translate'),
        openLabel: vscode.l10n.t('Translate Pictures in Here'),
      }),
    );
  }

  async #askFiles(): Promise<readonly vscode.Uri[]> {
    return onDisk(
      await vscode.window.showOpenDialog({
        canSelectMany: true,
        defaultUri: this.#home(),
        filters: { [vscode.l10n.t('Pictures')]: [...PICTURE_EXTENSIONS] },
        title: vscode.l10n.t('Pictures to Translate'),
        openLabel: vscode.l10n.t('Translate'),
      }),
    );
  }

  /** The other generator, once the engine has said that it is one: a later failure would not tell which of the two it means. */
  async #askSecond(signal: AbortSignal): Promise<vscode.Uri | undefined> {
    const [second] = onDisk(
      await vscode.window.showOpenDialog({
        defaultUri: this.#home(),
        filters: { ONNX: ['onnx'] },
        title: vscode.l10n.t('Second Generator: the Way Back'),
        openLabel: vscode.l10n.t('Use as Second Generator'),
      }),
    );
    if (!second) return undefined;
    const { engines, sidecars } = this.services;
    const model = sidecars.modelRef(second);
    const { refusal, imageInput, needsAnswers } = await engines.interactive.request(
      'describe',
      { model, depth: 'quick' },
      { signal },
    );
    const name = path.posix.basename(second.path);
    if (needsAnswers) throw unanswered(name);
    if (refusal) throw GenscopeError.fromData(refusal);
    if (imageInput === null) throw notTranslating(name);
    return second;
  }

  #home(): vscode.Uri {
    return vscode.Uri.joinPath(this.model, '..');
  }

  #kept(): Kept {
    const value = this.services.state.get<Kept>(this.#key);
    return { ...NOTHING, ...value };
  }

  async #keep(kept: Kept): Promise<void> {
    await this.services.state.update(this.#key, kept);
  }
}

/** How it is called on the page, and how many pictures it holds; null when there is nothing, or nothing any more. */
async function chosen(kept: readonly string[] | undefined): Promise<TranslationSetup['inputs']['forth']> {
  const uris = (kept ?? []).map((uri) => vscode.Uri.parse(uri));
  const [first] = uris;
  if (!first) return null;
  try {
    const pictures = await countPictures(uris);
    const label =
      uris.length === 1 ? path.posix.basename(first.path) : vscode.l10n.t('{0} files', uris.length);
    return { label, pictures };
  } catch (thrown) {
    // Moved or deleted since: as if nothing had been chosen, which the page offers to mend.
    if (thrown instanceof vscode.FileSystemError) return null;
    throw thrown;
  }
}

/** @throws GenscopeError when something was picked that the engine's machine has no path for */
function onDisk(picked: readonly vscode.Uri[] | undefined): readonly vscode.Uri[] {
  const elsewhere = picked?.find(({ scheme }) => scheme !== 'file');
  if (elsewhere) {
    throw new GenscopeError(
      'input.invalid',
      vscode.l10n.t(
        '{0} does not lie on the machine where Genscope runs ({1}:).',
        path.posix.basename(elsewhere.path),
        elsewhere.scheme,
      ),
      vscode.l10n.t('Save it to a folder there and choose it from that folder.'),
    );
  }
  return picked ?? [];
}

function nothingChosen(): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    vscode.l10n.t('Nothing has been chosen to translate.'),
    vscode.l10n.t('Choose a folder of pictures.'),
  );
}

function notTranslating(name: string): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    vscode.l10n.t('{0} does not make images of images, so it is no way back.', name),
    vscode.l10n.t('Choose the other generator of the pair.'),
  );
}

function unanswered(name: string): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    vscode.l10n.t('Genscope is not sure what the inputs of {0} mean.', name),
    vscode.l10n.t('Open it by itself and answer there, then choose it here again.'),
  );
}
