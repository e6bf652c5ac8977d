import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AgreementCounts,
  agreementOf,
  countShared,
  totals,
} from '../../../src/algorithms/dissection/agreement.ts';
import { labelMap, NO_CONCEPT } from '../../../src/algorithms/dissection/labelMap.ts';
import { unionAgreement } from '../../../src/algorithms/dissection/verdicts.ts';
import { unionOfShares } from '../../../src/shared/units/conceptUnion.ts';
import { anySeed, asSpans, countOf, iouOf, randomLabels, randomMasks } from './support.ts';

const IMAGES = 7;
const UNITS = 3;
const CONCEPTS = 4;
const BLOCKS = 3;
const blockOf = (image: number) => Math.floor((image * BLOCKS) / IMAGES);

function counted(seed: number, planes: number) {
  const labels = randomLabels(seed, IMAGES, { concepts: CONCEPTS, planes });
  const masks = randomMasks(seed + 1, IMAGES, UNITS, 20);
  const counts = new AgreementCounts({ units: UNITS, concepts: CONCEPTS, blocks: BLOCKS });
  labels.forEach((map, image) => {
    counts.addLabels(blockOf(image), map);
    masks[image]?.forEach((mask, unit) => {
      counts.addMask(blockOf(image), unit, ...asSpans(mask), map);
    });
  });
  const pairs = (unit: number) =>
    labels.map((map, image) => ({ mask: masks[image]?.[unit] ?? [], labels: map }));
  return { labels, masks, counts, pairs };
}

describe('agreement', () => {
  it('is the definition, with one plane and with two', () => {
    fc.assert(
      fc.property(anySeed, fc.constantFrom(1, 2), (seed, planes) => {
        const { counts, pairs } = counted(seed, planes);
        const iou = agreementOf(totals(counts));
        for (let unit = 0; unit < UNITS; unit++)
          for (let c = 0; c < CONCEPTS; c++)
            expect(iou[unit * CONCEPTS + c]).toBeCloseTo(iouOf(pairs(unit), c), 14);
        // The unit that is never active agrees with nothing.
        expect([...iou.subarray((UNITS - 1) * CONCEPTS)]).toEqual([0, 0, 0, 0]);
      }),
      { numRuns: 30 },
    );
  });

  it('keeps each block to itself, and sums them as often as asked', () => {
    fc.assert(
      fc.property(
        anySeed,
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: BLOCKS, maxLength: BLOCKS }),
        (seed, weights) => {
          const { labels, masks, counts } = counted(seed, 1);
          const sum = totals(counts, weights);
          const times = (image: number) => weights[blockOf(image)] as number;
          const over = (value: (image: number) => number) =>
            labels.reduce((total, _, image) => total + times(image) * value(image), 0);
          expect(sum.pixels).toBe(over(() => 20));
          for (let c = 0; c < CONCEPTS; c++) {
            expect(sum.concept[c]).toBe(over((i) => countOf(labels[i] as never, c)));
            for (let u = 0; u < UNITS; u++)
              expect(sum.both[u * CONCEPTS + c]).toBe(
                over((i) => countOf(labels[i] as never, c, masks[i]?.[u])),
              );
          }
          for (let u = 0; u < UNITS; u++) expect(sum.mask[u]).toBe(over((i) => masks[i]?.[u]?.length ?? 0));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('goes on from its arrays as if never stopped', () => {
    const whole = counted(5, 2).counts;
    const state = structuredClone({
      both: whole.both,
      mask: whole.mask,
      concept: whole.concept,
      pixels: whole.pixels,
    });
    expect(totals(new AgreementCounts(whole.size, state))).toEqual(totals(whole));
  });

  it('counts a concept beyond the list, and none at all, nowhere', () => {
    const labels = labelMap(1, 4, [Uint16Array.from([0, 1, 2, NO_CONCEPT])]);
    const found = new Uint32Array(4);
    countShared(found, 1, 2, Int32Array.from([0, 4]), 1, labels);
    expect([...found]).toEqual([0, 1, 1, 0]);
  });

  it('of a union of concepts is that of one concept made of them', () => {
    fc.assert(
      fc.property(anySeed, (seed) => {
        const { counts, labels, pairs } = counted(seed, 1);
        const joined = labels.map((map) =>
          labelMap(
            map.height,
            map.width,
            map.planes.map((plane) => plane.map((c) => (c === 3 ? 1 : c))),
          ),
        );
        const iou = unionAgreement(totals(counts), [1, 3]);
        for (let u = 0; u < UNITS; u++) {
          const same = pairs(u).map(({ mask }, i) => ({ mask, labels: joined[i] as never }));
          expect(iou[u]).toBeCloseTo(iouOf(same, 1), 14);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('of a union comes out of the single ones and the shares as well', () => {
    fc.assert(
      fc.property(anySeed, (seed) => {
        const sum = totals(counted(seed, 1).counts);
        const wanted = unionAgreement(sum, [1, 3]);
        const each = agreementOf(sum);
        const concepts = sum.concept.length;
        for (let u = 0; u < UNITS; u++) {
          const found = unionOfShares(
            {
              iou: Array.from(each.subarray(u * concepts, (u + 1) * concepts)),
              maskShare: (sum.mask[u] as number) / sum.pixels,
              conceptShare: Array.from(sum.concept, (count) => count / sum.pixels),
            },
            [1, 3],
          );
          expect(found).toBeCloseTo(wanted[u] as number, 12);
        }
      }),
      { numRuns: 30 },
    );
  });
});
