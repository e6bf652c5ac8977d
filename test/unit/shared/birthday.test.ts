/** How many different pictures a generator makes, by how often a batch has two alike. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holm } from '../../../src/algorithms/stats/holm.ts';
import { clopperPearson, supportOf } from '../../../src/shared/checks/birthday.ts';

describe('the support estimate', () => {
  it('where half of the batches have two alike it is about 0.72 s²', () => {
    const { support, interval } = supportOf({ batch: 400, batches: 40, duplicates: 20 });
    expect(support).toBeCloseTo(400 ** 2 / (2 * Math.LN2), 6);
    expect(interval[0]).toBeLessThan(support ?? 0);
    expect(interval[1]).toBeGreaterThan(support ?? 0);
  });

  it('without any duplicate there is a lower bound alone, with all an upper one', () => {
    const none = supportOf({ batch: 100, batches: 20, duplicates: 0 });
    expect(none).toMatchObject({ share: 0, support: null, interval: [expect.any(Number), null] });
    expect(none.shareInterval[1]).toBeCloseTo(1 - 0.025 ** (1 / 20), 9);
    const all = supportOf({ batch: 100, batches: 20, duplicates: 20 });
    expect(all).toMatchObject({ share: 1, support: null, interval: [null, expect.any(Number)] });
  });

  it('more duplicates never mean more pictures', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 500 }),
        fc.integer({ min: 3, max: 60 }),
        fc.nat(57),
        (batch, batches, at) => {
          const hits = 1 + (at % (batches - 2));
          const [one, more] = [hits, hits + 1].map((duplicates) => supportOf({ batch, batches, duplicates }));
          return more?.support === null || (one?.support ?? 0) > (more?.support ?? 0);
        },
      ),
    );
  });
});

describe('Clopper and Pearson’s interval', () => {
  it('is that of the tables, holds the share, and is turned round with it', () => {
    const [low, high] = clopperPearson(8, 10);
    expect(low).toBeCloseTo(0.4439045, 6);
    expect(high).toBeCloseTo(0.9747893, 6);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(200), (of, at) => {
        const hits = at % (of + 1);
        const [a, b] = clopperPearson(hits, of);
        const [c, d] = clopperPearson(of - hits, of);
        return (
          a <= hits / of && hits / of <= b && Math.abs(a - (1 - d)) < 1e-9 && Math.abs(b - (1 - c)) < 1e-9
        );
      }),
    );
  });
});

describe('Holm’s correction', () => {
  it('multiplies the smallest by all, and keeps the order', () => {
    expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }), (values) => {
        const adjusted = holm(values);
        return values.every((value, i) =>
          values.every(
            (other, j) =>
              (adjusted[i] as number) >= value &&
              (adjusted[i] as number) <= 1 &&
              (value <= other ? (adjusted[i] as number) <= (adjusted[j] as number) : true),
          ),
        );
      }),
    );
  });
});
