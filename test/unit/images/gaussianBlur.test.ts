/** The blur against its definition: a convolution over the mirrored picture, kernel cut at 4σ and of sum 1. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gaussianBlur } from '../../../src/algorithms/images/gaussianBlur.ts';
import { meanAbsoluteDifference, type Planes, sameSize } from '../../../src/algorithms/images/planes.ts';

const pictures = fc
  .record({
    channels: fc.constantFrom(1, 3),
    height: fc.integer({ min: 1, max: 9 }),
    width: fc.integer({ min: 1, max: 9 }),
  })
  .chain((size) =>
    fc
      .array(fc.float({ min: -2, max: 2, noNaN: true }), {
        minLength: size.channels * size.height * size.width,
        maxLength: size.channels * size.height * size.width,
      })
      .map((values): Planes => ({ ...size, data: Float32Array.from(values) })),
  );

const sigmas = fc.double({ min: 0.2, max: 4, noNaN: true });

/** Mirrors again and again until it is inside: the edge pixel stands twice. */
function mirrored(i: number, length: number): number {
  if (i < 0) return mirrored(-1 - i, length);
  return i < length ? i : mirrored(2 * length - 1 - i, length);
}

/** Both axes at once, straight from the definition. */
function defined({ channels, height, width, data }: Planes, sigma: number): number[] {
  const radius = Math.floor(4 * sigma + 0.5);
  const offsets = Array.from({ length: 2 * radius + 1 }, (_, i) => i - radius);
  const weights = offsets.map((x) => Math.exp(-(x ** 2) / (2 * sigma ** 2)));
  const sum = weights.reduce((a, b) => a + b) ** 2;
  const out: number[] = [];
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        let total = 0;
        offsets.forEach((dy, i) => {
          offsets.forEach((dx, j) => {
            const at = (c * height + mirrored(y + dy, height)) * width + mirrored(x + dx, width);
            total += (data[at] as number) * (weights[i] as number) * (weights[j] as number);
          });
        });
        out.push(total / sum);
      }
  return out;
}

describe('gaussianBlur', () => {
  it('is its definition, beyond the edges too, however wide', () => {
    fc.assert(
      fc.property(pictures, sigmas, (picture, sigma) => {
        const blurred = gaussianBlur(picture, sigma);
        expect(sameSize(blurred, picture)).toBe(true);
        defined(picture, sigma).forEach((value, i) => {
          expect(Math.abs((blurred.data[i] as number) - value)).toBeLessThan(1e-6);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('keeps the picture it was given, and gives it back for no blur', () => {
    const picture: Planes = { channels: 1, height: 1, width: 3, data: Float32Array.from([0, 1, 0]) };
    expect(gaussianBlur(picture, 0)).toBe(picture);
    expect(gaussianBlur(picture, Number.NaN)).toBe(picture);
    gaussianBlur(picture, 1);
    expect([...picture.data]).toEqual([0, 1, 0]);
  });
});

it('meanAbsoluteDifference is the mean of what differs', () => {
  const of = (...values: number[]): Planes => ({
    channels: 1,
    height: 1,
    width: values.length,
    data: Float32Array.from(values),
  });
  expect(meanAbsoluteDifference(of(-1, 0, 1, 0.5), of(1, 0, 0.5, 0.5))).toBe(0.625);
});
