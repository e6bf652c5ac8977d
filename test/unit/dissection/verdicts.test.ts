import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgreementCounts, agreementOf, totals } from '../../../src/algorithms/dissection/agreement.ts';
import { labelMap } from '../../../src/algorithms/dissection/labelMap.ts';
import { NullCounts, nullShifts, ShiftedLabels } from '../../../src/algorithms/dissection/nullBaseline.ts';
import { blockIntervals, conceptCounts, judge } from '../../../src/algorithms/dissection/verdicts.ts';
import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';
import { anySeed, asSpans, randomLabels, randomMasks } from './support.ts';

const IMAGES = 24;
const UNITS = 5;
const CONCEPTS = 4;
const RULES = { leastIou: 0.04, leastQuality: 0, seed: 7 };

/**
 * Unit 0 is concept 2, unit 1 is concept 1 but for some pixels, unit 2 the same pixels in every image, unit 3 noise, unit 4
 * silent. `order` renumbers the concepts.
 */
function dissected(seed: number, order = [0, 1, 2, 3]) {
  const labels = randomLabels(seed, IMAGES, { height: 8, width: 8 }).map((map) =>
    labelMap(
      8,
      8,
      map.planes.map((plane) => plane.map((c) => order[c] ?? c)),
    ),
  );
  const noise = randomMasks(seed + 1, IMAGES, 2, 64, 0.2);
  const counts = new AgreementCounts({ units: UNITS, concepts: CONCEPTS, blocks: 12 });
  const shifts = nullShifts(0, IMAGES);
  const chance = new NullCounts(shifts, UNITS, CONCEPTS);
  const shifted = new ShiftedLabels(shifts);
  for (const map of labels.slice(-shifted.length)) shifted.push(map);
  labels.forEach((map, image) => {
    const block = Math.floor(image / 2);
    const where = (c: number) => [...(map.planes[0] ?? [])].flatMap((at, i) => (at === order[c] ? [i] : []));
    const masks = [where(2), where(1).filter((i) => i % 3 > 0), [9, 10, 17, 18], noise[image]?.[0] ?? [], []];
    counts.addLabels(block, map);
    masks.forEach((mask, unit) => {
      counts.addMask(block, unit, ...asSpans(mask), map);
      chance.addMask(unit, ...asSpans(mask), shifted);
    });
    shifted.push(map);
  });
  return { counts, chance };
}

describe('judge', () => {
  it('names units by their best concept, and calls those interpretable that clear both bars', () => {
    const { counts, chance } = dissected(1);
    const { units, iou } = judge(counts, chance, RULES);
    expect(units.map(({ concept }) => concept).slice(0, 2)).toEqual([2, 1]);
    expect(units[0]).toMatchObject({ iou: 1, interval: [1, 1], interpretable: true });
    expect(units[0]?.quality).toBeCloseTo(1, 12);
    expect(units[1]?.iou).toBeCloseTo(2 / 3, 1);
    // The same place in every picture and noise: above 0.04, but not above chance.
    for (const unit of [2, 3]) expect(units[unit]?.iou).toBeGreaterThan(0.04);
    expect(units.map(({ interpretable }) => interpretable)).toEqual([true, true, false, false, false]);
    expect(units[4]).toMatchObject({
      concept: 0,
      iou: 0,
      interval: [0, 0],
      nullIou: 0,
      maskShare: 0,
      quality: 0,
    });
    expect(iou).toEqual(agreementOf(totals(counts)));
    for (const { nullIou, bar, interval, iou: own } of units) {
      expect(bar).toBeGreaterThanOrEqual(nullIou);
      expect(interval[0]).toBeLessThanOrEqual(own);
      expect(interval[1]).toBeGreaterThanOrEqual(own);
    }
    expect(units[2]?.maskShare).toBeCloseTo(4 / 64, 12);
  });

  it('asks for more than the least IoU, and for information where it is told to', () => {
    const { counts, chance } = dissected(2);
    const interpretable = (rules: Partial<typeof RULES>) =>
      judge(counts, chance, { ...RULES, ...rules }).units.map((unit) => unit.interpretable);
    expect(interpretable({ leastIou: 0.9 })).toEqual([true, false, false, false, false]);
    expect(interpretable({ leastIou: 1 })).toEqual([false, false, false, false, false]);
    const [first, second] = judge(counts, chance, RULES).units;
    expect(interpretable({ leastQuality: (first?.quality ?? 0) - 1e-9 })[0]).toBe(true);
    expect(interpretable({ leastQuality: first?.quality ?? 0 })[0]).toBe(false);
    expect(interpretable({ leastQuality: second?.quality ?? 0 })[1]).toBe(false);
  });

  it('takes the concepts it is given, where levels were chosen for them', () => {
    const { counts, chance } = dissected(3);
    const { units, iou } = judge(counts, chance, { ...RULES, concepts: [0, 1, 2, 3, 3] });
    expect(units.map(({ concept }) => concept)).toEqual([0, 1, 2, 3, 3]);
    units.forEach((unit, u) => {
      expect(unit.iou).toBeCloseTo(iou[u * CONCEPTS + unit.concept] as number, 14);
    });
  });

  it('does not depend on how concepts are numbered', () => {
    fc.assert(
      fc.property(anySeed, fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), (seed, order) => {
        const plain = dissected(seed);
        const other = dissected(seed, order);
        const first = judge(plain.counts, plain.chance, RULES);
        const second = judge(other.counts, other.chance, RULES);
        expect(second.null99).toBe(first.null99);
        // The silent unit has no best concept: it keeps the first.
        first.units.slice(0, 4).forEach((unit, u) => {
          expect(second.units[u]).toEqual({ ...unit, concept: order[unit.concept] });
        });
      }),
      { numRuns: 10 },
    );
  });

  it('takes the first of concepts that agree equally', () => {
    const labels = labelMap(1, 4, [Uint16Array.from([0, 1, 0, 1])]);
    const counts = new AgreementCounts({ units: 1, concepts: 2, blocks: 1 });
    counts.addLabels(0, labels);
    counts.addMask(0, 0, Int32Array.from([0, 2]), 1, labels);
    expect(judge(counts, new NullCounts([], 1, 2), RULES)).toMatchObject({
      null99: 0,
      units: [{ concept: 0 }],
    });
  });
});

