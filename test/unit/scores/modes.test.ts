/** Scores that count over clusters and classes: dropped modes are found, chance is not, and likelihood misleads as it should. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainAlgebra } from '../../../src/algorithms/linalg/plain.ts';
import { ganTrainTest } from '../../../src/algorithms/scores/ganTrainTest.ts';
import { mauve, mauveArea } from '../../../src/algorithms/scores/mauve.ts';
import { modeHistogram } from '../../../src/algorithms/scores/modeHistogram.ts';
import { ndb, twoProportions } from '../../../src/algorithms/scores/ndb.ts';
import { parzen } from '../../../src/algorithms/scores/parzen.ts';
import { prd, prdOf } from '../../../src/algorithms/scores/prd.ts';
import { classify, fitLogistic } from '../../../src/algorithms/stats/logistic.ts';
import { normalTail } from '../../../src/algorithms/stats/normalTail.ts';
import { wilson } from '../../../src/algorithms/stats/wilson.ts';
import { first, gaussian, inputs, matrix, side } from './support.ts';

/** Rows about 8 on axis c for c = row mod `kinds`, and their classes. */
function mixture(rows: number, of: number, seed: number, kinds = of) {
  const noise = gaussian(rows, of, seed);
  const labels = Int32Array.from({ length: rows }, (_, i) => i % kinds);
  for (let i = 0; i < rows; i++) {
    const at = i * of + (i % kinds);
    noise.values[at] = (noise.values[at] as number) + 8;
  }
  return { features: noise, labels };
}

const seven = mixture(700, 7, 1);
const all = mixture(700, 7, 2);
/** Two of seven kinds are never made. */
const five = mixture(700, 7, 3, 5);

describe('dropped modes', () => {
  it('NDB finds differing cells where modes are dropped, and few where none is', async () => {
    const options = { k: 14 };
    const dropped = await first(ndb, five.features, seven.features, { options });
    const whole = await first(ndb, all.features, seven.features, { options });
    expect(dropped.value).toBeGreaterThan(0.5);
    expect(dropped.details['cells without samples']).toBeGreaterThanOrEqual(3);
    expect(whole.value).toBeLessThan(0.3);
  });

  it('PRD loses recall but no precision, MAUVE falls', async () => {
    const recallOf = async (of: typeof five) =>
      prd.compute(inputs(of.features, seven.features, { options: { k: 14 } }));
    const [[recall, precision], [recallAll, precisionAll]] = [await recallOf(five), await recallOf(all)];
    expect(recall?.value).toBeLessThan(0.85);
    expect(recallAll?.value).toBeGreaterThan(0.93);
    expect(precision?.value).toBeGreaterThan(0.9);
    expect(precisionAll?.value).toBeGreaterThan(0.93);
    const options = { k: 14 };
    const fallen = await first(mauve, five.features, seven.features, { options });
    expect(fallen.value).toBeLessThan(
      (await first(mauve, all.features, seven.features, { options })).value - 0.1,
    );
  });

  it('class balance names what is missing', async () => {
    const logits = (labels: Int32Array) =>
      matrix([...labels].map((label) => Array.from({ length: 7 }, (_, c) => (c === label ? 5 : 0))));
    const sides = (of: typeof five) =>
      [
        side(of.features, { logits: logits(of.labels) }),
        side(seven.features, { logits: logits(seven.labels) }),
      ] as const;
    const dropped = await first(modeHistogram, ...sides(five));
    expect(dropped.value).toBeCloseTo(2 / 7, 2);
    expect(dropped.warnings.join()).toContain('2 class(es) of the reference are missing, or nearly: 5, 6.');
    expect((await first(modeHistogram, ...sides(all))).value).toBeLessThan(0.01);
    await expect(modeHistogram.compute(inputs(five.features, seven.features))).rejects.toMatchObject({
      code: 'input.invalid',
    });
  });
});

describe('PRD and MAUVE of histograms', () => {
  const histograms = fc
    .array(fc.tuple(fc.nat(50), fc.nat(50)), { minLength: 2, maxLength: 12 })
    .filter((pairs) => pairs.some(([a]) => a > 0) && pairs.some(([, b]) => b > 0));

  it('are 1 of equal ones, 0 or nearly of disjoint ones, and in between otherwise', () => {
    const p = Float64Array.of(0.2, 0.3, 0.5);
    expect(prdOf(p, p).f8).toBeCloseTo(1, 6);
    expect(mauveArea(p, p, 5).value).toBeCloseTo(1, 9);
    const [a, b] = [Float64Array.of(1, 0), Float64Array.of(0, 1)];
    expect(prdOf(a, b).f8).toBe(0);
    expect(mauveArea(a, b, 5).value).toBeLessThan(0.01);
    fc.assert(
      fc.property(histograms, (pairs) => {
        const shares = (of: number[]) => {
          const sum = of.reduce((x, y) => x + y, 0);
          return Float64Array.from(of, (value) => value / sum);
        };
        const [left, right] = [shares(pairs.map(([x]) => x)), shares(pairs.map(([, y]) => y))];
        const { f8, fEighth } = prdOf(left, right);
        const turned = prdOf(right, left);
        const { value } = mauveArea(left, right, 5);
        for (const one of [f8, fEighth, value]) {
          expect(one).toBeGreaterThanOrEqual(0);
          expect(one).toBeLessThanOrEqual(1 + 1e-9);
        }
        // Precision of one is recall of the other.
        expect(turned.fEighth).toBeCloseTo(f8, 3);
        // Of nearly equal ones rounding decides the order of the points.
        expect(mauveArea(right, left, 5).value).toBeCloseTo(value, 5);
      }),
    );
  });
});

