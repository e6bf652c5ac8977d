import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bilinear } from '../../../src/algorithms/dissection/bilinear.ts';
import {
  agreementShare,
  informationQuality,
  intersectionOverUnion,
} from '../../../src/algorithms/dissection/information.ts';
import { type LabelMap, labelMap, NO_CONCEPT } from '../../../src/algorithms/dissection/labelMap.ts';
import { LevelSketches } from '../../../src/algorithms/dissection/levelSketches.ts';
import { type BestLevel, LevelCounts, TAILS } from '../../../src/algorithms/dissection/levels.ts';
import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';
import { anySeed, randomLabels, shows } from './support.ts';

const UNITS = 4;
const CONCEPTS = 4;
const SIDE = 12;
const IMAGES = 6;
const bilinear = new Bilinear([3, 3], [SIDE, SIDE]);

/** Maps that follow concept 1 (unit 0) or 2 (unit 1, a ReLU), follow nothing (2), or are constant (3). */
function mapsLike(labels: readonly LabelMap[], seed: number): Float32Array[] {
  const random = new NumpyRandom(seed);
  return labels.map((map) =>
    random.normals(UNITS * 9).map((x, i) => {
      const unit = Math.floor(i / 9);
      const pixel = (Math.floor((i % 9) / 3) * 4 + 2) * SIDE + (i % 3) * 4 + 2;
      if (unit === 0) return x + (shows(map, pixel, 1) ? 3 : 0);
      if (unit === 1) return Math.max(0, x - 1 + (shows(map, pixel, 2) ? 4 : 0));
      return unit === 2 ? x : -1;
    }),
  );
}

/** Blocks of 4 × 4 pixels of one concept, concept 3 in a single pixel of the first picture. */
function blocks(seed: number): LabelMap[] {
  const coarse = randomLabels(seed, IMAGES, { height: 3, width: 3, concepts: 3 });
  return coarse.map((map, image) => {
    const fine = new Uint16Array(SIDE * SIDE).map(
      (_, i) => map.planes[0]?.[Math.floor(i / SIDE / 4) * 3 + Math.floor((i % SIDE) / 4)] as number,
    );
    if (image === 0) fine[0] = 3;
    return labelMap(SIDE, SIDE, [fine]);
  });
}

/** Every level against every concept, as gandissect's collect_iqr does. */
function bruteForce(maps: readonly Float32Array[], labels: readonly LabelMap[], levels: Float64Array) {
  const total = IMAGES * SIDE * SIDE;
  const shown = Array.from({ length: CONCEPTS }, (_, c) =>
    labels.flatMap((map) => Array.from({ length: map.pixels }, (_, i) => shows(map, i, c))),
  );
  return Array.from({ length: UNITS }, (_, unit): BestLevel => {
    const values = maps.flatMap((map) => {
      const out = new Float64Array(SIDE * SIDE);
      bilinear.enlarge(map, unit * 9, out);
      return [...out];
    });
    let best: BestLevel = { concept: 0, level: Infinity, tail: 0, quality: 0, iou: 0 };
    TAILS.forEach((tail, t) => {
      const level = levels[unit * TAILS.length + t] as number;
      if (level <= 0 || tail === 1) return;
      const mask = values.map((value) => value > level);
      shown.forEach((of, c) => {
        const table = {
          both: mask.filter((above, i) => above && of[i]).length,
          mask: mask.filter(Boolean).length,
          concept: of.filter(Boolean).length,
          total,
        };
        if (table.concept / total < 1e-4 || agreementShare(table) <= 0.8) return;
        const quality = informationQuality(table);
        if (quality > best.quality)
          best = { concept: c, level, tail, quality, iou: intersectionOverUnion(table) };
      });
    });
    return best;
  });
}

function counted(seed: number) {
  const labels = blocks(seed);
  const maps = mapsLike(labels, seed + 1);
  const sketches = new LevelSketches({ units: UNITS, bilinear, tail: null });
  for (const map of maps) sketches.add(map);
  const levels = sketches.levels(TAILS);
  const counts = new LevelCounts(UNITS, CONCEPTS, levels);
  for (let i = 0; i < IMAGES; i++) addImage(counts, maps[i] as Float32Array, labels[i] as LabelMap);
  return { labels, maps, levels, counts };
}

function addImage(counts: LevelCounts, map: Float32Array, labels: LabelMap): void {
  const indices = new Int32Array(bilinear.pixels);
  const values = new Float64Array(bilinear.pixels);
  counts.addLabels(labels);
  for (let unit = 0; unit < UNITS; unit++) {
    const n = bilinear.search(map, unit * 9, counts.leastLevel(unit), indices, values);
    counts.addMap(unit, indices, values, n, labels);
  }
}

