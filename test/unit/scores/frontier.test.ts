import { describe, expect, it } from 'vitest';
import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';
import { frontierIntegral, frontierOf, kl, mixture } from '../../../src/algorithms/scores/divergences.ts';
import { frontier, frontierValues } from '../../../src/algorithms/scores/frontier.ts';
import {
  boundOfDistributions,
  quantisationBound,
  samplesFor,
  statisticalBound,
  totalBound,
} from '../../../src/algorithms/scores/frontierBound.ts';
import { standardBins } from '../../../src/algorithms/scores/quantise.ts';
import { SMOOTHINGS, smoothed } from '../../../src/algorithms/scores/smoothing.ts';
import { gaussian, inputs, matrix } from './support.ts';

/** Densities on a fine grid over the plane, each cell's mass. */
function onGrid(density: (x: number, y: number) => number, side = 700, reach = 35): Float64Array {
  const step = (2 * reach) / side;
  const values = Float64Array.from({ length: side * side }, (_, at) => {
    const x = -reach + ((at % side) + 0.5) * step;
    const y = -reach + (Math.floor(at / side) + 0.5) * step;
    return density(x, y) * step * step;
  });
  return values;
}

const normal = (shift: number, variance: number) => (x: number, y: number) =>
  Math.exp(-((x - shift) ** 2 + (y - shift) ** 2) / 2 / variance) / (2 * Math.PI * variance);
/** Student's t with 4 degrees of freedom in the plane. */
const student = (shift: number) => (x: number, y: number) =>
  (1 + ((x - shift) ** 2 + (y - shift) ** 2) / 4) ** -3 / (2 * Math.PI);

describe('the frontier integral', () => {
  it.each([
    ['N(0, I) and N((1, 1), I)', normal(0, 1), normal(1, 1), 0.27698, 35],
    ['N(0, I) and N(0, 5I)', normal(0, 1), normal(0, 5), 0.30078, 35],
    ['t₄ and t₄ shifted by (1, 1)', student(0), student(1), 0.20947, 60],
  ] as const)('of %s is what numeric integration gives', (_, one, two, expected, reach) => {
    expect(frontierIntegral(onGrid(one, 700, reach), onGrid(two, 700, reach))).toBeCloseTo(expected, 4);
  });

  it('is the integral over the frontier', () => {
    const p = smoothed([5, 1, 0, 9, 3], 'laplace');
    const q = smoothed([0, 2, 4, 9, 9], 'laplace');
    const steps = 20_000;
    let sum = 0;
    for (let i = 0; i < steps; i++) {
      const lambda = (i + 0.5) / steps;
      const r = mixture(p, q, lambda);
      sum += (2 / steps) * (lambda * kl(p, r) + (1 - lambda) * kl(q, r));
    }
    expect(frontierIntegral(p, q)).toBeCloseTo(sum, 7);
  });

  it('of equal distributions is 0, of disjoint ones 1, and is the same either way round', () => {
    const p = Float64Array.of(0.5, 0.5, 0, 0);
    const q = Float64Array.of(0, 0, 0.25, 0.75);
    expect(frontierIntegral(p, p)).toBe(0);
    expect(frontierIntegral(p, q)).toBe(1);
    const r = Float64Array.of(0.1, 0.2, 0.3, 0.4);
    expect(frontierIntegral(p, r)).toBeCloseTo(frontierIntegral(r, p), 15);
  });

  it('does not lose its digits where the two are nearly equal', () => {
    // (p + q)·x²/3 at x = 2⁻³⁰ and at 0.01, on either side of the series' edge.
    const tiny = 2 ** -30;
    const found = frontierIntegral(Float64Array.of(1 + tiny), Float64Array.of(1 - tiny));
    expect(found / ((2 * tiny ** 2) / 3)).toBeCloseTo(1, 12);
    for (const x of [0.00999, 0.01001]) {
      const exact = 2 * (x ** 2 / 3 + x ** 4 / 15 + x ** 6 / 35 + x ** 8 / 63);
      expect(frontierIntegral(Float64Array.of(1 + x), Float64Array.of(1 - x)) / exact).toBeCloseTo(1, 9);
    }
  });
});

it('the frontier falls from variety’s end to quality’s', () => {
  const { lambda, typeOne, typeTwo } = frontierOf(
    Float64Array.of(0.7, 0.3, 0),
    Float64Array.of(0.2, 0.3, 0.5),
  );
  expect(lambda).toHaveLength(100);
  expect([lambda[0], lambda[99]]).toEqual([0.01, 0.99]);
  // R = P at λ = 1: no cost of variety there, all of it in quality.
  expect(typeTwo).toEqual([...typeTwo].sort((a, b) => b - a));
  expect(typeOne).toEqual([...typeOne].sort((a, b) => a - b));
});

describe('smoothing', () => {
  const counts = [0, 0, 1, 1, 1, 2, 7];
  it.each([
    ['empirical', [0, 0, 1, 1, 1, 2, 7]],
    ['krichevsky-trofimov', [0.5, 0.5, 1.5, 1.5, 1.5, 2.5, 7.5]],
    ['laplace', [1, 1, 2, 2, 2, 3, 8]],
    ['braess-sauer', [0.5, 0.5, 2, 2, 2, 2.75, 7.75]],
    // Φ₀ … = 2, 3, 1: t = 0 ≤ 3: (3 + 1)·1 over two bins; t = 1 ≤ 1: (1 + 1)·2 over three; 2 and 7 as they are.
    ['good-turing', [2, 2, 4 / 3, 4 / 3, 4 / 3, 2, 7]],
  ] as const)('%s', (how, weights) => {
    const sum = weights.reduce((a, b) => a + b, 0);
    const found = smoothed(counts, how);
    weights.forEach((weight, i) => {
      expect(found[i]).toBeCloseTo(weight / sum, 14);
    });
  });

  it.each(SMOOTHINGS)('%s adds up to one', (how) => {
    expect(smoothed([3, 0, 0, 1, 12], how).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 14);
  });
});