describe('GAN-train and GAN-test', () => {
  it('are 1 where classes are apart and made as asked; the confusion says what was made instead', async () => {
    const of = (made: typeof five, labels = made.labels) =>
      ganTrainTest.compute(
        inputs(side(made.features, { labels }), side(seven.features, { labels: seven.labels })),
      );
    const [train, test] = await of(all);
    expect(train?.value).toBeGreaterThan(0.99);
    expect(test?.value).toBeGreaterThan(0.99);
    // Whatever is asked for, one class further is made.
    const [, wrong] = await of(
      all,
      all.labels.map((label) => (label + 1) % 7),
    );
    expect(wrong?.value).toBeLessThan(0.01);
    expect(wrong?.plots[0]?.cells?.[3]?.[2]).toBeGreaterThan(0.98);
    const [dropped] = await of(five);
    expect(dropped?.value).toBeLessThan(5 / 7 + 0.02);
  });

  it('need classes on both sides', async () => {
    for (const [a, b] of [
      [side(five.features), side(seven.features, { labels: seven.labels })],
      [side(five.features, { labels: five.labels }), side(seven.features)],
    ] as const)
      await expect(ganTrainTest.compute(inputs(a, b))).rejects.toMatchObject({ code: 'input.invalid' });
  });

  it('GAN-test has replicates, by which two generators are compared on the same latents; GAN-train has none', async () => {
    const [train, test] = await ganTrainTest.compute(
      inputs(
        side(all.features, {
          labels: all.labels.map((label, i) => (i % 10 === 0 ? (label + 1) % 7 : label)),
        }),
        side(seven.features, { labels: seven.labels }),
      ),
    );
    expect(test?.value).toBeCloseTo(0.9, 1);
    expect(test?.replicates).toHaveLength(20);
    for (const replicate of test?.replicates ?? [])
      expect(Math.abs(replicate - (test?.value ?? 0))).toBeLessThan(0.02);
    expect(train?.replicates).toBeNull();
    expect([train, test].flatMap((value) => value?.warnings ?? []).join()).not.toContain('come to rest');
  });

  it('the regression ends where its gradient vanishes, and classifies a line that it can draw', async () => {
    const rows = matrix([
      [0, 0, 7],
      [1, 0, 7],
      [0, 1, 7],
      [3, 3, 7],
      [4, 3, 7],
      [3, 4, 7],
    ]);
    const labels = Int32Array.of(0, 0, 0, 1, 1, 1);
    const options = { penalty: 1e-3, rounds: 500, tolerance: 1e-8 };
    const model = await fitLogistic(rows, labels, 2, options, plainAlgebra, async () => {});
    expect(model.rounds).toBeLessThan(500);
    expect([...(await classify(model, rows, plainAlgebra, async () => {}))]).toEqual([...labels]);
    expect(model.weights.every(Number.isFinite)).toBe(true);
  });
});

describe('Parzen log-likelihood', () => {
  it('is no measure of quality: perfect samples of one kind lose to noise with a few real images in it', async () => {
    const real = mixture(600, 7, 11).features;
    const perfect = mixture(600, 7, 12, 1).features;
    const noise = gaussian(600, 7, 13, 0, 30);
    const few = mixture(60, 7, 14).features;
    for (let i = 0; i < 60; i++) noise.values.set(few.values.subarray(7 * i, 7 * i + 7), 70 * i);
    const [highQuality, lowQuality] = [await first(parzen, perfect, real), await first(parzen, noise, real)];
    expect(highQuality.value).toBeLessThan(lowQuality.value);
    expect(highQuality.warnings[0]).toContain('Likelihood is not quality');
  });

  it('does not depend on the unit of the features', async () => {
    const [a, b] = [gaussian(80, 3, 1), gaussian(100, 3, 2)];
    const times = (of: typeof a, by: number) => ({ ...of, values: of.values.map((value) => value * by) });
    expect((await first(parzen, times(a, 64), times(b, 64))).value).toBeCloseTo(
      (await first(parzen, a, b)).value,
      6,
    );
  });
});

describe('what tests rest on', () => {
  it('the normal tail is that of the tables, and one minus itself', () => {
    expect(normalTail(0)).toBe(0.5);
    expect(normalTail(1.959963984540054)).toBeCloseTo(0.025, 12);
    expect(normalTail(2.9999999)).toBeCloseTo(normalTail(3.0000001), 8);
    expect(normalTail(8) / 6.220960574271785e-16).toBeCloseTo(1, 9);
    fc.assert(
      fc.property(
        fc.double({ min: -6, max: 6, noNaN: true }),
        (z) => Math.abs(normalTail(z) + normalTail(-z) - 1) < 1e-12,
      ),
    );
  });

  it('two proportions: equal ones have p = 1, and the order makes no difference', () => {
    expect(twoProportions(10, 100, 20, 200)).toBe(1);
    expect(twoProportions(0, 100, 0, 50)).toBe(1);
    expect(twoProportions(0, 100, 30, 100)).toBeLessThan(1e-6);
    expect(twoProportions(3, 50, 9, 70)).toBeCloseTo(twoProportions(9, 70, 3, 50), 12);
  });

  it('Wilson’s interval holds the share, and stays within 0 and 1', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0, max: 1, noNaN: true }), (of, at) => {
        const hits = Math.round(at * of);
        const [low, high] = wilson(hits, of);
        return low >= 0 && high <= 1 && low <= hits / of + 1e-12 && high >= hits / of - 1e-12;
      }),
    );
    expect(wilson(8, 10)[0]).toBeCloseTo(0.4901625, 6);
    expect(wilson(8, 10)[1]).toBeCloseTo(0.9433178, 6);
  });
});
