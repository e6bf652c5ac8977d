/** Intervals against what they promise: the expectation of the score at this N lies within in 95 % of draws. */
import { describe, expect, it } from 'vitest';
import { authPct } from '../../../src/algorithms/scores/authPct.ts';
import { cmmd } from '../../../src/algorithms/scores/cmmd.ts';
import { ct } from '../../../src/algorithms/scores/ct.ts';
import { coverage, density } from '../../../src/algorithms/scores/densityCoverage.ts';
import { scoreDifferences } from '../../../src/algorithms/scores/difference.ts';
import { fid } from '../../../src/algorithms/scores/fid.ts';
import { fidInfinity } from '../../../src/algorithms/scores/fidInfinity.ts';
import { frontierValues } from '../../../src/algorithms/scores/frontier.ts';
import { is } from '../../../src/algorithms/scores/is.ts';
import { isInfinity } from '../../../src/algorithms/scores/isInfinity.ts';
import { kid } from '../../../src/algorithms/scores/kid.ts';
import { precision, recall } from '../../../src/algorithms/scores/precisionRecall.ts';
import { realism } from '../../../src/algorithms/scores/realism.ts';
import type { Matrix, ScoreDefinition } from '../../../src/algorithms/scores/types.ts';
import { vendi } from '../../../src/algorithms/scores/vendi.ts';
import {
  GROUPS,
  jackknifeError,
  jackknifeGroups,
  jackknifeInterval,
  withRuns,
} from '../../../src/algorithms/stats/jackknife.ts';
import type { ScoreValue } from '../../../src/shared/scores/scores.ts';
import { gaussian, inputs, side } from '../scores/support.ts';

const DRAWS = 200;

/** Share of the draws whose interval holds the mean of all the draws' values, which is the expectation at N. */
function share(values: readonly ScoreValue[]): number {
  const expectation = values.reduce((sum, { value }) => sum + value, 0) / values.length;
  const held = values.filter(({ interval }) => {
    const [low, high] = interval ?? [Number.NaN, Number.NaN];
    return low <= expectation && expectation <= high;
  });
  return held.length / values.length;
}

async function draws(
  score: ScoreDefinition,
  n: number,
  reference: Matrix,
  options = {},
): Promise<ScoreValue[]> {
  const sharedReference = new Map<string, unknown>();
  const values: ScoreValue[] = [];
  for (let draw = 0; draw < DRAWS; draw++) {
    const given = inputs(gaussian(n, reference.columns, 1000 + draw, 0.3, 1.1), reference, { options });
    values.push(...(await score.compute({ ...given, sharedReference })));
  }
  return values;
}

describe('in at least 90 % of 200 draws the interval holds E[score at N]', () => {
  const reference = gaussian(200, 3, 1);

  it.each([precision, recall, density, coverage])(
    '$name',
    async (score) => {
      expect(share(await draws(score, 120, reference))).toBeGreaterThanOrEqual(0.9);
    },
    60_000,
  );

  it('FID, also of fewer rows than features', async () => {
    expect(share(await draws(fid, 200, gaussian(400, 4, 1)))).toBeGreaterThanOrEqual(0.9);
    expect(share(await draws(fid, 40, gaussian(100, 44, 1)))).toBeGreaterThanOrEqual(0.9);
  }, 120_000);

  it('FID∞', async () => {
    expect(share(await draws(fidInfinity, 400, gaussian(400, 2, 1)))).toBeGreaterThanOrEqual(0.9);
  }, 120_000);

  it('KID', async () => {
    const values = await draws(kid, 400, reference, { subsets: 5, subsetSize: 200 });
    expect(share(values)).toBeGreaterThanOrEqual(0.9);
  }, 60_000);

  it('the Inception Score', async () => {
    const values: ScoreValue[] = [];
    for (let draw = 0; draw < DRAWS; draw++) {
      const logits = gaussian(800, 5, 1000 + draw, 0, 2);
      values.push(...(await is.compute(inputs(side(null, { logits }), null))));
    }
    expect(share(values)).toBeGreaterThanOrEqual(0.9);
  }, 60_000);

  it('IS∞', async () => {
    const values: ScoreValue[] = [];
    for (let draw = 0; draw < DRAWS; draw++) {
      const logits = gaussian(800, 5, 1000 + draw, 0, 2);
      values.push(...(await isInfinity.compute(inputs(side(null, { logits }), null, { seed: draw }))));
    }
    expect(share(values)).toBeGreaterThanOrEqual(0.9);
  }, 60_000);

  const later = [
    { score: vendi, n: 400 },
    { score: cmmd, n: 120 },
    { score: authPct, n: 400 },
    { score: realism, n: 400 },
    { score: ct, n: 400 },
  ];
  it.each(later.map(({ score, n }) => ({ name: score.name, score, n })))(
    '$name',
    async ({ score, n }) => {
      const all = await draws(score, n, gaussian(300, 3, 1));
      for (const name of score.values)
        expect(share(all.filter((value) => value.name === name)), name).toBeGreaterThanOrEqual(0.9);
    },
    60_000,
  );

  it('the frontier’s three values, of given clusters', () => {
    const label = (z: number) => Math.min(7, Math.max(0, Math.floor(z * 1.5 + 4)));
    const real = Int32Array.from(gaussian(2000, 1, 1).values, label);
    const values: ScoreValue[][] = Array.from({ length: DRAWS }, (_, draw) => {
      const generated = Int32Array.from(gaussian(2000, 1, 1000 + draw, 0.3).values, label);
      return frontierValues({ k: 8, components: 1, generated, reference: real }, 'krichevsky-trofimov');
    });
    for (const which of [0, 1, 2]) {
      expect(share(values.map((three) => three[which] as ScoreValue))).toBeGreaterThanOrEqual(0.9);
    }
  });
});

