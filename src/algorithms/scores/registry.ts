/** All scores, in the order in which they are offered. A new score is a file beside this one and a line here. */
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { authPct } from './authPct.ts';
import { cmmd } from './cmmd.ts';
import { ct } from './ct.ts';
import { coverage, density } from './densityCoverage.ts';
import { fid } from './fid.ts';
import { fidInfinity } from './fidInfinity.ts';
import { frontier } from './frontier.ts';
import { ganTrainTest } from './ganTrainTest.ts';
import { is } from './is.ts';
import { isInfinity } from './isInfinity.ts';
import { kid } from './kid.ts';
import { mauve } from './mauve.ts';
import { modeHistogram } from './modeHistogram.ts';
import { ndb } from './ndb.ts';
import { parzen } from './parzen.ts';
import { prd } from './prd.ts';
import { precision, recall } from './precisionRecall.ts';
import { realism } from './realism.ts';
import type { ScoreDefinition } from './types.ts';
import { vendi } from './vendi.ts';

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
  cmmd,
  prd,
  mauve,
  vendi,
  realism,
  authPct,
  ct,
  ndb,
  modeHistogram,
  ganTrainTest,
  parzen,
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

/** @throws GenscopeError `input.invalid` for options of no score, or that a score does not have */
export function checkOptions(options: Readonly<Record<string, Readonly<Record<string, unknown>>>>): void {
  for (const [id, own] of Object.entries(options)) {
    const score = scoreById(id);
    const known = [...score.options, 'interval'];
    for (const name of Object.keys(own)) {
      if (known.includes(name)) continue;
      throw new GenscopeError(
        'input.invalid',
        `${score.name} has no option "${name}".`,
        `It has ${known.map((one) => `${id}.${one}`).join(', ')}.`,
      );
    }
  }
}
