/** From floats to bytes, against the definition: round((x − low) / (high − low) · 255), halves to even, clipped. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halfToFloat } from '../../../src/engine/files/half.ts';
import { floatToHalf, toPictures } from '../../../src/engine/pictures/pixels.ts';

const RANGES = [
  [-1, 1],
  [0, 1],
  [0, 255],
] as const;

/** The typed array rounds halves to even and clips, by its own definition (ECMAScript, ToUint8Clamp). */
function defined(value: number, [low, high]: readonly [number, number]): number {
  const scaled = (value - low) * (255 / (high - low));
  return Number.isFinite(scaled) ? (new Uint8ClampedArray([scaled])[0] as number) : 0;
}

describe('pixels', () => {
  it('are the definition for every value, range, layout and number of channels', () => {
    const value = fc.oneof(
      fc.double({ min: -3, max: 300, noNaN: true }),
      fc.integer({ min: -2, max: 512 }).map((n) => n / 510 - 0.5),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    );
    const channels = fc.constantFrom(1, 3, 4);
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 24, maxLength: 24 }),
        channels,
        fc.boolean(),
        fc.constantFrom(...RANGES),
        (values, c, last, range) => {
          const [height, width] = [2, 24 / c / 2];
          const data = Float32Array.from(values);
          const shape = last ? [1, height, width, c] : [1, c, height, width];
          const role = { role: 'image', layout: last ? 'NHWC' : 'NCHW', range } as const;
          const { pictures, nonFinite } = toPictures({ dtype: 'float32', shape, data }, role);
          const plane = height * width;
          let bad = 0;
          for (let p = 0; p < plane; p++) {
            for (let k = 0; k < 3; k++) {
              const channel = k < c ? k : 0;
              const raw = data[last ? p * c + channel : channel * plane + p] as number;
              if (!Number.isFinite(raw)) bad++;
              expect(pictures.data[p * 4 + k]).toBe(defined(raw, range));
            }
            expect(pictures.data[p * 4 + 3]).toBe(255);
          }
          expect(nonFinite).toBe(bad);
        },
      ),
    );
  });

  it('in half precision go there and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff }), (bits) => {
        const float = halfToFloat(Uint16Array.of(bits));
        if (Number.isNaN(float[0])) return;
        expect(floatToHalf(float)[0]).toBe(bits);
      }),
    );
  });
});
