/** The last answers about a model's effects, as files that outlive the window. */
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import type * as vscode from 'vscode';
import { isEffect, isPlacement, isSelections } from '../shared/effectGuards.ts';
import type { Effect, EffectQuestion, EffectsState, Placement, Selections } from '../shared/effects.ts';
import { GenscopeError } from '../shared/errors.ts';

type Kind = EffectQuestion['kind'];
export type EffectAnswers = Pick<EffectsState, Kind>;
type Answer = Effect | Selections | Placement;

/** Where an answer lies, and which model it is about. */
export interface KeptAnswer {
  readonly file: string;
  /** Of the model, when it was last seen to be the one measured. */
  readonly stamp: string;
  readonly sha256: string;
}

export class EffectMemory {
  readonly #key: string;

  /** @param folder null where the extension has none on this machine: then nothing is kept */
  constructor(
    private readonly state: vscode.Memento,
    model: string,
    private readonly folder: string | null,
    private readonly log: { warn(message: string): void },
  ) {
    this.#key = `effects:${model}`;
  }

  /**
   * Writes an answer under the question it answers, and remembers it as the last of its kind.
   * @returns where it lies
   * @throws GenscopeError `output.notWritable`
   */
  async keep(kind: Kind, answer: Answer, stamp: string): Promise<string> {
    if (this.folder === null) throw noFolder();
    const file = path.join(this.folder, 'effects', `${kind}-${nameOf(answer)}.json`);
    try {
      await fs.mkdir(path.dirname(file), { recursive: true });
      // Under another name until it is whole.
      await fs.writeFile(`${file}.part`, JSON.stringify(answer));
      await fs.rename(`${file}.part`, file);
    } catch (thrown) {
      throw notWritten(file, thrown);
    }
    await this.#update(kind, { file, stamp, sha256: answer.model.sha256 });
    return file;
  }

  kept(kind: Kind): KeptAnswer | null {
    return this.#all()[kind] ?? null;
  }

  /** The model was written again, with the same content. */
  async restamp(kind: Kind, stamp: string): Promise<void> {
    const kept = this.kept(kind);
    if (kept) await this.#update(kind, { ...kept, stamp });
  }

  /** Null when it is gone, cut off, or of another version. */
  async read<K extends Kind>(kind: K): Promise<EffectAnswers[K]> {
    const kept = this.kept(kind);
    if (kept === null) return null;
    try {
      const value: unknown = JSON.parse(await fs.readFile(kept.file, 'utf8'));
      // The table ties each kind to its type; an index by K cannot show that to the compiler.
      if (GUARDS[kind](value)) return value as EffectAnswers[K];
      this.log.warn(`${kept.file} is no answer that this version can read`);
    } catch (thrown) {
      // The folder may be emptied at any time: the page offers to measure again.
      this.log.warn(`${kept.file} cannot be read: ${String(thrown)}`);
    }
    return null;
  }

  #all(): Partial<Record<Kind, KeptAnswer>> {
    return this.state.get<Partial<Record<Kind, KeptAnswer>>>(this.#key) ?? {};
  }

  async #update(kind: Kind, kept: KeptAnswer): Promise<void> {
    await this.state.update(this.#key, { ...this.#all(), [kind]: kept });
  }
}

const GUARDS: { readonly [K in Kind]: (value: unknown) => boolean } = {
  effect: isEffect,
  selections: isSelections,
  placement: isPlacement,
};

/** The same question about the same files has the same name. */
function nameOf({ model, segmenter, settings }: Answer): string {
  const question = JSON.stringify([model.sha256, segmenter.sha256, settings]);
  return createHash('sha256').update(question).digest('hex').slice(0, 32);
}

function noFolder(): GenscopeError {
  return new GenscopeError(
    'output.notWritable',
    'Genscope has no folder on this machine to keep what was measured in.',
    'Use the command line: genscope effect.',
  );
}

function notWritten(file: string, thrown: unknown): GenscopeError {
  return new GenscopeError(
    'output.notWritable',
    `${file} could not be written, so what was measured is lost.`,
    'Free some space on that disk, and measure again.',
    { detail: String(thrown) },
  );
}
