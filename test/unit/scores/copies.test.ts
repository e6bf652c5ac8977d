/** Scores that look sample by sample: copies are caught, honest samples are not, and nothing depends on order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CentredRows, centreOf } from '../../../src/algorithms/linalg/distances.ts';
import { symmetricEigenvalues } from '../../../src/algorithms/linalg/eigenvalues.ts';
import { nearestAcross } from '../../../src/algorithms/linalg/nearest.ts';
import { plainAlgebra } from '../../../src/algorithms/linalg/plain.ts';
import { authPct, distanceRatios } from '../../../src/algorithms/scores/authPct.ts';
import { cmmd } from '../../../src/algorithms/scores/cmmd.ts';
import { ct } from '../../../src/algorithms/scores/ct.ts';
import { medianOf, realism } from '../../../src/algorithms/scores/realism.ts';
import type { Matrix } from '../../../src/algorithms/scores/types.ts';
import { effectiveNumber, vendi } from '../../../src/algorithms/scores/vendi.ts';
import { jackknifeError, jackknifeGroups } from '../../../src/algorithms/stats/jackknife.ts';
import { first, gaussian, inputs, matrix, pick, side } from './support.ts';

const real = gaussian(400, 8, 1);
const honest = gaussian(300, 8, 2);
/** Two in three are copies, a hair beside the original. */
const copier = (() => {
  const values = honest.values.slice();
  const noise = gaussian(300, 8, 3, 0, 1e-3);
  for (let i = 0; i < 300; i++)
    if (i % 3 !== 0)
      for (let j = 0; j < 8; j++)
        values[i * 8 + j] = (real.values[i * 8 + j] as number) + (noise.values[i * 8 + j] as number);
  return { ...honest, values };
})();