describe('the error bound', () => {
  it('is that of the paper, and the samples for a target keep it', () => {
    expect(statisticalBound(10_000, 108)).toBeCloseTo(
      (2 * Math.log(10_000) + 1) * (0.0108 + Math.sqrt(0.0108)),
      12,
    );
    expect(quantisationBound(100)).toBe(0.02);
    for (const target of [0.5, 0.1]) {
      const n = samplesFor(target, standardBins);
      expect(totalBound(n * 1.005, standardBins(n * 1.005))).toBeLessThanOrEqual(target);
      expect(totalBound(n * 0.99, standardBins(n * 0.99))).toBeGreaterThan(target);
    }
  });

  it('holds for the errors of 200 draws on average, and that of the distributions as well', () => {
    const p = smoothed([50, 20, 10, 10, 5, 5], 'empirical');
    const q = smoothed([10, 20, 30, 20, 10, 10], 'empirical');
    const truth = frontierIntegral(p, q);
    const n = 200;
    let sum = 0;
    for (let seed = 0; seed < 200; seed++) {
      const draw = (of: Float64Array, at: number) => {
        const counts = new Float64Array(of.length);
        for (const value of new NumpyRandom(2 * seed + at).uniforms(n)) {
          let bin = 0;
          for (let rest = value - (of[0] as number); rest > 0 && bin < of.length - 1; )
            rest -= of[++bin] as number;
          counts[bin] = (counts[bin] as number) + 1;
        }
        return smoothed(counts, 'empirical');
      };
      sum += Math.abs(frontierIntegral(draw(p, 0), draw(q, 1)) - truth) / 200;
    }
    expect(sum).toBeLessThan(boundOfDistributions(n, p, q));
    expect(boundOfDistributions(n, p, q)).toBeLessThan(statisticalBound(n, 6));
  });
});

describe('the score', () => {
  it('is three values with intervals, a curve, and what explains them', async () => {
    const values = await frontier.compute(inputs(gaussian(300, 4, 1, 0.5), gaussian(300, 4, 2)));
    expect(values.map(({ name }) => name)).toEqual([...frontier.values]);
    for (const { value, interval } of values) {
      expect(interval?.[0]).toBeLessThan(value);
      expect(interval?.[1]).toBeGreaterThan(value);
    }
    const [integral] = values;
    expect(integral?.details).toMatchObject({ clusters: 33, smoothing: 'empirical' });
    expect(Object.keys(integral?.details ?? {}).filter((key) => key.startsWith('integral,'))).toHaveLength(5);
    expect(integral?.plots[0]?.x.values).toHaveLength(100);
    expect(integral?.warnings[0]).toMatch(/^N = 300: few samples in each of 33 clusters/);
  });

  it('tells dropped modes from poor samples', async () => {
    // Four modes; the generator lacks two, or adds two of its own.
    const modes = (which: readonly number[], seed: number) => {
      const noise = gaussian(400, 2, seed, 0, 0.05);
      const values = noise.values.map((value, at) => {
        const angle = (which[Math.floor(at / 2) % which.length] as number) * (Math.PI / 4);
        return value + (at % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
      });
      return { ...noise, values };
    };
    const options = { k: 8 };
    const dropped = await frontier.compute(inputs(modes([0, 2], 1), modes([0, 2, 4, 6], 2), { options }));
    const strange = await frontier.compute(
      inputs(modes([0, 2, 4, 6, 1, 3, 5, 7], 1), modes([0, 2, 4, 6], 2), { options }),
    );
    expect(dropped[2]?.value).toBeGreaterThan(2 * (dropped[1]?.value as number));
    expect(strange[1]?.value).toBeGreaterThan(2 * (strange[2]?.value as number));
  });

  it('follows from cluster labels alone', () => {
    const [integral, one, two] = frontierValues(
      { k: 3, components: 1, generated: Int32Array.of(0, 0, 1, 1), reference: Int32Array.of(1, 1, 2, 2) },
      'empirical',
    );
    expect(integral?.value).toBeCloseTo(0.5, 14);
    expect(one?.value).toBeCloseTo(0.5 * Math.log(100), 12);
    expect(two?.value).toBeCloseTo(0.5 * Math.log(100), 12);
    expect(integral?.interval).toBeNull();
  });

  it('of features that are all equal is 0 in one cluster', async () => {
    const same = matrix(Array.from({ length: 50 }, () => [1, 2]));
    const [integral] = await frontier.compute(inputs(same, same));
    expect(integral?.value).toBe(0);
    expect(integral?.details.clusters).toBe(1);
  });

  it.each([[{ k: 1 }], [{ smoothing: 'none' }], [{ target: 2 }]])('refuses %o', async (options) => {
    const given = inputs(gaussian(50, 2, 1), gaussian(50, 2, 2), { options });
    await expect(frontier.compute(given)).rejects.toMatchObject({ code: 'input.invalid' });
  });
});
