/** Looks behind one model's numbers as its panel sees them: the last answers, and what is being looked at. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { LookAnswers, LookKind, LooksState } from '../../shared/checks/lookRequests.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { PageParams } from '../../shared/pageProtocol.ts';
import type { Frames } from '../../shared/protocol.ts';
import type { Services } from '../services.ts';
import { frameEncoding } from '../settings.ts';
import { type LookMemory, lookMemory } from '../studies/lookMemory.ts';
import { ModelIdentity } from './modelIdentity.ts';
import type { ModelScoring } from './modelScoring.ts';

export class ModelLooks {
  readonly #key: string;
  readonly #memory: LookMemory;
  readonly #identity: ModelIdentity;
  readonly #folder: string | null;

  constructor(
    private readonly services: Services,
    private readonly model: vscode.Uri,
    private readonly scoring: ModelScoring,
  ) {
    const { state, storage, log } = services;
    this.#key = model.toString();
    this.#folder = storage.scheme === 'file' ? storage.fsPath : null;
    this.#memory = lookMemory({ state, model: this.#key, folder: this.#folder, log });
    this.#identity = new ModelIdentity(services, model);
  }

  async state(signal: AbortSignal): Promise<LooksState> {
    return {
      answers: {
        neighbours: await this.#answer('neighbours', signal),
        duplicates: await this.#answer('duplicates', signal),
        modes: await this.#answer('modes', signal),
        artifacts: await this.#answer('artifacts', signal),
      },
      running: this.services.looks.runningOf(this.#key),
    };
  }

  /** @throws GenscopeError `extractor.missing`, `reference.missing`, `input.invalid` for a reference without pictures */
  async start({ question, wish }: PageParams<'startLook'>, signal: AbortSignal): Promise<{ job: string }> {
    const { resize, range } = wish;
    const extractor = {
      path: this.scoring.extractorPath(),
      ...(resize && { resize }),
      ...(range && { range }),
    };
    const reference = question.kind === 'duplicates' ? '' : this.scoring.realImages();
    const stamp = await this.#identity.stamp(signal);
    await this.scoring.keepWish(wish);
    const job = this.services.looks.start({
      ...{ key: this.#key, question, stamp, extractor, reference },
      title: titleOf(question.kind, path.posix.basename(this.model.path)),
      model: this.services.sidecars.modelRef(this.model),
      cache: this.#folder,
      memory: this.#memory,
    });
    return { job };
  }

  /** Which files these are, the answer says: a page may not. */
  async pictures(
    { kind, rows, maxSide }: PageParams<'referencePictures'>,
    { signal, report }: { readonly signal: AbortSignal; readonly report: (frames: Frames) => void },
  ): Promise<{ count: number }> {
    const answer = kind === 'duplicates' ? null : await this.#memory.read(kind);
    if (answer === null) throw forgotten();
    const { settings, reference } = answer;
    return this.services.engines.interactive.request(
      'referencePictures',
      {
        ...{ path: settings.reference, most: settings.referenceSamples, seed: settings.seed },
        ...{ count: reference.count, rows, maxSide, encoding: frameEncoding() },
      },
      { signal, onProgress: report },
    );
  }

  async #answer<K extends LookKind>(kind: K, signal: AbortSignal): Promise<LookAnswers[K] | null> {
    const kept = this.#memory.kept(kind);
    if (kept === null) return null;
    const stamp = await this.#identity.stampIfSame(kept, signal);
    if (stamp === null) return null;
    if (stamp !== kept.stamp) await this.#memory.restamp(kind, stamp);
    return this.#memory.read(kind);
  }
}

function titleOf(kind: LookKind, name: string): string {
  if (kind === 'neighbours') return vscode.l10n.t('Look for copies in {0}', name);
  if (kind === 'duplicates') return vscode.l10n.t('Look for twins in {0}', name);
  if (kind === 'modes') return vscode.l10n.t('Look for what {0} misses', name);
  return vscode.l10n.t('Look for artifact units in {0}', name);
}

function forgotten(): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    vscode.l10n.t('What was found is not there any more.'),
    vscode.l10n.t('Look again.'),
  );
}
