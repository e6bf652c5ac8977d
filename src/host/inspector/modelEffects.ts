/** One model's effects as its panel sees them: the last answers, and what is being measured. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { EffectQuestion, EffectsState } from '../../shared/effects/effects.ts';
import type { Services } from '../services.ts';
import { type EffectAnswers, type EffectMemory, effectMemory } from '../studies/effectMemory.ts';
import { ModelIdentity } from './modelIdentity.ts';
import type { Segmenters } from './segmenters.ts';

type Kind = EffectQuestion['kind'];

export class ModelEffects {
  readonly #key: string;
  readonly #memory: EffectMemory;
  readonly #identity: ModelIdentity;

  constructor(
    private readonly services: Services,
    private readonly model: vscode.Uri,
    private readonly segmenters: Segmenters,
  ) {
    this.#key = model.toString();
    const { state, log } = services;
    this.#memory = effectMemory({ state, model: this.#key, folder: this.#folder, log });
    this.#identity = new ModelIdentity(services, model);
  }

  async state(signal: AbortSignal): Promise<EffectsState> {
    return {
      effect: await this.#answer('effect', signal),
      selections: await this.#answer('selections', signal),
      placement: await this.#answer('placement', signal),
      running: this.services.effects.runningOf(this.#key),
    };
  }

  async start(question: EffectQuestion, signal: AbortSignal): Promise<{ job: string }> {
    const segmenter = this.segmenters.folderOf(this.segmenters.required());
    const stamp = await this.#identity.stamp(signal);
    const job = this.services.effects.start({
      ...{ key: this.#key, question, segmenter, stamp },
      title: titleOf(question.kind, path.posix.basename(this.model.path)),
      model: this.services.sidecars.modelRef(this.model),
      cache: this.#folder,
      memory: this.#memory,
    });
    return { job };
  }

  async #answer<K extends Kind>(kind: K, signal: AbortSignal): Promise<EffectAnswers[K] | null> {
    const kept = this.#memory.kept(kind);
    if (kept === null) return null;
    const stamp = await this.#identity.stampIfSame(kept, signal);
    if (stamp === null) return null;
    if (stamp !== kept.stamp) await this.#memory.restamp(kind, stamp);
    return this.#memory.read(kind);
  }

  get #folder(): string | null {
    const { storage } = this.services;
    return storage.scheme === 'file' ? storage.fsPath : null;
  }
}

function titleOf(kind: Kind, name: string): string {
  if (kind === 'effect') return vscode.l10n.t('Measure effects in {0}', name);
  if (kind === 'selections') return vscode.l10n.t('Compare selections of units in {0}', name);
  return vscode.l10n.t('Try places in {0}', name);
}
