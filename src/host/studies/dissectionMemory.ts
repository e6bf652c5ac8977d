/** What is known of a model's dissections in this workspace, so that a reload of the window, or a crash, loses nothing. */
import type * as vscode from 'vscode';
import type { DissectSettings } from '../../shared/units/dissection.ts';

/** The demo's lies in a folder of our own, which moves with every update. */
export type ChosenSegmenter =
  | { readonly kind: 'demo' }
  | { readonly kind: 'folder'; readonly folder: string };

/** A dissection that has begun. */
export interface Begun {
  readonly settings: DissectSettings;
  readonly segmenter: ChosenSegmenter;
  /** Of the model, when it began. */
  readonly stamp: string;
}

export interface Finished {
  /** `dissection.json` in the cache. */
  readonly file: string;
  readonly segmenter: ChosenSegmenter;
  /** Of the model, when it was last seen to be the one dissected. */
  readonly stamp: string;
  readonly sha256: string;
}

export interface Remembered {
  readonly segmenter: ChosenSegmenter | null;
  readonly settings: DissectSettings | null;
  readonly unfinished: Begun | null;
  readonly finished: Finished | null;
}

const NOTHING: Remembered = { segmenter: null, settings: null, unfinished: null, finished: null };

export class DissectionMemory {
  readonly #key: string;

  constructor(
    private readonly state: vscode.Memento,
    model: string,
  ) {
    this.#key = `dissection:${model}`;
  }

  read(): Remembered {
    return { ...NOTHING, ...this.state.get<Remembered>(this.#key) };
  }

  async update(change: Partial<Remembered>): Promise<void> {
    await this.state.update(this.#key, { ...this.read(), ...change });
  }
}