describe('nearest rows of another set', () => {
  it('are those of a search through all pairs', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(1000),
        async (n, m, k, seed) => {
          const [a, b] = [gaussian(n, 3, seed), gaussian(m, 3, seed + 1)];
          const centre = centreOf(b);
          const found = await nearestAcross(
            new CentredRows(a, centre),
            new CentredRows(b, centre),
            k,
            plainAlgebra,
            async () => {},
          );
          for (let i = 0; i < n; i++) {
            const squares = Array.from({ length: m }, (_, j) => {
              let sum = 0;
              for (let l = 0; l < 3; l++)
                sum += ((a.values[i * 3 + l] as number) - (b.values[j * 3 + l] as number)) ** 2;
              return { j, sum };
            }).sort((x, y) => x.sum - y.sum || x.j - y.j);
            const wanted = squares.slice(0, k);
            const rows = [...found.indices.subarray(i * found.k, (i + 1) * found.k)];
            expect(rows).toEqual(wanted.map(({ j }) => j));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('AuthPct', () => {
  it('of copies is low, of honest samples of the same distribution about one half', async () => {
    const [caught, fine] = [await first(authPct, copier, real), await first(authPct, honest, real)];
    expect(caught.value).toBeLessThan(25);
    expect(fine.value).toBeGreaterThan(40);
    expect(fine.interval?.[0]).toBeGreaterThan(caught.interval?.[1] ?? 100);
  });

  it('of a copy is 0, of a twin in the reference as near as the twins are', async () => {
    const twins = matrix([
      [0, 0],
      [0, 0],
      [5, 5],
      [9, 9],
    ]);
    expect([
      ...(await distanceRatios(
        inputs(
          matrix([
            [0, 0],
            [5, 5],
            [0, 1],
          ]),
          twins,
        ),
      )),
    ]).toEqual([1, 0, Number.POSITIVE_INFINITY]);
  });
});

describe('C_T', () => {
  it('is far below 0 for copies and warns; about 0 for honest samples, above for distant ones', async () => {
    const [caught, fine, far] = [
      await first(ct, copier, real),
      await first(ct, honest, real),
      await first(ct, gaussian(300, 8, 5, 4), real),
    ];
    expect(caught.value).toBeLessThan(-3);
    expect(caught.warnings.join()).toContain('nearer to the training images than chance allows');
    expect(Math.abs(fine.value)).toBeLessThan(3);
    expect(fine.warnings.join()).not.toContain('chance allows');
    expect(far.value).toBeGreaterThan(3);
  });
});

describe('realism', () => {
  it('of real images is at least 1, of noise far away near 0, whatever the scale', async () => {
    const among = pick(
      real,
      Array.from({ length: 100 }, (_, i) => i),
    );
    const scaled = (by: number) => ({ ...real, values: real.values.map((value) => value * by) });
    const far = gaussian(100, 8, 7, 30);
    const inside = await first(realism, among, real);
    const outside = await first(realism, far, real);
    expect(inside.value).toBeGreaterThan(1);
    expect(outside.value).toBeLessThan(0.1);
    const large = await first(realism, { ...far, values: far.values.map((value) => value * 8) }, scaled(8));
    expect(large.value).toBeCloseTo(outside.value, 4);
  });

  it('a median is NumPy’s', () => {
    expect(medianOf([3, 1, 2])).toBe(2);
    expect(medianOf([4, 1, 2, 3])).toBe(2.5);
  });
});

describe('Vendi score', () => {
  it.each([
    ['normal features', 0.1],
    ['features that are alike', 3],
  ])('%s: the derivative’s standard error is that of exact replicates', async (_, shift) => {
    const [n, d] = [400, 100];
    const noise = gaussian(n, d, 1, shift);
    const values = noise.values.map((value, i) => value / (1 + (i % d) / 20));
    const features = { ...noise, values };
    const value = await first(vendi, features, null);
    expect(value.intervalKind).toMatch(/derivative/);
    const groups = jackknifeGroups(n) as Uint8Array;
    const exact: number[] = [];
    for (let group = 0; group < 20; group++) {
      const rows = [...groups.keys()].filter((row) => groups[row] !== group);
      exact.push((await first(vendi, pick(features, rows), null, { options: { interval: 'none' } })).value);
    }
    const ratio = jackknifeError(value.replicates ?? []) / jackknifeError(exact);
    expect(ratio).toBeGreaterThan(0.93);
    expect(ratio).toBeLessThan(1.1);
  });

  it.each([
    ['few rows', 100, 120, false],
    ['few rows, many of them twice', 100, 120, true],
  ])('%s: twenty decompositions less, and the same replicates', async (_, n, d, twice) => {
    const noise = gaussian(n, d, 1, 0.3);
    const values = noise.values.map((value, i) => value / (1 + (i % d) / 20));
    if (twice) values.copyWithin(0, 40 * d, 80 * d);
    const features = { ...noise, values };
    const value = await first(vendi, features, null);
    const groups = jackknifeGroups(n) as Uint8Array;
    const exact: number[] = [];
    for (let group = 0; group < 20; group++) {
      const rows = [...groups.keys()].filter((row) => groups[row] !== group);
      exact.push((await first(vendi, pick(features, rows), null, { options: { interval: 'none' } })).value);
      expect((value.replicates?.[group] ?? 0) / (exact[group] as number)).toBeCloseTo(1, 3);
    }
    expect(jackknifeError(value.replicates ?? []) / jackknifeError(exact)).toBeCloseTo(1, 2);
  });

  it('of long features is as exact from float32 products about the mean', async () => {
    const features = gaussian(700, 512, 1, 2);
    const { value } = await first(vendi, features, null, { options: { interval: 'none' } });
    const cosines = new Float64Array(700 * 700);
    for (let i = 0; i < 700; i++) {
      for (let j = 0; j <= i; j++) {
        const dot = (a: number, b: number) => {
          let sum = 0;
          for (let l = 0; l < 512; l++)
            sum += (features.values[a * 512 + l] as number) * (features.values[b * 512 + l] as number);
          return sum;
        };
        cosines[i * 700 + j] = cosines[j * 700 + i] = dot(i, j) / Math.sqrt(dot(i, i) * dot(j, j)) / 700;
      }
    }
    const exact = effectiveNumber(await symmetricEigenvalues(cosines, 700, plainAlgebra));
    expect(value / exact).toBeCloseTo(1, 7);
  });

  it('of few rows leaves groups out of their cosines', async () => {
    const features = gaussian(60, 70, 1);
    const value = await first(vendi, features, null);
    const groups = jackknifeGroups(60) as Uint8Array;
    const rows = [...groups.keys()].filter((row) => groups[row] !== 3);
    expect(value.replicates?.[3]).toBeCloseTo((await first(vendi, pick(features, rows), null)).value, 8);
  });

  it('counts the different pictures: 1 of equal ones, as many as there are of unlike ones', async () => {
    const equal = matrix(Array.from({ length: 50 }, () => [1, 2, 3, 4]));
    expect((await first(vendi, equal, null)).value).toBeCloseTo(1, 9);
    const unlike = matrix(
      Array.from({ length: 6 }, (_, i) => Array.from({ length: 6 }, (_, j) => (i === j ? 2 : 0))),
    );
    expect((await first(vendi, unlike, null)).value).toBeCloseTo(6, 9);
    const twice = pick(unlike, [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5]);
    expect((await first(vendi, twice, null)).value).toBeCloseTo(6, 9);
    expect(effectiveNumber(Float64Array.of(0.5, 0.5, -1e-18))).toBeCloseTo(2, 12);
  });

  it('is the same in any order of the samples', async () => {
    const rows = gaussian(60, 5, 11);
    const turned = pick(
      rows,
      Array.from({ length: 60 }, (_, i) => 59 - i),
    );
    expect((await first(vendi, turned, null)).value).toBeCloseTo((await first(vendi, rows, null)).value, 9);
  });
});

describe('CMMD', () => {
  it('of a set against itself is 0, and grows with the distance', async () => {
    expect((await first(cmmd, honest, honest)).value).toBeCloseTo(0, 9);
    const near = (await first(cmmd, gaussian(200, 8, 1, 0.2), real)).value;
    const far = (await first(cmmd, gaussian(200, 8, 1, 2), real)).value;
    expect(near).toBeGreaterThan(0);
    expect(far).toBeGreaterThan(near);
  });

  it('is the mean over all pairs, however they fall into blocks; the reference’s own part is made once', async () => {
    const [many, few] = [gaussian(1100, 3, 4, 0.5), gaussian(30, 3, 5)];
    const sharedReference = new Map<string, unknown>();
    let products = 0;
    const algebra: typeof plainAlgebra = {
      ...plainAlgebra,
      product: (...args) => {
        products++;
        return plainAlgebra.product(...args);
      },
    };
    const options = { sigma: 0.7 };
    const { value } = await first(cmmd, few, many, { options, sharedReference, algebra });
    expect(value / 1000).toBeCloseTo(discrepancy(few, many, 0.7), 9);
    // One block of samples, two of images: 1 + 2 + 3, and without those of the images alone 1 + 2.
    expect(products).toBe(6);
    expect((await first(cmmd, few, many, { options, sharedReference, algebra })).value).toBe(value);
    expect(products).toBe(9);
  });

  it.each([0, -1, 'wide'])('refuses a width of %s', async (sigma) => {
    await expect(cmmd.compute(inputs(honest, real, { options: { sigma } }))).rejects.toMatchObject({
      code: 'input.invalid',
    });
  });
});

describe.each([authPct, ct, realism, cmmd])('$name', (score) => {
  it('says what is missing', async () => {
    const statistics = { size: 8, mean: new Float64Array(8), covariance: new Float64Array(64), n: 10 };
    for (const reference of [null, side(null, { statistics }), matrix([[1, 2]])])
      await expect(score.compute(inputs(honest, reference))).rejects.toMatchObject({ code: 'input.invalid' });
    const broken = { ...honest, values: honest.values.map((value, i) => (i === 77 ? Number.NaN : value)) };
    await expect(score.compute(inputs(broken, real))).rejects.toMatchObject({
      code: 'input.invalid',
      message: expect.stringContaining('Row 9'),
    });
  });

  it('can be called off', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(score.compute(inputs(honest, real, { signal: controller.signal }))).rejects.toMatchObject({
      code: 'request.cancelled',
    });
  });
});

/** The biased estimate of the squared maximum mean discrepancy of directions, as its definition has it. */
function discrepancy(a: Matrix, b: Matrix, sigma: number): number {
  const rows = ({ rows: n, columns: d, values }: Matrix) =>
    Array.from({ length: n }, (_, i) => {
      const row = Array.from(values.subarray(i * d, (i + 1) * d));
      const length = Math.hypot(...row);
      return row.map((value) => Math.fround(value / length));
    });
  const mean = (xs: number[][], ys: number[][]) => {
    let sum = 0;
    for (const x of xs)
      for (const y of ys)
        sum += Math.exp(
          -x.reduce((all, value, j) => all + (value - (y[j] as number)) ** 2, 0) / (2 * sigma ** 2),
        );
    return sum / (xs.length * ys.length);
  };
  const [x, y] = [rows(a), rows(b)];
  return mean(x, x) - 2 * mean(x, y) + mean(y, y);
}
