import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/algorithms/latent/draw.ts';
import {
  acrossGrid,
  between,
  type Corners,
  gridPosition,
  lerp,
  pathPosition,
  slerp,
} from '../../../src/algorithms/latent/interpolation.ts';
import { anySeed } from './arbitraries.ts';

const anyVector = (d: number) => anySeed.map((seed) => createRandom('numpy', seed).normals(d));
const share = fc.double({ min: 0, max: 1, noNaN: true });
const norm = (a: Float32Array) => Math.hypot(...a);
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

describe('slerp', () => {
  it('turns at constant speed while the norm goes linearly', () => {
    fc.assert(
      fc.property(anyVector(24), anyVector(24), share, (a, b, t) => {
        const c = slerp(a, b, t);
        expect(norm(c)).toBeCloseTo((1 - t) * norm(a) + t * norm(b), 4);
        const angle = (x: Float32Array, y: Float32Array) =>
          Math.acos(Math.min(1, dot(x, y) / (norm(x) * norm(y))));
        expect(angle(a, c)).toBeCloseTo(t * angle(a, b), 2);
      }),
    );
  });

  it('keeps the norm between opposite vectors, and passes through neither of them twice', () => {
    fc.assert(
      fc.property(anyVector(8), share, (a, t) => {
        const b = a.map((value) => -value);
        const c = slerp(a, b, t);
        expect(norm(c)).toBeCloseTo(norm(a), 4);
        expect(dot(a, c) / norm(a) ** 2).toBeCloseTo(Math.cos(Math.PI * t), 4);
      }),
    );
  });

  it.each([
    ['parallel vectors', [1, 2, 3], [2, 4, 6], [1.5, 3, 4.5]],
    ['a zero vector', [0, 0, 0], [2, 4, 6], [1, 2, 3]],
    ['one dimension', [3], [-1], [1]],
  ])('is lerp for %s', (_name, a, b, middle) => {
    expect(slerp(Float32Array.from(a), Float32Array.from(b), 0.5)).toEqual(Float32Array.from(middle));
  });

  it('changes neither of its arguments, nor hands one out', () => {
    const a = Float32Array.of(1, 0);
    const b = Float32Array.of(0, 1);
    slerp(a, b, 0).fill(9);
    slerp(a, b, 1).fill(9);
    expect([a, b]).toEqual([Float32Array.of(1, 0), Float32Array.of(0, 1)]);
  });
});

describe.each(['lerp', 'slerp'] as const)('%s', (method) => {
  it('is exact at both ends', () => {
    fc.assert(
      fc.property(anyVector(16), anyVector(16), (a, b) => {
        expect(between(method, a, b, 0)).toEqual(a);
        expect(between(method, a, b, 1)).toEqual(b);
      }),
    );
  });

  it('stays put between equal vectors', () => {
    fc.assert(
      fc.property(anyVector(16), share, (a, t) => {
        expect(between(method, a, a, t)).toEqual(a);
      }),
    );
  });

  it('is exact at the corners of a grid', () => {
    fc.assert(
      fc.property(
        fc.tuple(anyVector(8), anyVector(8), anyVector(8), anyVector(8)),
        (corners: Corners<Float32Array>) => {
          corners.forEach((corner, i) => {
            expect(acrossGrid(method, corners, i % 2, Math.floor(i / 2))).toEqual(corner);
          });
        },
      ),
    );
  });
});

it('lerp across a grid is bilinear', () => {
  const corners: Corners<Float32Array> = [
    Float32Array.of(0),
    Float32Array.of(4),
    Float32Array.of(8),
    Float32Array.of(16),
  ];
  expect(acrossGrid('lerp', corners, 0.25, 0.5)).toEqual(lerp(Float32Array.of(1), Float32Array.of(10), 0.5));
});

describe('path', () => {
  const along = (steps: number, keys: number, loop: boolean) =>
    Array.from({ length: steps }, (_, i) => {
      const { from, t } = pathPosition(i, steps, keys, loop);
      return from + t;
    });

  it('goes from the first key to the last', () => {
    expect(along(5, 3, false)).toEqual([0, 0.5, 1, 1.5, 2]);
  });

  it('loops back to the first key, the last frame one step before it', () => {
    expect(along(6, 3, true)).toEqual([0, 0.5, 1, 1.5, 2, 2.5]);
    expect(pathPosition(5, 6, 3, true)).toEqual({ from: 2, to: 0, t: 0.5 });
  });

  it('takes equal steps, and names only keys that exist', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 60 }),
        fc.integer({ min: 1, max: 6 }),
        fc.boolean(),
        (steps, keys, loop) => {
          const step = loop ? keys / steps : (keys - 1) / (steps - 1);
          along(steps, keys, loop).forEach((position, i) => {
            expect(position).toBeCloseTo(i * step, 9);
          });
          for (let i = 0; i < steps; i++) {
            const { from, to, t } = pathPosition(i, steps, keys, loop);
            expect(from >= 0 && from < keys && to >= 0 && to < keys && t >= 0 && t < 1).toBe(true);
          }
        },
      ),
    );
  });

  it('of one frame is the first key', () => {
    expect(along(1, 4, false)).toEqual([0]);
    expect(along(1, 4, true)).toEqual([0]);
  });
});

it('a grid runs row by row from corner to corner', () => {
  const cells = Array.from({ length: 6 }, (_, i) => gridPosition(i, 2, 3));
  expect(cells.map(({ u }) => u)).toEqual([0, 0.5, 1, 0, 0.5, 1]);
  expect(cells.map(({ v }) => v)).toEqual([0, 0, 0, 1, 1, 1]);
  expect(gridPosition(0, 1, 1)).toEqual({ u: 0, v: 0 });
});