describe('the delete-group jackknife', () => {
  it('of a mean is the standard error of a mean', () => {
    const values = gaussian(400, 1, 3).values;
    const groups = jackknifeGroups(400) as Uint8Array;
    const without = (left: number) => {
      const kept = values.filter((_, row) => groups[row] !== left);
      return kept.reduce((a, b) => a + b, 0) / kept.length;
    };
    const error = jackknifeError(Array.from({ length: 20 }, (_, group) => without(group)));
    expect(error).toBeGreaterThan(0.5 / 20);
    expect(error).toBeLessThan(1.6 / 20);
    const [low, high] = jackknifeInterval(1, [1, 2]);
    expect((low + high) / 2).toBeCloseTo(1, 12);
    expect(high - 1).toBeCloseTo(2.093024 * 0.5, 6);
  });

  it('has twenty groups of nearly one size, the same for the same N, none for too few', () => {
    const groups = jackknifeGroups(207) as Uint8Array;
    const sizes = Array.from({ length: 20 }, (_, group) => groups.filter((of) => of === group).length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBe(1);
    expect(jackknifeGroups(207)).toEqual(groups);
    expect(jackknifeGroups(39)).toBeNull();
  });
});

describe('the difference of two runs', () => {
  it('of the same latents is known better than either', async () => {
    const reference = gaussian(300, 3, 1);
    const before = gaussian(300, 3, 2, 0.3);
    const after = { ...before, values: before.values.map((value) => value + 0.02) };
    const [one, two] = [
      await fid.compute(inputs(before, reference)),
      await fid.compute(inputs(after, reference)),
    ];
    const [difference] = scoreDifferences(one, two);
    expect(difference?.value).toBeCloseTo((two[0]?.value as number) - (one[0]?.value as number), 12);
    const width = (value: ScoreValue | undefined) =>
      (value?.interval?.[1] as number) - (value?.interval?.[0] as number);
    expect(width(difference)).toBeLessThan(0.3 * width(one[0]));
    expect(difference?.interval?.[0]).toBeGreaterThan(0);
  });

  it('has no interval where the two are not the same samples', async () => {
    const reference = gaussian(90, 3, 1);
    const one = await kid.compute(inputs(gaussian(60, 3, 2), reference));
    const two = await kid.compute(inputs(gaussian(70, 3, 2), reference));
    expect(scoreDifferences(one, two)[0]?.interval).toBeNull();
    expect(scoreDifferences([], two)).toEqual([]);
  });
});

it.each([2, 7, 10, 19])('adds the variance of a mean over %i runs, and leaves the value', (count) => {
  const runs = Array.from({ length: count }, (_, r) => Math.sin(3 * r + 1));
  const mean = runs.reduce((a, b) => a + b, 0) / count;
  const variance = runs.reduce((sum, run) => sum + (run - mean) ** 2, 0) / (count - 1) / count;
  const found = withRuns(new Array<number>(GROUPS).fill(5), runs);
  expect(found.reduce((a, b) => a + b, 0) / GROUPS).toBeCloseTo(5, 12);
  expect(jackknifeError(found) ** 2).toBeCloseTo(variance, 12);
});
