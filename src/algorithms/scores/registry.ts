/** All scores, in the order in which they are offered. A new score is a file beside this one and a line here. */
import { GenscopeError } from '../../shared/errors.ts';
import { coverage, density } from './densityCoverage.ts';
import { fid } from './fid.ts';
import { fidInfinity } from './fidInfinity.ts';
import { frontier } from './frontier.ts';
import { is } from './is.ts';
import { isInfinity } from './isInfinity.ts';
import { kid } from './kid.ts';
import { precision, recall } from './precisionRecall.ts';
import type { ScoreDefinition } from './types.ts';

export const SCORES: readonly ScoreDefinition[] = [
  fid,
  fidInfinity,
  kid,
  precision,
  recall,
  density,
  coverage,
  frontier,
  is,
  isInfinity,
];

/** @throws GenscopeError `input.invalid` that lists what there is */
export function scoreById(id: string): ScoreDefinition {
  const found = SCORES.find((score) => score.id === id);
  if (found !== undefined) return found;
  throw new GenscopeError(
    'input.invalid',
    `There is no score "${id}".`,
    `There are ${SCORES.map((score) => score.id).join(', ')}.`,
  );
}
