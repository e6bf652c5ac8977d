import { describe, expect, it } from 'vitest';
import { multiply, plainAlgebra } from '../../../src/algorithms/linalg/plain.ts';
import { fid } from '../../../src/algorithms/scores/fid.ts';
import { FrechetSubsets, frechet, frechetReference } from '../../../src/algorithms/scores/frechet.ts';
import { statisticsOf } from '../../../src/algorithms/scores/inputs.ts';
import { jackknifeError, jackknifeGroups } from '../../../src/algorithms/stats/jackknife.ts';
import { first, gaussian, inputs, matrix, pick, side } from './support.ts';

const D = 5;

describe('FID', () => {
  it('of a set with itself is nothing', async () => {
    const features = gaussian(200, D, 1);
    const value = await first(fid, features, features);
    expect(value.value).toBeGreaterThanOrEqual(0);
    expect(value.value).toBeLessThan(1e-9);
  });

  it('of shifted and scaled features is the closed form', async () => {
    const reference = gaussian(300, D, 1);
    const generated = { ...reference, values: reference.values.map((value) => 2 * value + 3) };
    const { mean, covariance } = await statisticsOf(inputs(generated, reference), 'reference');
    let trace = 0;
    for (let j = 0; j < D; j++) trace += covariance[j * D + j] as number;
    // Means m and 2m + 3; covariances Σ and 4Σ: Tr(Σ + 4Σ − 2·2Σ) = Tr Σ.
    const means = mean.reduce((sum, m) => sum + (m + 3) ** 2, 0);
    expect((await first(fid, generated, reference)).value).toBeCloseTo(means + trace, 4);
  });

  it('takes statistics for either side, and then knows no interval', async () => {
    const [generated, reference] = [gaussian(120, D, 1), gaussian(90, D, 2, 0.5)];
    const given = inputs(generated, reference);
    const statistics = side(null, { statistics: await statisticsOf(given, 'reference') });
    const whole = await first(fid, generated, reference);
    expect((await first(fid, generated, statistics)).value).toBeCloseTo(whole.value, 10);
    const own = side(null, { statistics: await statisticsOf(given, 'generated') });
    const value = await first(fid, own, statistics);
    expect(value.value).toBeCloseTo(whole.value, 10);
    expect(value.interval).toBeNull();
    expect(value.intervalKind).toMatch(/statistics/);
  });

  it('with covariances divided by N is smaller by what that makes of them', async () => {
    const [generated, reference] = [gaussian(60, D, 1), gaussian(60, D, 2)];
    const [one, none] = [
      await first(fid, generated, reference),
      await first(fid, generated, reference, { options: { ddof: 0 } }),
    ];
    const means = Number(one.details['distance of the means']);
    expect(none.value - means).toBeCloseTo(((one.value - means) * 59) / 60, 10);
  });

  it.each([
    ['more rows than features', 200, D],
    ['fewer rows than features', 60, 90],
  ])('%s: every replicate is the FID without that group', async (_, n, d) => {
    const [generated, reference] = [gaussian(n, d, 1, 0.2), gaussian(300, d, 2)];
    const value = await first(fid, generated, reference);
    const groups = jackknifeGroups(n) as Uint8Array;
    for (const group of [0, 7, 19]) {
      const rows = [...groups.keys()].filter((row) => groups[row] !== group);
      const left = await first(fid, pick(generated, rows), reference, { options: { interval: 'none' } });
      expect(value.replicates?.[group]).toBeCloseTo(left.value, 6);
    }
  });

  it.each([
    ['normal features', 400, 100, (value: number) => value],
    ['rectified ones with heavy tails', 400, 100, (value: number) => Math.max(0, value ** 3 / 2 - 0.1)],
    ['few rows for their length', 160, 100, (value: number) => Math.max(0, value)],
  ])('%s: the derivative’s standard error is that of exact replicates', async (_, n, d, of) => {
    const made = (rows: number, seed: number, scale: number) => {
      const mixed = multiply(
        gaussian(rows, d, seed).values.map((value, i) => (scale * value) / Math.sqrt(1 + (i % d) / 4)),
        gaussian(d, d, 99).values.map((value) => value / 4),
        { m: rows, k: d, n: d },
        new Float32Array(rows * d),
      );
      return { rows, columns: d, values: mixed.map(of) };
    };
    const [generated, reference] = [made(n, 1, 1.15), made(1000, 2, 1)];
    const value = await first(fid, generated, reference);
    expect(value.intervalKind).toMatch(/derivative/);
    const groups = jackknifeGroups(n) as Uint8Array;
    const exact: number[] = [];
    for (let group = 0; group < 20; group++) {
      const rows = [...groups.keys()].filter((row) => groups[row] !== group);
      exact.push(
        (await first(fid, pick(generated, rows), reference, { options: { interval: 'none' } })).value,
      );
    }
    const ratio = jackknifeError(value.replicates ?? []) / jackknifeError(exact);
    expect(ratio).toBeGreaterThan(0.97);
    expect(ratio).toBeLessThan(1.1);
    const mean = (value.replicates ?? []).reduce((a, b) => a + b, 0) / 20;
    expect(mean).toBeCloseTo(value.value, 9);
  });

  it.each([
    ['fewer rows than features', 100, 130, 200],
    ['as many rows as features', 101, 100, 200],
    ['hardly more rows than features', 120, 97, 200],
    ['fewer rows than features, of a reference that has fewer yet', 110, 130, 105],
    ['many rows twice', 100, 130, 200],
  ])('%s: twenty decompositions less, and the same replicates', async (name, n, d, m) => {
    const falling = (rows: number, seed: number) => {
      const made = gaussian(rows, d, seed, 0.1, 1.1);
      const values = made.values.map((value, i) => value / Math.sqrt(1 + (i % d) / 4));
      if (name.includes('twice')) values.copyWithin(0, 40 * d, 80 * d);
      return { ...made, values };
    };
    const [generated, reference] = [falling(n, 1), falling(m, 2)];
    const value = await first(fid, generated, reference);
    const groups = jackknifeGroups(n) as Uint8Array;
    const exact: number[] = [];
    for (let group = 0; group < 20; group++) {
      const rows = [...groups.keys()].filter((row) => groups[row] !== group);
      exact.push(
        (await first(fid, pick(generated, rows), reference, { options: { interval: 'none' } })).value,
      );
      expect(value.replicates?.[group]).toBeCloseTo(exact[group] as number, 3);
    }
    expect(jackknifeError(value.replicates ?? []) / jackknifeError(exact)).toBeCloseTo(1, 2);
  });

  it('of many features says about how far it is biased, without a fit', async () => {
    const value = await first(fid, gaussian(400, 100, 1), gaussian(20_000, 100, 2));
    const bias = Number(value.details['bias at N (from the spectrum)']);
    expect(bias).toBeGreaterThan(0.6 * value.value);
    expect(bias).toBeLessThan(1.1 * value.value);
    expect(value.warnings[0]).toMatch(/biased upward here by about \d.*first order in 1\/N/);
  });

  it('of subsets, by moments or by the Gram matrix, is that of the rows alone', async () => {
    const reference = gaussian(400, 40, 2);
    for (const n of [35, 100]) {
      const features = gaussian(n, 40, 3, 0.1);
      const given = inputs(features, reference);
      const known = await frechetReference(await statisticsOf(given, 'reference'), plainAlgebra);
      const subsets = new FrechetSubsets(features, known, plainAlgebra);
      const rows = Int32Array.from({ length: 30 }, (_, i) => i);
      const whole = await first(fid, pick(features, rows), reference);
      expect(frechet(await subsets.ofRows(rows), 1)).toBeCloseTo(whole.value, 6);
    }
  });

  it('says how far it is biased, about as much as it is', async () => {
    const value = await first(fid, gaussian(400, 16, 1), gaussian(20_000, 16, 2));
    // Both from the same distribution: all of it is bias.
    expect(Number(value.details['bias at N (fit)'])).toBeGreaterThan(0.4 * value.value);
    expect(Number(value.details['bias at N (fit)'])).toBeLessThan(1.6 * value.value);
    expect(value.warnings[0]).toMatch(/^N = 400, .* biased upward here by about 0\.\d+/);
    expect(value.plots[0]?.x.values).toHaveLength(16);
  });

  it('warns of singular covariances on either side, and is exact all the same', async () => {
    const value = await first(fid, gaussian(50, 64, 1), gaussian(40, 64, 2));
    expect(value.warnings.join()).toMatch(/N = 50 is no more than the 64 features/);
    expect(value.warnings.join()).toMatch(/reference has 40 images, no more than the 64/);
  });

  it('of features that are all equal is the distance of the two points', async () => {
    const same = (value: number) => matrix(Array.from({ length: 50 }, () => [value, 0]));
    const value = await first(fid, same(1), same(4));
    expect(value.value).toBe(9);
    expect(value.interval).toEqual([9, 9]);
  });

  it.each([
    ['one sample', matrix([[1, 2]]), gaussian(9, 2, 1), /1 row\(s\) of generated features are too few/],
    ['one image', gaussian(9, 2, 1), matrix([[1, 2]]), /1 row\(s\) of reference features are too few/],
    [
      'NaN',
      matrix([
        [1, 2],
        [1, Number.NaN],
      ]),
      gaussian(9, 2, 1),
      /Row 1 of the generated features/,
    ],
    ['infinity', gaussian(9, 1, 1), matrix([[1], [2], [-Infinity]]), /Row 2 of the reference features/],
    ['other lengths', gaussian(9, 2, 1), gaussian(9, 3, 1), /have 2 numbers, those of the reference 3/],
    ['no reference', gaussian(9, 2, 1), null, /there is none/],
    [
      'a wrong shape',
      { ...gaussian(9, 2, 1), rows: 8 },
      gaussian(9, 2, 1),
      /shape of the generated features/,
    ],
  ] as const)('refuses %s', async (_, generated, reference, message) => {
    await expect(first(fid, generated, reference)).rejects.toMatchObject({ code: 'input.invalid', message });
  });

  it('stops when it is called off', async () => {
    const control = new AbortController();
    control.abort();
    const running = first(fid, gaussian(99, D, 1), gaussian(99, D, 2), { signal: control.signal });
    await expect(running).rejects.toMatchObject({ code: 'request.cancelled' });
  });
});
