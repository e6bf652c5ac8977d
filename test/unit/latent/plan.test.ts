import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PlannedLatents, planLatents } from '../../../src/algorithms/latent/plan.ts';
import {
  DEFAULT_SOURCE,
  type LatentKey,
  type LatentPlan,
  type LatentSource,
} from '../../../src/shared/samples/latents.ts';
import { anyKey, anyPlan, anySeed, anySource, CLASSES } from './arbitraries.ts';

const SIZE = 20;

const seeds = (seed: number, count: number, source: LatentSource = DEFAULT_SOURCE): LatentPlan => ({
  kind: 'seeds',
  source,
  seed,
  count,
  classes: 'all',
});

const path = (
  keys: readonly LatentKey[],
  steps: number,
  loop = false,
  source = DEFAULT_SOURCE,
): LatentPlan => ({
  kind: 'path',
  source,
  keys,
  steps,
  method: 'slerp',
  loop,
});

const all = (planned: PlannedLatents) => planned.rows(0, planned.count);
const row = (planned: PlannedLatents, i: number) => planned.rows(i, 1);
const refused = (pattern: RegExp) =>
  expect.objectContaining({ code: 'input.invalid', message: expect.stringMatching(pattern) });

describe('any plan', () => {
  it('gives the same rows in whatever batches they are asked for', () => {
    fc.assert(
      fc.property(anyPlan, fc.integer({ min: 1, max: 7 }), (plan, batch) => {
        const planned = planLatents(plan, SIZE, CLASSES);
        const again = planLatents(plan, SIZE, CLASSES);
        const rows: number[] = [];
        const weights: number[] = [];
        for (let offset = 0; offset < planned.count; offset += batch) {
          const n = Math.min(batch, planned.count - offset);
          rows.push(...again.rows(offset, n));
          weights.push(...again.classWeights(offset, n));
        }
        expect(rows).toEqual([...all(planned)]);
        expect(weights).toEqual([...planned.classWeights(0, planned.count)]);
      }),
    );
  });

  it('has finite latents and class weights that sum to 1', () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const planned = planLatents(plan, SIZE, CLASSES);
        expect(all(planned).every(Number.isFinite)).toBe(true);
        for (let i = 0; i < planned.count; i++) {
          const weights = planned.classWeights(i, 1);
          expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
          expect(weights.every((weight) => weight >= 0)).toBe(true);
        }
      }),
    );
  });

  it('describes a sample by the seed and class that draw it alone', () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const planned = planLatents(plan, SIZE, CLASSES);
        for (let i = 0; i < planned.count; i++) {
          const { seed, classIndex } = planned.describe(i);
          if (seed !== null)
            expect(row(planned, i)).toEqual(
              all(planLatents(seeds(seed, 1, { ...plan.source, layout: 'each' }), SIZE, 0)),
            );
          if (classIndex !== null) expect(planned.classWeights(i, 1)[classIndex]).toBeCloseTo(1, 6);
        }
      }),
    );
  });

  it('hands out rows that are the caller’s to write to', () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const planned = planLatents(plan, SIZE, CLASSES);
        const before = row(planned, 0).slice();
        all(planned).fill(9);
        row(planned, 0).fill(9);
        expect(row(planned, 0)).toEqual(before);
      }),
    );
  });
});

