import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalCdf, normalQuantile } from '../../../src/algorithms/latent/normal.ts';
import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';
import {
  checkTruncation,
  resampleOutside,
  truncatedNormalQuantile,
  truncatedNormals,
} from '../../../src/algorithms/latent/truncation.ts';
import { DEFAULT_SOURCE } from '../../../src/shared/samples/latents.ts';
import { anySeed } from './arbitraries.ts';

describe('drawing components again', () => {
  it('leaves what is inside alone and brings the rest inside', () => {
    fc.assert(
      fc.property(anySeed, fc.double({ min: 0.2, max: 3, noNaN: true }), (seed, threshold) => {
        const random = new NumpyRandom(seed);
        const before = random.normals(50);
        const after = before.slice();
        resampleOutside(after, threshold, (n) => random.normals(n));
        const limit = Math.fround(threshold);
        after.forEach((value, i) => {
          expect(Math.abs(value)).toBeLessThanOrEqual(limit);
          const old = before[i] ?? 0;
          if (Math.abs(old) <= limit) expect(value).toBe(old);
        });
      }),
    );
  });

  it('hands one draw a round to the components outside, in index order', () => {
    const z = Float32Array.of(0, 5, 0.5, -5, 9);
    const rounds = [Float32Array.of(0.1, 7, 0.3), Float32Array.of(0.2)];
    resampleOutside(z, 1, (n) => {
      const round = rounds.shift();
      expect(round).toHaveLength(n);
      return round ?? new Float32Array(n);
    });
    expect(z).toEqual(Float32Array.of(0, 0.1, 0.5, 0.2, 0.3));
  });
});

describe('truncated normal', () => {
  it('runs from −2·scale to 2·scale, symmetric about 0', () => {
    expect(truncatedNormalQuantile(0)).toBeCloseTo(-2, 13);
    expect(truncatedNormalQuantile(1)).toBeCloseTo(2, 13);
    expect(truncatedNormals([0, 0.5, 1], 0.5)).toEqual(Float32Array.of(-1, 0, 1));
  });
});

describe('normal distribution', () => {
  it('has a quantile function that undoes the distribution function', () => {
    fc.assert(
      fc.property(fc.double({ min: -8, max: 5, noNaN: true }), (x) => {
        expect(normalQuantile(normalCdf(x))).toBeCloseTo(x, 8);
      }),
    );
  });

  it('is sane at and beyond the ends', () => {
    expect([0, 1, -0.1, 1.1, Number.NaN].map(normalQuantile)).toEqual([-Infinity, Infinity, NaN, NaN, NaN]);
    expect([-Infinity, Infinity, NaN].map(normalCdf)).toEqual([0, 1, NaN]);
  });
});

describe('a truncation that cannot be drawn', () => {
  it.each([
    ['a threshold that rejects almost everything', { truncation: { mode: 'resample', threshold: 0.001 } }],
    ['a threshold that is no number', { truncation: { mode: 'resample', threshold: Number.NaN } }],
    ['a negative scale', { truncation: { mode: 'truncnorm', scale: -1 } }],
    ['an infinite scale', { truncation: { mode: 'truncnorm', scale: Infinity } }],
    ['truncnorm of uniforms', { truncation: { mode: 'truncnorm', scale: 1 }, distribution: 'uniform' }],
  ] as const)('%s', (_name, change) => {
    expect(() => checkTruncation({ ...DEFAULT_SOURCE, ...change })).toThrow(
      expect.objectContaining({ code: 'input.invalid', advice: expect.stringMatching(/^Choose/) }),
    );
  });
});
