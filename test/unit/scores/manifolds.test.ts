import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coverage, density } from '../../../src/algorithms/scores/densityCoverage.ts';
import { manifolds } from '../../../src/algorithms/scores/manifolds.ts';
import { precision, recall } from '../../../src/algorithms/scores/precisionRecall.ts';
import type { Matrix } from '../../../src/algorithms/scores/types.ts';
import { jackknifeGroups } from '../../../src/algorithms/stats/jackknife.ts';
import { first, gaussian, inputs, matrix, pick } from './support.ts';

/** The definitions, written out with exact distances. */
function byDefinition(generated: Matrix, reference: Matrix, k: number, kDensity: number) {
  const distance = (a: Matrix, i: number, b: Matrix, j: number) => {
    let sum = 0;
    for (let l = 0; l < a.columns; l++) {
      sum += ((a.values[i * a.columns + l] as number) - (b.values[j * a.columns + l] as number)) ** 2;
    }
    return sum;
  };
  const radius = (of: Matrix, neighbours: number) =>
    Array.from({ length: of.rows }, (_, i) => {
      const others = Array.from({ length: of.rows }, (_, j) => distance(of, i, of, j)).filter(
        (_, j) => j !== i,
      );
      return others.sort((a, b) => a - b)[neighbours - 1] as number;
    });
  const [real, dense, fake] = [radius(reference, k), radius(reference, kDensity), radius(generated, k)];
  const i = [...Array(generated.rows).keys()];
  const j = [...Array(reference.rows).keys()];
  const apart = i.map((a) => j.map((b) => distance(generated, a, reference, b)));
  const at = (a: number, b: number) => apart[a]?.[b] as number;
  const share = (all: number[], holds: (one: number) => boolean) => all.filter(holds).length / all.length;
  return {
    precision: share(i, (a) => j.some((b) => at(a, b) <= (real[b] as number))),
    recall: share(j, (b) => i.some((a) => at(a, b) <= (fake[a] as number))),
    density:
      i.reduce((sum, a) => sum + j.filter((b) => at(a, b) < (dense[b] as number)).length, 0) /
      i.length /
      kDensity,
    coverage: share(j, (b) => i.some((a) => at(a, b) < (dense[b] as number))),
  };
}

async function values(generated: Matrix, reference: Matrix, k = 3, kDensity = 5) {
  const found = await manifolds(inputs(generated, reference), { k, kDensity });
  const { precision, recall, density, coverage } = found;
  return {
    precision: precision.value,
    recall: recall.value,
    density: density.value,
    coverage: coverage.value,
  };
}

describe('precision, recall, density and coverage', () => {
  it('are those of the definitions for any features, ties and duplicates included', async () => {
    await fc.assert(
      fc.asyncProperty(
        // Small whole numbers: most distances are tied.
        fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })), {
          minLength: 6,
          maxLength: 30,
        }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })), {
          minLength: 6,
          maxLength: 30,
        }),
        async (x, y) => {
          const [generated, reference] = [matrix(x), matrix(y)];
          expect(await values(generated, reference)).toEqual(byDefinition(generated, reference, 3, 5));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('are those of the definitions where float32 products say nothing: a large offset, a small spread', async () => {
    const far = (of: Matrix): Matrix => ({ ...of, values: of.values.map((value) => 1000 + value / 64) });
    const [generated, reference] = [far(gaussian(90, 6, 1, 0.3)), far(gaussian(110, 6, 2))];
    expect(await values(generated, reference)).toEqual(byDefinition(generated, reference, 3, 5));
  });

  it('are the same over many blocks', async () => {
    const [generated, reference] = [gaussian(1500, 3, 1, 0.4), gaussian(2300, 3, 2)];
    expect(await values(generated, reference)).toEqual(byDefinition(generated, reference, 3, 5));
  }, 60_000);

  it('every replicate is the value without that group', async () => {
    const [generated, reference] = [gaussian(130, 4, 1, 0.8), gaussian(100, 4, 2)];
    const found = await manifolds(inputs(generated, reference), { k: 3, kDensity: 5 });
    const groups = jackknifeGroups(generated.rows) as Uint8Array;
    for (let group = 0; group < 20; group++) {
      const rows = [...groups.keys()].filter((row) => groups[row] !== group);
      const expected = byDefinition(pick(generated, rows), reference, 3, 5);
      for (const name of ['precision', 'recall', 'density', 'coverage'] as const) {
        expect(found[name].replicates?.[group]).toBeCloseTo(expected[name], 12);
      }
    }
  });

  it('of a set with itself are 1, 1, the neighbours themselves, 1', async () => {
    const features = gaussian(100, 4, 1);
    const found = await values(features, features);
    expect(found).toMatchObject({ precision: 1, recall: 1, coverage: 1 });
    // Its own ball holds a point as well, and the k-th neighbour, on the rim, does not count.
    expect(found.density).toBeCloseTo(1, 12);
  });

  it('of features that are all equal: within every ball of radius 0 by ≤, in none by <', async () => {
    const same = matrix(Array.from({ length: 50 }, () => [2, 2]));
    expect(await values(same, same)).toEqual({ precision: 1, recall: 1, density: 0, coverage: 0 });
  });

  it('of sets far apart are all 0', async () => {
    expect(await values(gaussian(60, 3, 1, 100), gaussian(60, 3, 2))).toEqual({
      precision: 0,
      recall: 0,
      density: 0,
      coverage: 0,
    });
  });
});

describe('the scores made of them', () => {
  const [generated, reference] = [gaussian(100, 3, 1, 0.5), gaussian(100, 3, 2)];

  it.each([precision, recall, density, coverage])('$name: a value, an interval, a warning', async (score) => {
    const value = await first(score, generated, reference);
    expect(value.name).toBe(score.values[0]);
    expect(value.interval?.[0]).toBeLessThan(value.value);
    expect(value.interval?.[1]).toBeGreaterThan(value.value);
    expect(value.warnings[0]).toMatch(/^N = 100, fewer than/);
  });

  it('share one pass over the pairs, and the reference’s radii with other samples', async () => {
    let products = 0;
    const given = inputs(generated, reference);
    const counting = {
      ...given,
      algebra: {
        ...given.algebra,
        productF32: (...all: Parameters<typeof given.algebra.productF32>) => {
          products++;
          return given.algebra.productF32(...all);
        },
      },
    };
    for (const score of [precision, recall, density, coverage]) await score.compute(counting);
    expect(products).toBe(3);
    await recall.compute({ ...counting, shared: new Map() });
    expect(products).toBe(5);
  });

  it('take another k', async () => {
    const value = await first(precision, generated, reference, { options: { k: 7 } });
    expect(value.value).toBe(byDefinition(generated, reference, 7, 5).precision);
    const dense = await first(density, generated, reference, { options: { k: 2 } });
    expect(dense.value).toBeCloseTo(byDefinition(generated, reference, 3, 2).density, 12);
  });

  it('refuse fewer rows than neighbours, and statistics', async () => {
    await expect(first(precision, gaussian(3, 3, 1), reference)).rejects.toMatchObject({
      code: 'input.invalid',
      message: '3 row(s) of generated features are too few: this score needs 4.',
    });
  });
});