describe('seeds', () => {
  it('each: a sample depends on its own seed only, not on count or neighbours', () => {
    fc.assert(
      fc.property(anySeed, anySource, fc.nat(20), (seed, source, i) => {
        const each = { ...source, layout: 'each' } as const;
        expect(row(planLatents(seeds(seed, 30, each), SIZE, 0), i)).toEqual(
          all(planLatents(seeds(seed + i, 1, each), SIZE, 0)),
        );
      }),
    );
  });

  it('stream: NumPy draws the first samples alike whatever the count', () => {
    const stream = { ...DEFAULT_SOURCE, layout: 'stream' } as const;
    expect(planLatents(seeds(3, 40, stream), SIZE, 0).rows(0, 10)).toEqual(
      all(planLatents(seeds(3, 10, stream), SIZE, 0)),
    );
  });

  it('gives seed s the class s mod K, or the one that was chosen', () => {
    const planned = planLatents(seeds(12, 3), SIZE, CLASSES);
    expect([0, 1, 2].map(planned.describe)).toEqual([
      { seed: 12, classIndex: 5 },
      { seed: 13, classIndex: 6 },
      { seed: 14, classIndex: 0 },
    ]);
    const chosen = planLatents({ ...seeds(12, 2), classes: 4 } as LatentPlan, SIZE, CLASSES);
    expect(chosen.describe(1)).toEqual({ seed: 13, classIndex: 4 });
    expect(chosen.classWeights(0, 1)).toEqual(Float32Array.of(0, 0, 0, 0, 1, 0, 0));
  });

  it('has no class weights for a generator without classes', () => {
    const planned = planLatents(seeds(0, 4), SIZE, 0);
    expect(planned.classWeights(0, 4)).toHaveLength(0);
    expect(planned.describe(0)).toEqual({ seed: 0, classIndex: null });
  });

  it('leaves latents alone when the graph truncates', () => {
    const inside = { ...DEFAULT_SOURCE, truncation: { mode: 'input', value: 0.5 } } as const;
    expect(all(planLatents(seeds(1, 3, inside), SIZE, 0))).toEqual(all(planLatents(seeds(1, 3), SIZE, 0)));
  });
});

describe('interpolations', () => {
  it('start from and end at the samples that the panel shows for the keys, in either layout', () => {
    fc.assert(
      fc.property(anyKey, anyKey, anySource, (a, b, source) => {
        const planned = planLatents(path([a, b], 7, false, source), SIZE, CLASSES);
        const shown = (key: LatentKey) =>
          all(planLatents(seeds(key.seed, 1, { ...source, layout: 'each' }), SIZE, 0));
        expect(row(planned, 0)).toEqual(shown(a));
        expect(row(planned, 6)).toEqual(shown(b));
        expect(planned.describe(0)).toEqual(a);
        expect(planned.describe(6)).toEqual(b);
      }),
    );
  });

  it('a loop goes on seamlessly: the frame after the last would be the first', () => {
    const keys = [1, 2, 3].map((seed) => ({ seed, classIndex: 0 }));
    const once = planLatents(path(keys, 12, true), SIZE, CLASSES);
    const opened = planLatents(path([...keys, { seed: 1, classIndex: 0 }], 13), SIZE, CLASSES);
    expect(all(once)).toEqual(opened.rows(0, 12));
    expect(row(opened, 12)).toEqual(row(once, 0));
  });

  it('mix classes linearly between keys and describe them as neither', () => {
    const planned = planLatents(
      path(
        [
          { seed: 1, classIndex: 1 },
          { seed: 2, classIndex: 2 },
        ],
        5,
      ),
      SIZE,
      CLASSES,
    );
    expect(planned.classWeights(1, 1)).toEqual(Float32Array.of(0, 0.75, 0.25, 0, 0, 0, 0));
    expect(planned.describe(1)).toEqual({ seed: null, classIndex: null });
  });

  it('keep the seed where only the class changes, and the class where only the seed does', () => {
    const classOnly = planLatents(
      path(
        [
          { seed: 5, classIndex: 1 },
          { seed: 5, classIndex: 2 },
        ],
        3,
      ),
      SIZE,
      CLASSES,
    );
    expect(classOnly.describe(1)).toEqual({ seed: 5, classIndex: null });
    const seedOnly = planLatents(
      path(
        [
          { seed: 5, classIndex: 1 },
          { seed: 6, classIndex: 1 },
        ],
        3,
      ),
      SIZE,
      CLASSES,
    );
    expect(seedOnly.describe(1)).toEqual({ seed: null, classIndex: 1 });
  });

  it('a grid has its corners at the corners and mixes classes bilinearly', () => {
    const corners = [10, 20, 30, 40].map((seed, classIndex) => ({ seed, classIndex }));
    const plan = { kind: 'grid', source: DEFAULT_SOURCE, corners, rows: 3, columns: 5, method: 'slerp' };
    const planned = planLatents(plan as unknown as LatentPlan, SIZE, 4);
    expect([0, 4, 10, 14].map((i) => planned.describe(i).seed)).toEqual([10, 20, 30, 40]);
    expect([1, 3, 6, 9].map((i) => planned.nearestSeed(i))).toEqual([10, 20, 10, 20]);
    expect(planned.classWeights(7, 1)).toEqual(Float32Array.of(0.25, 0.25, 0.25, 0.25));
    expect(planned.classWeights(1, 1)).toEqual(Float32Array.of(0.75, 0.25, 0, 0));
  });
});

