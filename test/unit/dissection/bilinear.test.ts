import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bilinear } from '../../../src/algorithms/dissection/bilinear.ts';
import { MaskSpans } from '../../../src/algorithms/dissection/maskSpans.ts';
import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';
import { anySeed, anySide } from './support.ts';

const anyCase = fc.record({
  seed: anySeed,
  from: fc.tuple(anySide, anySide),
  to: fc.tuple(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 24 })),
  alignCorners: fc.boolean(),
});

/** The formula of torch.nn.functional.interpolate, pixel by pixel. */
function straightforward(
  map: Float32Array,
  [h, w]: readonly [number, number],
  [H, W]: readonly [number, number],
  alignCorners: boolean,
): number[] {
  const source = (i: number, cells: number, pixels: number) => {
    if (alignCorners) return pixels > 1 ? (i * (cells - 1)) / (pixels - 1) : 0;
    return Math.max(0, ((i + 0.5) * cells) / pixels - 0.5);
  };
  const found: number[] = [];
  for (let y = 0; y < H; y++) {
    for (let x = 0; x < W; x++) {
      const sy = source(y, h, H);
      const sx = source(x, w, W);
      const [top, left] = [Math.floor(sy), Math.floor(sx)];
      let sum = 0;
      for (const [row, down] of [
        [top, 1 - (sy - top)],
        [Math.min(top + 1, h - 1), sy - top],
      ] as const)
        for (const [column, across] of [
          [left, 1 - (sx - left)],
          [Math.min(left + 1, w - 1), sx - left],
        ] as const)
          sum += down * across * (map[row * w + column] as number);
      found.push(sum);
    }
  }
  return found;
}

function enlarged(bilinear: Bilinear, maps: Float32Array, offset = 0): Float64Array {
  const out = new Float64Array(bilinear.pixels);
  bilinear.enlarge(maps, offset, out);
  return out;
}

function above(bilinear: Bilinear, maps: Float32Array, level: number, offset = 0): number[] {
  const mask = new MaskSpans(bilinear);
  const found: number[] = [];
  for (let i = 0, n = mask.find(maps, offset, level); i < n; i++)
    for (let at = mask.bounds[2 * i] as number; at < (mask.bounds[2 * i + 1] as number); at++) found.push(at);
  return found.sort((a, b) => a - b);
}

describe('Bilinear', () => {
  it('enlarges and shrinks as the formula says, whatever the sizes and corners', () => {
    fc.assert(
      fc.property(anyCase, ({ seed, from, to, alignCorners }) => {
        const map = new NumpyRandom(seed).normals(from[0] * from[1]);
        const ours = enlarged(new Bilinear(from, to, { alignCorners }), map);
        straightforward(map, from, to, alignCorners).forEach((value, i) => {
          expect(Math.abs((ours[i] as number) - value)).toBeLessThan(1e-14 * 64);
        });
      }),
    );
  });

  it('gives the values PyTorch gives', () => {
    // torch.nn.functional.interpolate(torch.tensor([[[[0., 1.], [2., 6.]]]]), size=(3, 4), mode='bilinear')
    const map = new Float32Array([0, 1, 2, 6]);
    expect([...enlarged(new Bilinear([2, 2], [3, 4]), map)]).toEqual([
      0, 0.25, 0.75, 1, 1, 1.625, 2.875, 3.5, 2, 3, 5, 6,
    ]);
    const corners = enlarged(new Bilinear([2, 2], [3, 4], { alignCorners: true }), map);
    [0, 1 / 3, 2 / 3, 1, 1, 11 / 6, 8 / 3, 3.5, 2, 10 / 3, 14 / 3, 6].forEach((value, i) => {
      expect(corners[i]).toBeCloseTo(value, 14);
    });
  });

  it('finds exactly the pixels above a level, and their values', () => {
    fc.assert(
      fc.property(anyCase, fc.double({ min: -2, max: 2, noNaN: true }), (made, drawn) => {
        const cells = made.from[0] * made.from[1];
        const maps = new NumpyRandom(made.seed).normals(cells * 2);
        const bilinear = new Bilinear(made.from, made.to, made);
        const whole = enlarged(bilinear, maps, cells);
        // Also levels that a pixel is equal to: the comparison is strict.
        for (const level of [drawn, whole[0] as number, Math.max(...whole), Math.min(...whole), -Infinity]) {
          const wanted = [...whole].flatMap((value, i) => (value > level ? [i] : []));
          expect(above(bilinear, maps, level, cells)).toEqual(wanted);
          const rounded = new Float32Array(bilinear.pixels);
          const range = Float64Array.from([Infinity, -Infinity]);
          const n = bilinear.valuesAbove(maps, cells, level, rounded, range);
          const higher = whole.filter((value) => value > level).sort();
          expect(rounded.slice(0, n).sort()).toEqual(Float32Array.from(higher));
          expect([...range]).toEqual([higher.at(0) ?? Infinity, higher.at(-1) ?? -Infinity]);
          const values = new Float64Array(bilinear.pixels);
          const indices = new Int32Array(bilinear.pixels);
          expect(bilinear.search(maps, cells, level, indices, values)).toBe(wanted.length);
          for (let i = 0; i < wanted.length; i++) expect(values[i]).toBe(whole[indices[i] as number]);
        }
      }),
    );
  });

  it('takes a map of the same size as it is', () => {
    const map = new NumpyRandom(1).normals(12);
    expect([...enlarged(new Bilinear([3, 4], [3, 4]), map)]).toEqual([...map]);
    expect(above(new Bilinear([3, 4], [3, 4]), map, 0)).toEqual(
      [...map].flatMap((value, i) => (value > 0 ? [i] : [])),
    );
  });

  it('makes one value of a map of one cell', () => {
    expect([...enlarged(new Bilinear([1, 1], [2, 3]), new Float32Array([7]))]).toEqual([7, 7, 7, 7, 7, 7]);
  });

  it('never puts a cell that is no number above anything, and looks at all others, infinite ones too', () => {
    fc.assert(
      fc.property(anyCase, fc.nat(), fc.constantFrom(NaN, Infinity, -Infinity), (made, at, odd) => {
        const map = new NumpyRandom(made.seed).normals(made.from[0] * made.from[1]);
        map[at % map.length] = odd;
        const bilinear = new Bilinear(made.from, made.to, made);
        const whole = enlarged(bilinear, map);
        for (const level of [0, -Infinity])
          expect(above(bilinear, map, level)).toEqual(
            [...whole].flatMap((value, i) => (value > level ? [i] : [])),
          );
        expect(above(bilinear, map, Number.NaN)).toEqual([]);
      }),
    );
  });
});
