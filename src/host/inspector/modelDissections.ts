/** One model's dissections as its panel sees them: the setup, the last result, what can be gone on with. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import * as vscode from 'vscode';
import { makeFolder } from '../../shared/files/atomic.ts';
import { readKept, writeSealed } from '../../shared/files/sealed.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { ModelRef } from '../../shared/protocol.ts';
import {
  DISSECT_DEFAULTS,
  type Dissection,
  type DissectionSetup,
  type DissectionState,
  type DissectSettings,
} from '../../shared/units/dissection.ts';
import { isDissection, isDissectSettings } from '../../shared/units/dissectionGuards.ts';
import type { Services } from '../services.ts';
import type { DissectionMemory, Finished } from '../studies/dissectionMemory.ts';
import type { Unkept } from '../studies/dissections.ts';
import { ModelIdentity } from './modelIdentity.ts';
import type { Segmenters } from './segmenters.ts';

export class ModelDissections {
  readonly #key: string;
  readonly #identity: ModelIdentity;

  constructor(
    private readonly services: Services,
    private readonly model: vscode.Uri,
    private readonly memory: DissectionMemory,
    private readonly segmenters: Segmenters,
  ) {
    this.#key = model.toString();
    this.#identity = new ModelIdentity(services, model);
  }

  async setup(signal: AbortSignal): Promise<DissectionSetup> {
    const { segmenter, warnings } = await this.segmenters.describe(signal);
    const { settings, finished, segmenter: chosen } = this.memory.read();
    const outdated = finished !== null && !(await this.#isOf(finished, signal));
    const demo = chosen?.kind === 'demo';
    return {
      segmenter: segmenter && {
        name: segmenter.name,
        concepts: segmenter.concepts,
        categories: segmenter.categories,
        demo,
      },
      warnings: outdated ? [...warnings, otherContent(this.model)] : warnings,
      // What an earlier version kept may be of another form.
      settings: isDissectSettings(settings) ? settings : { ...DISSECT_DEFAULTS, layers: [] },
    };
  }

  async state(signal: AbortSignal): Promise<DissectionState> {
    return {
      dissection: await this.finished(signal),
      job: this.services.dissections.jobOf(this.#key),
      resumable: await this.#resumable(signal),
    };
  }

  async start(settings: DissectSettings, signal: AbortSignal): Promise<{ job: string }> {
    const { dissections } = this.services;
    const segmenter = this.segmenters.required();
    const model = this.#ref;
    const folder = this.segmenters.folderOf(segmenter);
    const job = dissections.start({
      model: this.#key,
      title: vscode.l10n.t('Dissect {0}', path.posix.basename(this.model.path)),
      params: { model, segmenter: folder, settings, cache: this.#cache() },
      begun: { settings, segmenter, stamp: await this.#identity.stamp(signal) },
      memory: this.memory,
    });
    return { job };
  }

  /** The last one; null when there is none of the model as it is now, or its file has been removed. */
  async finished(signal: AbortSignal): Promise<Dissection | null> {
    const unkept = await this.#unkept(signal);
    if (unkept) return unkept.dissection;
    const { finished: about } = this.memory.read();
    if (!about || !(await this.#isOf(about, signal))) return null;
    return readDissection(about.file, this.services);
  }

  /**
   * The file of the last one, for those who read it there.
   * @throws GenscopeError `output.notWritable` when it has none, and there still is no room for one
   */
  async file(signal: AbortSignal): Promise<Finished | null> {
    const unkept = await this.#unkept(signal);
    if (!unkept) return (await this.finished(signal)) && this.memory.read().finished;
    const { dissection, about } = unkept;
    const name = createHash('sha256').update(this.#key).digest('hex').slice(0, 32);
    const finished = { ...about, file: path.join(this.#cache(), 'dissections', `${name}.json`) };
    writeDissection(finished.file, dissection);
    await this.memory.update({ unfinished: null, finished });
    this.services.dissections.forgetUnkept(this.#key);
    return finished;
  }

  get #ref(): ModelRef {
    return this.services.sidecars.modelRef(this.model);
  }

  /** Of the model and the segmenter as they are now: with others it would begin anew. */
  async #resumable(signal: AbortSignal): Promise<DissectionState['resumable']> {
    const { unfinished, segmenter } = this.memory.read();
    if (!unfinished || !segmenter || this.services.dissections.jobOf(this.#key)) return null;
    if (!isDissectSettings(unfinished.settings) || (await this.#unkept(signal))) return null;
    const same = this.segmenters.folderOf(unfinished.segmenter) === this.segmenters.folderOf(segmenter);
    return same && unfinished.stamp === (await this.#identity.stamp(signal)) ? unfinished.settings : null;
  }

  async #unkept(signal: AbortSignal): Promise<Unkept | null> {
    const unkept = this.services.dissections.unkeptOf(this.#key);
    if (!unkept) return null;
    return (await this.#identity.stampIfSame(unkept.about, signal)) === null ? null : unkept;
  }

  /** Whether it was found in the model that lies there now. */
  async #isOf(finished: Finished, signal: AbortSignal): Promise<boolean> {
    const stamp = await this.#identity.stampIfSame(finished, signal);
    if (stamp === null) return false;
    const now = this.memory.read().finished;
    if (now?.file === finished.file && stamp !== finished.stamp)
      await this.memory.update({ finished: { ...finished, stamp } });
    return true;
  }

  #cache(): string {
    const { storage } = this.services;
    if (storage.scheme === 'file') return storage.fsPath;
    throw new GenscopeError(
      'output.notWritable',
      vscode.l10n.t('Genscope has no folder on this machine to keep dissections in ({0}:).', storage.scheme),
      vscode.l10n.t('Use the command line: genscope dissect.'),
    );
  }
}

function readDissection(file: string, { log }: Services): Dissection | null {
  const kept = readKept(file);
  if (kept.state === 'whole' && isDissection(kept.value)) return kept.value;
  // The cache may be emptied at any time: the page offers to dissect again.
  const says = {
    absent: 'is gone',
    damaged: 'is damaged, and was set aside',
    whole: 'is no dissection that this version can read',
  };
  log.warn(`${file} ${says[kept.state]}`);
  return null;
}

function writeDissection(file: string, dissection: Dissection): void {
  try {
    makeFolder(path.dirname(file));
    writeSealed(file, dissection);
  } catch (thrown) {
    throw new GenscopeError(
      'output.notWritable',
      vscode.l10n.t('This dissection is in no file yet, and {0} still cannot be written.', file),
      vscode.l10n.t('Make room there, and try again; it stays as long as this window.'),
      { detail: String(thrown), next: ['retry'] },
    );
  }
}

function otherContent(model: vscode.Uri): string {
  return vscode.l10n.t(
    '{0} has changed since it was dissected, so that dissection is not shown.',
    path.posix.basename(model.path),
  );
}