describe('LevelCounts', () => {
  it('tries the tails of numpy.logspace(-3, 0, 100)', () => {
    expect(TAILS).toHaveLength(100);
    expect(TAILS[0]).toBeCloseTo(0.001, 15);
    expect(TAILS[1]).toBeCloseTo(0.0010722672220103231, 15);
    expect(TAILS[33]).toBeCloseTo(0.01, 15);
    expect(TAILS[98]).toBeCloseTo(0.9326033468832199, 14);
    expect(TAILS[99]).toBe(1);
  });

  it('finds the level and the concept that trying them all finds', () => {
    let found = 0;
    fc.assert(
      fc.property(anySeed, (seed) => {
        const { maps, labels, levels, counts } = counted(seed);
        const byHand = bruteForce(maps, labels, levels);
        counts.best().forEach((best, unit) => {
          const wanted = byHand[unit] as BestLevel;
          expect(best.concept).toBe(wanted.concept);
          expect([best.level, best.tail]).toEqual([wanted.level, wanted.tail]);
          expect(best.quality).toBeCloseTo(wanted.quality, 12);
          expect(best.iou).toBeCloseTo(wanted.iou, 12);
          if (best.quality > 0) found++;
        });
        // A constant below 0 has no level at all.
        expect(counts.best()[3]).toEqual({ concept: 0, level: Infinity, tail: 0, quality: 0, iou: 0 });
      }),
      { numRuns: 4 },
    );
    expect(found).toBeGreaterThan(4);
  });

  it('names the concepts that units follow', () => {
    const [first, second] = counted(2).counts.best();
    expect([first?.concept, second?.concept]).toEqual([1, 2]);
    expect(Math.min(first?.quality ?? 0, second?.quality ?? 0)).toBeGreaterThan(0.1);
  });

  it('chooses no level for a concept on fewer than one pixel in 10,000', () => {
    const pixels = 101 * 100;
    const found = (share: number) => {
      const plane = new Uint16Array(pixels).fill(NO_CONCEPT).fill(0, 0, share);
      const values = Float64Array.from({ length: pixels }, (_, i) => (i < share ? 5 : i < 40 ? 1 : 0));
      const levels = Float64Array.from(TAILS, (_, t) => (t < 10 ? 2 : 0.5));
      const counts = new LevelCounts(1, 1, levels);
      const labels = labelMap(101, 100, [plane]);
      counts.addLabels(labels);
      counts.addMap(
        0,
        new Int32Array(pixels).map((_, i) => i),
        values,
        40,
        labels,
      );
      return counts.best()[0];
    };
    expect(found(1)).toMatchObject({ level: Infinity, quality: 0 });
    expect(found(2)).toMatchObject({ concept: 0, level: 2, tail: TAILS[0], iou: 1 });
  });

  it('goes on from its state', () => {
    const { maps, labels, levels, counts } = counted(3);
    const half = new LevelCounts(UNITS, CONCEPTS, levels);
    for (let i = 0; i < 3; i++) addImage(half, maps[i] as Float32Array, labels[i] as LabelMap);
    const again = new LevelCounts(UNITS, CONCEPTS, levels, structuredClone(half.state()));
    for (let i = 3; i < IMAGES; i++) addImage(again, maps[i] as Float32Array, labels[i] as LabelMap);
    expect(again.best()).toEqual(counts.best());
  });
});

const anyTable = fc
  .tuple(fc.nat(50), fc.nat(50), fc.nat(50), fc.nat(50))
  .map(([both, mask, concept, rest]) => ({
    both,
    mask: both + mask,
    concept: both + concept,
    total: both + mask + concept + rest,
  }));

describe('information quality', () => {
  it('is mutual information over joint entropy, between 0 and 1', () => {
    fc.assert(
      fc.property(anyTable, (table) => {
        const { both, mask, concept, total } = table;
        const entropy = (...counts: number[]) =>
          counts.reduce((sum, n) => (n > 0 ? sum - (n / total) * Math.log(n / total) : sum), 0);
        const joint = entropy(both, mask - both, concept - both, total - mask - concept + both);
        const apart = entropy(mask, total - mask) + entropy(concept, total - concept);
        const quality = informationQuality(table);
        expect(quality).toBeGreaterThanOrEqual(0);
        expect(quality).toBeLessThanOrEqual(1 + 1e-12);
        expect(quality).toBeCloseTo(joint > 0 ? (apart - joint) / joint : 0, 10);
      }),
    );
  });

  it('is 1 for the same or the opposite, 0 for what has nothing to do with it, or does not vary', () => {
    expect(informationQuality({ both: 20, mask: 20, concept: 20, total: 100 })).toBeCloseTo(1, 12);
    expect(informationQuality({ both: 0, mask: 20, concept: 80, total: 100 })).toBeCloseTo(1, 12);
    expect(informationQuality({ both: 10, mask: 20, concept: 50, total: 100 })).toBeCloseTo(0, 12);
    expect(informationQuality({ both: 0, mask: 0, concept: 0, total: 100 })).toBe(0);
    expect(informationQuality({ both: 0, mask: 0, concept: 0, total: 0 })).toBe(0);
  });

  it('agreement is the share of pixels in both or in neither', () => {
    expect(agreementShare({ both: 10, mask: 20, concept: 50, total: 100 })).toBeCloseTo(0.5, 15);
    expect(agreementShare({ both: 0, mask: 0, concept: 0, total: 0 })).toBe(0);
    expect(intersectionOverUnion({ both: 10, mask: 20, concept: 50 })).toBeCloseTo(1 / 6, 15);
    expect(intersectionOverUnion({ both: 0, mask: 0, concept: 0 })).toBe(0);
  });
});
