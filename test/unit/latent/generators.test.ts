import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/algorithms/latent/draw.ts';
import { Mt19937 } from '../../../src/algorithms/latent/mt19937.ts';
import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';
import { anySeed } from './arbitraries.ts';

describe('MT19937', () => {
  it('gives the outputs that its authors print for init_by_array (mt19937ar.out)', () => {
    const twister = new Mt19937();
    twister.seedByArray([0x123, 0x234, 0x345, 0x456]);
    const outputs = Array.from({ length: 5 }, () => twister.next());
    expect(outputs).toEqual([1067595299, 955945823, 477289528, 4107218783, 4228976476]);
  });

  it('gives 4123659995 as its 10,000th output from the default seed (ISO C++ [rand.predef])', () => {
    const twister = new Mt19937();
    for (let i = 1; i < 10_000; i++) twister.next();
    expect(twister.next()).toBe(4123659995);
  });
});

describe.each(['numpy', 'torch'] as const)('%s generator', (rng) => {
  it('seeded again is as good as new, whatever it drew before', () => {
    fc.assert(
      fc.property(anySeed, anySeed, fc.nat(40), fc.nat(40), (first, second, before, n) => {
        const used = createRandom(rng, first);
        used.normals(before);
        used.seed(second);
        expect(used.normals(n)).toEqual(createRandom(rng, second).normals(n));
      }),
    );
  });

  it('draws uniforms in [0, 1) that do not depend on how they are asked for', () => {
    fc.assert(
      fc.property(anySeed, fc.nat(100), fc.nat(100), (seed, n, m) => {
        const random = createRandom(rng, seed);
        const parts = [...random.uniforms(n), ...random.uniforms(m)];
        expect(parts).toEqual([...createRandom(rng, seed).uniforms(n + m)]);
        expect(parts.every((u) => u >= 0 && u < 1)).toBe(true);
      }),
    );
  });

  it('draws normals with mean 0 and variance 1', () => {
    const z = createRandom(rng, 1).normals(100_000);
    const mean = z.reduce((sum, value) => sum + value, 0) / z.length;
    const square = z.reduce((sum, value) => sum + value * value, 0) / z.length;
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(Math.abs(square - 1)).toBeLessThan(0.02);
  });

  it.each([-1, 0.5, 2 ** 32, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses the seed %f and says what to choose',
    (seed) => {
      expect(() => createRandom(rng, seed)).toThrow(
        expect.objectContaining({ code: 'input.invalid', advice: expect.stringContaining('4294967295') }),
      );
    },
  );
});

describe('NumPy generator', () => {
  it('draws normals that do not depend on how they are asked for', () => {
    fc.assert(
      fc.property(anySeed, fc.nat(50), fc.nat(50), (seed, n, m) => {
        const random = new NumpyRandom(seed);
        const parts = [...random.normals(n), ...random.normals(m)];
        expect(parts).toEqual([...new NumpyRandom(seed).normals(n + m)]);
      }),
    );
  });

  it.each([[[]], [[1, -1]], [[2 ** 32]]])('refuses the seed words %j', (words) => {
    expect(() => new NumpyRandom(words)).toThrow(expect.objectContaining({ code: 'input.invalid' }));
  });
});