describe('a plan that cannot be drawn is refused before anything is drawn', () => {
  const key = { seed: 1, classIndex: 0 };
  it.each<[string, LatentPlan, RegExp]>([
    ['seeds that are none', seeds(-1, 1), /-1 is not a seed/],
    ['seeds past the last', seeds(2 ** 32 - 2, 3), /beyond the largest/],
    ['no samples', seeds(0, 0), /nothing to draw/],
    ['half a sample', seeds(0, 1.5), /nothing to draw/],
    ['a class that is none', { ...seeds(0, 1), classes: 7 } as LatentPlan, /no class 7/],
    ['no keys', path([], 3), /no key/],
    ['a key whose seed is none', path([{ seed: 0.5, classIndex: 0 }], 3), /0.5 is not a seed/],
    ['a key without a class', path([key, { seed: 1, classIndex: null }], 3), /no class/],
    [
      'a truncation',
      seeds(0, 1, { ...DEFAULT_SOURCE, truncation: { mode: 'resample', threshold: 0 } }),
      /threshold/,
    ],
  ])('%s', (_name, plan, pattern) => {
    expect(() => planLatents(plan, SIZE, CLASSES)).toThrow(refused(pattern));
  });

  it('but the last seed is a seed, and a stream needs only its own', () => {
    expect(planLatents(seeds(2 ** 32 - 3, 3), SIZE, 0).describe(2).seed).toBe(2 ** 32 - 1);
    const stream = { ...DEFAULT_SOURCE, layout: 'stream' } as const;
    expect(planLatents(seeds(2 ** 32 - 1, 3, stream), SIZE, 0).describe(2).seed).toBeNull();
  });

  it.each([
    [3, 1],
    [-1, 1],
    [0, 4],
    [0.5, 1],
  ])('rows(%f, %f) of three samples is a mistake of the caller', (offset, n) => {
    expect(() => planLatents(seeds(0, 3), SIZE, 0).rows(offset, n)).toThrow(RangeError);
  });
});

describe('picks', () => {
  const plan = { source: DEFAULT_SOURCE, seed: 5, count: 40, classes: 'all' } as const;

  it.each(['each', 'stream'] as const)('are the same samples as in the whole plan (%s)', (layout) => {
    const source = { ...DEFAULT_SOURCE, layout };
    const whole = planLatents({ ...plan, source, kind: 'seeds' }, 6, 3);
    const indices = [39, 0, 7, 7];
    const picks = planLatents({ ...plan, source, kind: 'picks', indices }, 6, 3);
    expect(picks.count).toBe(4);
    indices.forEach((index, i) => {
      expect(picks.rows(i, 1)).toEqual(whole.rows(index, 1));
      expect(picks.classWeights(i, 1)).toEqual(whole.classWeights(index, 1));
      expect(picks.describe(i)).toEqual(whole.describe(index));
      expect(picks.nearestSeed(i)).toBe(whole.nearestSeed(index));
    });
  });

  it('refuses places that the plan has not', () => {
    for (const index of [-1, 40, 0.5])
      expect(() => planLatents({ ...plan, kind: 'picks', indices: [index] }, 6, 3)).toThrow(
        expect.objectContaining({ code: 'input.invalid' }),
      );
  });
});
