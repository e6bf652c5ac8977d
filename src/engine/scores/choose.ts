/** Which scores are computed: those asked for, if the two sides can give them. */
import { SCORES, scoreById } from '../../algorithms/scores/registry.ts';
import type { ScoreDefinition, Side } from '../../algorithms/scores/types.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { SCORE_DEFAULTS, type ScoreDescription } from '../../shared/scores/scores.ts';

/** The registry without what only the engine can do. */
export function scoreDescriptions(): readonly ScoreDescription[] {
  return SCORES.map(({ compute: _, options: __, ...words }) => words);
}

/** What may be set of each score, beside `interval`. */
export function scoreOptions(): readonly Pick<ScoreDefinition, 'id' | 'name' | 'options'>[] {
  return SCORES;
}

/** What is there to compute from. */
export interface Available {
  readonly reference: 'features' | 'statistics' | 'none';
  readonly logits: boolean;
  readonly labels: boolean;
}

export function availableFrom(generated: Side, reference: Side | null): Available {
  return {
    reference: reference === null ? 'none' : reference.features ? 'features' : 'statistics',
    logits: generated.logits !== null,
    labels: generated.labels !== null && reference?.labels != null,
  };
}

/**
 * @param ids none: those of the defaults that can be computed, and the Inception score where there are logits
 * @throws GenscopeError `input.invalid` for an unknown score, or one that these sides cannot give
 */
export function chooseScores(ids: readonly string[], available: Available): readonly ScoreDefinition[] {
  if (ids.length > 0) {
    const chosen = [...new Set(ids)].map(scoreById);
    for (const score of chosen) {
      const lacks = lacking(score, available);
      if (lacks !== null)
        throw new GenscopeError(
          'input.invalid',
          `${score.name} cannot be computed: ${lacks.what}.`,
          lacks.advice,
        );
    }
    return chosen;
  }
  const usual = SCORES.filter(({ id }) => SCORE_DEFAULTS.scores.includes(id) || id === 'is');
  const possible = usual.filter((score) => lacking(score, available) === null);
  if (possible.length > 0) return possible;
  throw new GenscopeError(
    'input.invalid',
    'None of the usual scores can be computed without a reference, and this extractor has no classifier.',
    'Name a reference.',
  );
}

/** What a score needs and is not there; null when nothing is missing. */
export function lacking(
  { needs }: ScoreDescription,
  { reference, logits, labels }: Available,
): { readonly what: string; readonly advice: string } | null {
  if (needs.reference !== 'none' && reference === 'none')
    return { what: 'it compares with a reference, and there is none', advice: 'Name a reference.' };
  if (needs.reference === 'features' && reference === 'statistics')
    return {
      what: 'the reference is only mean and covariance',
      advice: 'Give pictures or features as the reference; statistics are enough for FID alone.',
    };
  if (needs.logits && !logits)
    return { what: 'the extractor has no classifier', advice: 'Choose an extractor with logits.' };
  if (needs.labels && !labels)
    return {
      what: 'it needs classes on both sides',
      advice: 'Use a generator with classes, and a reference with dataset.json.',
    };
  return null;
}
