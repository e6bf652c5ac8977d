import { describe, expect, it } from 'vitest';
import { drawComponents } from '../../../src/algorithms/latent/draw.ts';
import { planLatents } from '../../../src/algorithms/latent/plan.ts';
import { TorchRandom } from '../../../src/algorithms/latent/torchRandom.ts';
import { DEFAULT_SOURCE } from '../../../src/shared/samples/latents.ts';
import { bySeed, drawCalls, f4, f8, maxDifference, reference, report } from './reference.ts';

const { torch, lengths } = reference;
/** torch's own kernels differ from each other by 1.8e-6. */
const TOLERANCE = 4e-6;

describe(`PyTorch ${reference.versions.torch} on the CPU`, () => {
  it.each(bySeed<Record<string, string>>(torch.randn))(
    'randn of seed %i agrees at every length',
    (seed, values) => {
      for (const n of lengths) {
        const difference = maxDifference(new TorchRandom(seed).normals(n), f4(values[n] ?? ''));
        report(`torch.randn(${n}), seed ${seed}`, difference);
        expect(difference).toBeLessThanOrEqual(TOLERANCE);
      }
    },
  );

  it.each(bySeed(torch.rand))('rand of seed %i is bit-exact, at every length', (seed, values) => {
    for (const n of lengths) expect(new TorchRandom(seed).uniforms(n)).toEqual(f4(values).slice(0, n));
  });

  it.each(bySeed(torch.uniform))('uniform_(-1, 1) of seed %i is bit-exact', (seed, values) => {
    const source = { ...DEFAULT_SOURCE, distribution: 'uniform' } as const;
    expect(drawComponents(new TorchRandom(seed), source, 100)).toEqual(f4(values));
  });

  it.each(bySeed(torch.consecutive.values))('consecutive draws of seed %i agree', (seed, values) => {
    const difference = maxDifference(drawCalls(new TorchRandom(seed), torch.consecutive.calls), f4(values));
    report(`torch consecutive, seed ${seed}`, difference);
    expect(difference).toBeLessThanOrEqual(TOLERANCE);
  });

  it.each(bySeed(torch.stream))('a stream plan of seed %i is randn(5, 20)', (seed, values) => {
    const source = { ...DEFAULT_SOURCE, rng: 'torch', layout: 'stream' } as const;
    const plan = { kind: 'seeds', source, seed, count: 5, classes: 'all' } as const;
    expect(maxDifference(planLatents(plan, 20, 0).rows(0, 5), f4(values))).toBeLessThanOrEqual(TOLERANCE);
  });

  it.each(bySeed(torch.resampled))('truncation by drawing again, seed %i, agrees', (seed, cases) => {
    for (const [threshold, values] of Object.entries(cases)) {
      const source = {
        ...DEFAULT_SOURCE,
        truncation: { mode: 'resample', threshold: Number(threshold) },
      } as const;
      const difference = maxDifference(drawComponents(new TorchRandom(seed), source, 96), f4(values));
      report(`torch resample ${threshold}, seed ${seed}`, difference);
      expect(difference).toBeLessThanOrEqual(TOLERANCE);
    }
  });

  it.each(bySeed(torch.truncnorm))(
    'truncnorm.ppf of torch.rand, seed %i, is equal within 2e-7',
    (seed, values) => {
      const source = { ...DEFAULT_SOURCE, truncation: { mode: 'truncnorm', scale: 1 } } as const;
      const difference = maxDifference(drawComponents(new TorchRandom(seed), source, 96), f8(values));
      report(`truncnorm, torch seed ${seed}`, difference);
      expect(difference).toBeLessThan(2e-7);
    },
  );
});
