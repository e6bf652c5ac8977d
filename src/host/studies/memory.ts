/** What was chosen for a generator's scores in this workspace, and what has not ended yet. */
import type * as vscode from 'vscode';
import { isObject } from '../../shared/kernel/checks.ts';
import type { ScoreWish, ScoringState } from '../../shared/scores/scoring.ts';
import { isScoreWish } from '../../shared/scores/scoringGuards.ts';

/** What we bring lies in a folder of our own, which moves with every update; what was set up, in the cache. */
export type ChosenExtractor =
  | { readonly kind: 'demo' }
  | { readonly kind: 'inception' }
  | { readonly kind: 'path'; readonly path: string };

export type ChosenReference =
  | { readonly kind: 'demo' }
  | { readonly kind: 'path'; readonly path: string }
  /** Another generator, by its URI. */
  | { readonly kind: 'model'; readonly uri: string };

export interface Remembered {
  readonly extractor: ChosenExtractor | null;
  readonly reference: ChosenReference | null;
  readonly wish: ScoreWish | null;
  readonly interrupted: ScoringState['interrupted'];
}

export interface Recent {
  readonly extractors: readonly ChosenExtractor[];
  readonly references: readonly ChosenReference[];
}

const RECENT = 'scoring.recent';
const MOST_RECENT = 8;

/** Among the recent ones of this workspace, for whoever chooses next. */
export async function rememberExtractor(state: vscode.Memento, chosen: ChosenExtractor): Promise<void> {
  const { extractors, references } = recentOf(state);
  await state.update(RECENT, { extractors: first(chosen, extractors), references });
}

function recentOf(state: vscode.Memento): Recent {
  const kept: unknown = state.get(RECENT);
  if (!isObject(kept) || !Array.isArray(kept.extractors) || !Array.isArray(kept.references))
    return { extractors: [], references: [] };
  return kept as unknown as Recent;
}

export class ScoringMemory {
  readonly #key: string;

  /** @param initial for a generator about which nothing was chosen yet */
  constructor(
    private readonly state: vscode.Memento,
    model: string,
    private readonly initial: Pick<Remembered, 'extractor' | 'reference'>,
  ) {
    this.#key = `scoring:${model}`;
  }

  read(): Remembered {
    const kept = { wish: null, interrupted: null, ...this.initial, ...this.state.get<Remembered>(this.#key) };
    // Another version may have kept something of another form.
    const wish = isScoreWish(kept.wish) ? kept.wish : null;
    const { interrupted } = kept;
    return { ...kept, wish, interrupted: isScoreWish(interrupted?.wish) ? interrupted : null };
  }

  async update(change: Partial<Remembered>): Promise<void> {
    await this.state.update(this.#key, { ...this.read(), ...change });
    const recent = this.recent();
    if (change.extractor || change.reference)
      await this.state.update(RECENT, {
        extractors: first(change.extractor, recent.extractors),
        references: first(change.reference, recent.references),
      });
  }

  /** Of the workspace, the last first. */
  recent(): Recent {
    return recentOf(this.state);
  }
}

/** Names a choice among the recent ones. */
export function idOf(chosen: ChosenExtractor | ChosenReference): string {
  if (chosen.kind === 'path') return chosen.path;
  return chosen.kind === 'model' ? chosen.uri : chosen.kind;
}

function first<T extends ChosenExtractor | ChosenReference>(
  chosen: T | null | undefined,
  others: readonly T[],
): readonly T[] {
  if (!chosen) return others;
  return [chosen, ...others.filter((other) => idOf(other) !== idOf(chosen))].slice(0, MOST_RECENT);
}
