/** After less before, score by score, of the same latents: what an edit, or another checkpoint, changed. */
import type { ScoreValue } from '../../shared/scores/scores.ts';
import { JACKKNIFE, scoreValue } from './inputs.ts';

/**
 * Values of the same name, subtracted. Both sides left the same groups of samples out, so the interval is that of the
 * paired difference: what the two share, the reference and the latents, does not widen it.
 */
export function scoreDifferences(
  before: readonly ScoreValue[],
  after: readonly ScoreValue[],
): readonly ScoreValue[] {
  return after.flatMap((value) => {
    const earlier = before.find(({ score, name }) => score === value.score && name === value.name);
    if (earlier === undefined) return [];
    const replicates =
      value.replicates !== null && earlier.replicates !== null && value.n === earlier.n
        ? value.replicates.map((one, group) => one - (earlier.replicates?.[group] ?? Number.NaN))
        : null;
    return [
      scoreValue({
        score: value.score,
        name: value.name,
        value: value.value - earlier.value,
        replicates,
        intervalKind:
          replicates === null ? 'none: the two do not have the same samples' : `${JACKKNIFE}, paired`,
        n: value.n,
        nReference: value.nReference,
        details: { before: earlier.value, after: value.value },
      }),
    ];
  });
}
