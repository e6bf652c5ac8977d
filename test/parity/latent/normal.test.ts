import { describe, expect, it } from 'vitest';
import { normalCdf, normalQuantile } from '../../../src/algorithms/latent/normal.ts';
import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';
import { truncatedNormalQuantile } from '../../../src/algorithms/latent/truncation.ts';
import { bySeed, f8, maxDifference, reference, report } from './reference.ts';

const { normal, numpy } = reference;

describe(`SciPy ${reference.versions.scipy}`, () => {
  it('Φ agrees to 12 digits, far into the tails', () => {
    f8(normal.cdf).forEach((value, i) => {
      expect(Math.abs(normalCdf(normal.x[i] ?? 0) / value - 1)).toBeLessThan(1e-12);
    });
  });

  it('Φ⁻¹ agrees to 1e-13, in every branch of AS 241', () => {
    f8(normal.quantile).forEach((value, i) => {
      expect(Math.abs(normalQuantile(normal.p[i] ?? 0) - value)).toBeLessThan(
        1e-13 * Math.max(1, Math.abs(value)),
      );
    });
  });

  it.each(bySeed(numpy.truncnorm))(
    'truncnorm(-2, 2) of seed %i agrees to 1e-12 in float64',
    (seed, values) => {
      const ours = new NumpyRandom(seed).uniforms(512).map(truncatedNormalQuantile);
      const difference = maxDifference(ours, f8(values));
      report(`truncnorm float64, seed ${seed}`, difference);
      expect(difference).toBeLessThan(1e-12);
    },
  );
});
