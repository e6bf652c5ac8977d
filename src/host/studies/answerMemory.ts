/** The last answers about a model, one of each kind, as files that outlive the window. Free of `vscode` at run time. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import type * as vscode from 'vscode';
import { makeFolder } from '../../shared/files/atomic.ts';
import { readKept, writeSealed } from '../../shared/files/sealed.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';

/** Where an answer lies, and which model it is about. */
export interface KeptAnswer {
  readonly file: string;
  /** Of the model, when it was last seen to be the one measured. */
  readonly stamp: string;
  readonly sha256: string;
}

export interface AnswerKinds<A> {
  /** Of the folder, and of what is remembered. */
  readonly name: string;
  /** Whether what was read is an answer of the kind that this version knows. */
  readonly guards: { readonly [K in keyof A]: (value: unknown) => boolean };
  /** What makes two answers the same one, JSON-able: model, network, settings. */
  readonly questionOf: (answer: A[keyof A]) => unknown;
  /** The command that measures without a window. */
  readonly command: string;
}

export interface AnswerPlace {
  readonly state: vscode.Memento;
  /** The model's URI. */
  readonly model: string;
  /** Null where the extension has none on this machine: then nothing is kept. */
  readonly folder: string | null;
  readonly log: { warn(message: string): void };
}

export class AnswerMemory<
  A extends { readonly [K in keyof A]: { readonly model: { readonly sha256: string } } },
> {
  readonly #key: string;
  readonly #kinds: AnswerKinds<A>;
  readonly #place: AnswerPlace;

  constructor(kinds: AnswerKinds<A>, place: AnswerPlace) {
    this.#key = `${kinds.name}:${place.model}`;
    this.#kinds = kinds;
    this.#place = place;
  }

  /**
   * Writes an answer under the question it answers, and remembers it as the last of its kind.
   * @returns where it lies
   * @throws GenscopeError `output.notWritable`; `internal` for an answer that could not be read again
   */
  async keep<K extends keyof A & string>(kind: K, answer: A[K], stamp: string): Promise<string> {
    const { folder } = this.#place;
    const { name, questionOf, command, guards } = this.#kinds;
    if (folder === null) throw noFolder(command);
    const text = JSON.stringify(answer);
    // What the next window would not read is an error now, and no answer that silently never comes.
    if (!guards[kind](JSON.parse(text))) throw notKept(kind, text);
    const question = createHash('sha256')
      .update(JSON.stringify(questionOf(answer)))
      .digest('hex');
    const file = path.join(folder, name, `${kind}-${question.slice(0, 32)}.json`);
    try {
      makeFolder(path.dirname(file));
      writeSealed(file, answer);
    } catch (thrown) {
      throw notWritten(file, thrown);
    }
    await this.#update(kind, { file, stamp, sha256: answer.model.sha256 });
    return file;
  }

  kept(kind: keyof A): KeptAnswer | null {
    return this.#all()[kind] ?? null;
  }

  /** The model was written again, with the same content. */
  async restamp(kind: keyof A, stamp: string): Promise<void> {
    const kept = this.kept(kind);
    if (kept) await this.#update(kind, { ...kept, stamp });
  }

  /** Null when it is gone, cut off, or of another version. */
  async read<K extends keyof A>(kind: K): Promise<A[K] | null> {
    const kept = this.kept(kind);
    if (kept === null) return null;
    const found = readKept(kept.file);
    // The table ties each kind to its type; an index by K cannot show that to the compiler.
    if (found.state === 'whole' && this.#kinds.guards[kind](found.value)) return found.value as A[K];
    // The folder may be emptied at any time: the page offers to measure again.
    const says = {
      absent: 'is gone',
      damaged: 'is damaged, and was set aside',
      whole: 'is no answer that this version can read',
    };
    this.#place.log.warn(`${kept.file} ${says[found.state]}`);
    return null;
  }

  #all(): { [K in keyof A]?: KeptAnswer } {
    return this.#place.state.get<{ [K in keyof A]?: KeptAnswer }>(this.#key) ?? {};
  }

  async #update(kind: keyof A, kept: KeptAnswer): Promise<void> {
    await this.#place.state.update(this.#key, { ...this.#all(), [kind]: kept });
  }
}

function notKept(kind: string, text: string): GenscopeError {
  return new GenscopeError(
    'internal',
    `What was found (${kind}) holds something that cannot be kept.`,
    'Ask it with other settings, and send us the log.',
    { next: ['showLog'], detail: text.slice(0, 500) },
  );
}

function noFolder(command: string): GenscopeError {
  return new GenscopeError(
    'output.notWritable',
    'Genscope has no folder on this machine to keep what was measured in.',
    `Use the command line: ${command}.`,
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
