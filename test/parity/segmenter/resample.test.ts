/** Resizing against Pillow: equal to the last bit, for every filter and many sizes. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { RESAMPLING, Resampler } from '../../../src/algorithms/images/resample.ts';
import reference from './resample.json' with { type: 'json' };

/** The picture of make_resample.py, as RGBA. */
function picture(height: number, width: number): Uint8Array {
  let state = height * 1000 + width;
  const data = new Uint8Array(height * width * 4).fill(255);
  for (let i = 0; i < height * width; i++)
    for (let channel = 0; channel < 3; channel++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const byte = state >>> 24;
      data[i * 4 + channel] = byte < 64 ? 0 : byte > 191 ? 255 : byte;
    }
  return data;
}

function rgbHash(rgba: Uint8Array): string {
  return createHash('sha256')
    .update(rgba.filter((_, i) => i % 4 !== 3))
    .digest('hex');
}

describe(`Pillow ${reference.pillow} resize`, () => {
  it.each(reference.cases)('$filter from $from to $to', ({ from, to, filter, sha256 }) => {
    const [height = 0, width = 0] = from;
    const [rows = 0, columns = 0] = to;
    const resampler = new Resampler(
      [height, width],
      [rows, columns],
      RESAMPLING[filter as keyof typeof RESAMPLING],
    );
    const resized = resampler.resize(picture(height, width));
    expect(resized).toHaveLength(rows * columns * 4);
    expect(rgbHash(resized)).toBe(sha256);
  });
});