/** IoU counts of images whose shares vary, and the ratio of the expectations. */
function draw(random: NumpyRandom, blocks: number, images: number) {
  const counts = new AgreementCounts({ units: 1, concepts: 1, blocks });
  for (let block = 0; block < blocks; block++) {
    const drawn = random.uniforms(images * 2);
    for (let i = 0; i < images; i++) {
      // Mask and concept in the first half of [0, 1000) pixels or so, meeting in a share of their own.
      const either = Math.round(300 + 400 * (drawn[2 * i] as number));
      const shared = Math.round(either * 0.6 * (drawn[2 * i + 1] as number));
      counts.both[block] = (counts.both[block] as number) + shared;
      counts.mask[block] = (counts.mask[block] as number) + shared;
      counts.concept[block] = (counts.concept[block] as number) + either;
      counts.pixels[block] = (counts.pixels[block] as number) + 1000;
    }
  }
  return counts;
}
const TRUE_IOU = 0.3;

describe('blockIntervals', () => {
  it('contains the true IoU about as often as it says', () => {
    const random = new NumpyRandom(11);
    let covered = 0;
    for (let i = 0; i < 200; i++) {
      const [[low, high]] = blockIntervals(draw(random, 50, 4), [0], 1) as [readonly [number, number]];
      if (low <= TRUE_IOU && TRUE_IOU <= high) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(176);
    expect(covered).toBeLessThan(200);
  });

  it('shrinks as there are more images', () => {
    const width = (blocks: number, images: number) => {
      const [[low, high]] = blockIntervals(draw(new NumpyRandom(12), blocks, images), [0], 1) as [
        readonly [number, number],
      ];
      return high - low;
    };
    expect(width(40, 4) / width(10, 4)).toBeCloseTo(0.5, 0);
    expect(width(40, 4)).toBeLessThan(0.75 * width(10, 4));
    expect(width(50, 16)).toBeLessThan(0.75 * width(50, 4));
  });

  it('is the same every time, and another with another seed', () => {
    const counts = draw(new NumpyRandom(13), 10, 4);
    expect(blockIntervals(counts, [0], 5)).toEqual(blockIntervals(counts, [0], 5));
    expect(blockIntervals(counts, [0], 5)).not.toEqual(blockIntervals(counts, [0], 6));
  });

  it('knows nothing from a single block', () => {
    const counts = draw(new NumpyRandom(14), 1, 50);
    expect(blockIntervals(counts, [0], 5)).toEqual([[0, 1]]);
  });
});

it('conceptCounts lists interpretable units by concept, most first', () => {
  const unit = (index: number, concept: number, interpretable: boolean) => ({
    unit: index,
    concept,
    interpretable,
    iou: 0,
    interval: [0, 0] as const,
    nullIou: 0,
    bar: 0,
    quality: 0,
    maskShare: 0,
  });
  const units = [unit(0, 3, true), unit(1, 2, true), unit(2, 1, false), unit(3, 2, true), unit(4, 1, true)];
  expect(conceptCounts(units)).toEqual([
    { concept: 2, units: [1, 3] },
    { concept: 1, units: [4] },
    { concept: 3, units: [0] },
  ]);
});
