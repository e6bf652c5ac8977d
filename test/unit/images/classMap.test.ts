import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_CONCEPT } from '../../../src/algorithms/dissection/labelMap.ts';
import { ClassMap } from '../../../src/algorithms/images/classMap.ts';
import { centred, type Placement, placed } from '../../../src/algorithms/images/placement.ts';

type Size = readonly [number, number];

/** The definition, with no thought of speed: every class enlarged at every pixel. Also how clearly the winner won. */
function slow(logits: Float32Array, classes: number, [h, w]: Size, [height, width]: Size, place: Placement) {
  const at = (i: number, pixels: number, axis: 0 | 1, cells: number) => {
    const seen = ((i + 0.5) * place.resized[axis]) / pixels - place.start[axis];
    if (seen < 0 || seen >= place.input[axis]) return null;
    const position = Math.max(0, (seen * cells) / place.input[axis] - 0.5);
    const low = Math.min(Math.floor(position), cells - 1);
    const high = Math.min(low + 1, cells - 1);
    return { low, high, fraction: position - low };
  };
  return Array.from({ length: height * width }, (_, i) => {
    const y = at(Math.floor(i / width), height, 0, h);
    const x = at(i % width, width, 1, w);
    if (!y || !x) return { concept: NO_CONCEPT, margin: Infinity };
    const values = Array.from({ length: classes }, (_unused, k) => {
      const cell = (row: number, column: number) => logits[(k * h + row) * w + column] as number;
      const upper = cell(y.low, x.low) * (1 - x.fraction) + cell(y.low, x.high) * x.fraction;
      const lower = cell(y.high, x.low) * (1 - x.fraction) + cell(y.high, x.high) * x.fraction;
      return upper * (1 - y.fraction) + lower * y.fraction;
    });
    const best = Math.max(...values);
    const [first = 0, second = -Infinity] = [...values].sort((a, b) => b - a);
    return { concept: values.indexOf(best), margin: first - second };
  });
}

/** Smooth logits with plain areas, as networks give them, from a seed. */
function logitsOf(seed: number, classes: number, [h, w]: Size): Float32Array {
  let state = seed >>> 0;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const waves = Array.from(
    { length: classes },
    () => [random() * 0.9, random() * 0.9, random() * 6, random()] as const,
  );
  return Float32Array.from({ length: classes * h * w }, (_, i) => {
    const [fy, fx, phase, lift] = waves[Math.floor(i / (h * w))] as readonly [number, number, number, number];
    return Math.sin(Math.floor((i % (h * w)) / w) * fy + (i % w) * fx + phase) + lift + random() * 0.05;
  });
}

/** Pixels whose winner is not the definition's, though it won by more than rounding can. */
function wrongPixels(
  logits: Float32Array,
  classes: number,
  cells: Size,
  size: Size,
  place: Placement,
): number {
  const expected = slow(logits, classes, cells, size, place);
  const found = new ClassMap(cells, size, place).labels({ data: logits, offset: 0, classes });
  return expected.filter(({ concept, margin }, i) => found[i] !== concept && margin > 1e-5).length;
}

const side = fc.integer({ min: 1, max: 14 });
const sides = fc.tuple(side, side);
const largerSides = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }));

describe('class map', () => {
  it('is the argmax of the enlarged logits, whatever the sizes', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 2, max: 30 }),
        sides,
        largerSides,
        (seed, classes, cells, size) => {
          expect(wrongPixels(logitsOf(seed, classes, cells), classes, cells, size, placed(size))).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('and through any cut or padding about the centre', () => {
    fc.assert(
      fc.property(fc.nat(), sides, largerSides, largerSides, sides, (seed, cells, size, resized, crop) => {
        const place = centred(placed([9, 9], resized), crop);
        expect(wrongPixels(logitsOf(seed, 5, cells), 5, cells, size, place)).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it('takes the same road for one picture of a batch as for it alone', () => {
    const cells = [8, 8] as const;
    const both = Float32Array.from([...logitsOf(1, 6, cells), ...logitsOf(2, 6, cells)]);
    const map = new ClassMap(cells, [32, 40], placed([32, 40]));
    const alone = map.labels({ data: both.slice(6 * 64), offset: 0, classes: 6 });
    expect(map.labels({ data: both, offset: 6 * 64, classes: 6 })).toEqual(alone);
  });

  it('gives the first of equal classes, enlarged or not', () => {
    const data = new Float32Array(3 * 16).fill(1);
    for (const size of [
      [4, 4],
      [16, 16],
      [2, 3],
      [5, 5],
    ] as const) {
      const labels = new ClassMap([4, 4], size, placed(size)).labels({ data, offset: 0, classes: 3 });
      expect(new Set(labels)).toEqual(new Set([0]));
    }
  });

  it('numbers concepts from where its category begins', () => {
    const data = Float32Array.from([0, 0, 1, 1, 5, 5, 0, 0]);
    expect([
      ...new ClassMap([2, 2], [2, 2], placed([2, 2])).labels({ data, offset: 0, classes: 2 }, 10),
    ]).toEqual([11, 11, 10, 10]);
  });

  it.each([[[4, 4]], [[16, 16]], [[6, 6]]] as const)(
    'has no concept where nothing but NaN is said, at %s',
    (size) => {
      const data = new Float32Array(2 * 16).fill(Number.NaN);
      const labels = new ClassMap([4, 4], size, placed(size)).labels({ data, offset: 0, classes: 2 });
      expect(new Set(labels)).toEqual(new Set([NO_CONCEPT]));
    },
  );

  it('keeps NaN to the pixels beside it', () => {
    const data = new Float32Array(2 * 64).fill(1, 64);
    data[64] = Number.NaN;
    const labels = new ClassMap([8, 8], [64, 64], placed([64, 64])).labels({ data, offset: 0, classes: 2 });
    const wrong = [...labels].flatMap((concept, i) => (concept === 1 ? [] : [i]));
    expect(wrong.length).toBeGreaterThan(0);
    for (const i of wrong) expect(Math.max(Math.floor(i / 64), i % 64)).toBeLessThan(12);
  });
});
