import { describe, expect, it } from 'vitest';
import { drawComponents } from '../../../src/algorithms/latent/draw.ts';
import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';
import { planLatents } from '../../../src/algorithms/latent/plan.ts';
import { DEFAULT_SOURCE } from '../../../src/shared/samples/latents.ts';
import { bySeed, drawCalls, f4, f8, maxDifference, reference, report } from './reference.ts';

const { numpy, lengths } = reference;

describe(`NumPy ${reference.versions.numpy} RandomState`, () => {
  it.each(bySeed(numpy.randn))(
    'randn of seed %i is equal after rounding to float32, at every length',
    (seed, values) => {
      for (const n of lengths) expect(new NumpyRandom(seed).normals(n)).toEqual(f4(values).slice(0, n));
    },
  );

  it.each(bySeed(numpy.randomSample))('random_sample of seed %i is bit-exact', (seed, values) => {
    expect(new NumpyRandom(seed).uniforms(100)).toEqual(f8(values));
  });

  it.each(bySeed(numpy.uniform))('uniform(-1, 1) of seed %i is equal', (seed, values) => {
    const source = { ...DEFAULT_SOURCE, distribution: 'uniform' } as const;
    expect(drawComponents(new NumpyRandom(seed), source, 100)).toEqual(f4(values));
  });

  it.each(bySeed(numpy.consecutive.values))(
    'consecutive draws of seed %i are equal: the second normal is kept',
    (seed, values) => {
      expect(drawCalls(new NumpyRandom(seed), numpy.consecutive.calls)).toEqual(f4(values));
    },
  );

  it.each(numpy.byArray)('RandomState of a list of words is equal', ({ key, randn }) => {
    expect(new NumpyRandom(key).normals(32)).toEqual(f4(randn));
  });

  it('is still equal after a million draws', () => {
    const random = new NumpyRandom(7);
    random.uniforms(10 ** 6);
    expect(random.uniforms(4)).toEqual(f8(numpy.afterAMillion));
  });

  it.each(bySeed(numpy.stream))('a stream plan of seed %i is randn(5, 20)', (seed, values) => {
    const source = { ...DEFAULT_SOURCE, layout: 'stream' } as const;
    const plan = { kind: 'seeds', source, seed, count: 5, classes: 'all' } as const;
    expect(planLatents(plan, 20, 0).rows(0, 5)).toEqual(f4(values));
  });

  it.each(bySeed(numpy.resampled))('truncation by drawing again, seed %i, is equal', (seed, cases) => {
    for (const [threshold, values] of Object.entries(cases)) {
      const source = {
        ...DEFAULT_SOURCE,
        truncation: { mode: 'resample', threshold: Number(threshold) },
      } as const;
      expect(drawComponents(new NumpyRandom(seed), source, 96)).toEqual(f4(values));
    }
  });

  it.each(bySeed(numpy.truncnorm))(
    'scipy.stats.truncnorm.rvs of seed %i, scaled, is equal within 1e-7',
    (seed, values) => {
      const source = { ...DEFAULT_SOURCE, truncation: { mode: 'truncnorm', scale: 0.4 } } as const;
      const ours = drawComponents(new NumpyRandom(seed), source, 512);
      const difference = maxDifference(
        ours,
        f8(values).map((z) => 0.4 * z),
      );
      report(`truncnorm, numpy seed ${seed}`, difference);
      expect(difference).toBeLessThan(1e-7);
    },
  );
});
