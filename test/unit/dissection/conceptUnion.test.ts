/** Ranking by one concept or the union of several; its arithmetic is held against counts in agreement.test.ts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  agreementWith,
  ofOneKind,
  rankUnits,
  unionOfShares,
} from '../../../src/shared/units/conceptUnion.ts';

const CONCEPTS = 4;
const share = fc.double({ min: 0, max: 1, noNaN: true });
const anyLayer = fc
  .array(fc.tuple(share, fc.array(share, { minLength: CONCEPTS, maxLength: CONCEPTS })), { maxLength: 12 })
  .map((units) => ({
    units: units.map(([maskShare], unit) => ({ unit, maskShare })),
    iou: units.map(([, iou]) => iou),
  }));
const asLayer = (layer: { units: readonly unknown[]; iou: readonly (readonly number[])[] }) =>
  layer as Parameters<typeof rankUnits>[0];
const shares = [0.3, 0.2, 0.1, 0.05];

describe('ranking units by a concept', () => {
  it('names each unit once, by falling agreement, equal ones by number', () => {
    fc.assert(
      fc.property(anyLayer, fc.subarray([0, 1, 2, 3], { minLength: 1 }), (layer, concept) => {
        const scores = agreementWith(asLayer(layer), concept, shares);
        const order = rankUnits(asLayer(layer), concept, shares);
        expect([...order].sort((a, b) => a - b)).toEqual(layer.units.map(({ unit }) => unit));
        for (let i = 1; i < order.length; i++) {
          const [a, b] = [order[i - 1] as number, order[i] as number];
          expect((scores[a] as number) > (scores[b] as number) || (scores[a] === scores[b] && a < b)).toBe(
            true,
          );
        }
      }),
    );
  });

  it('one concept is read off, needs no shares, and a union of it alone is the same', () => {
    const layer = asLayer({ units: [{ unit: 0, maskShare: 0.01 }], iou: [[0.1, 0.2, 0.3, 0]] });
    expect(agreementWith(layer, [2], [])).toEqual([0.3]);
    const parts = { iou: [0.1, 0.2, 0.3, 0], maskShare: 0.01, conceptShare: shares };
    expect(unionOfShares(parts, [2])).toBeCloseTo(0.3, 12);
  });

  it('what is not known comes last and is no number', () => {
    const units = [0, 1, 2].map((unit) => ({ unit, maskShare: 0.01 }));
    const layer = asLayer({ units, iou: [[], [0.1, 0.2, 0.3, 0], [0.2, 0.2, 0.3, 0]] });
    expect(rankUnits(layer, [0], shares)).toEqual([2, 1, 0]);
    expect(agreementWith(layer, [0, 1], [0.3])).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(agreementWith(layer, [], shares)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });

  it('concepts of different kinds overlap, and are told apart', () => {
    const categories = ['object', 'object', 'part', 'part'];
    expect(ofOneKind(categories, [0, 1])).toBe(true);
    expect(ofOneKind(categories, [1, 2])).toBe(false);
    expect(ofOneKind([], [1, 2])).toBe(true);
    expect(ofOneKind(categories, [])).toBe(true);
  });
});
