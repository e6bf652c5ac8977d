/** The pure parts of translating: numbers to pictures and back, sizes to try, rows of one size. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Planes } from '../../../src/algorithms/images/planes.ts';
import {
  fromPlanes,
  pictureToPlanes,
  planesToPicture,
  toPlanes,
} from '../../../src/engine/pictures/planes.ts';
import { alike, padded } from '../../../src/engine/samples/rows.ts';
import { probePicture, sizesToTry, smallestMultiple } from '../../../src/engine/translator/pictureSizes.ts';
import type { ImageRole } from '../../../src/shared/generator/roles.ts';

describe('planes', () => {
  const roles = fc.record({
    role: fc.constant('image' as const),
    layout: fc.constantFrom('NCHW' as const, 'NHWC' as const),
    range: fc.constantFrom([-1, 1] as const, [0, 1] as const, [0, 255] as const),
  });

  it('come out of every layout and range as they went in', () => {
    fc.assert(
      fc.property(
        roles,
        fc.constantFrom(1, 3, 4),
        fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 24, maxLength: 24 }),
        (role: ImageRole, channels, values) => {
          const [height, width] = [2, 24 / channels / 2];
          const planes: Planes = { channels, height, width, data: Float32Array.from(values) };
          const data = fromPlanes(planes, role);
          const shape = role.layout === 'NCHW' ? [1, channels, height, width] : [1, height, width, channels];
          const back = toPlanes({ dtype: 'float32', shape, data }, role);
          expect(back).toMatchObject({ channels, height, width });
          back.data.forEach((value, i) => {
            expect(Math.abs(value - (values[i] as number))).toBeLessThan(1e-6);
          });
          // Nothing is lost on the way from one model on [−1, 1] to another.
          if (role.range[0] === -1) expect(back.data.every((value, i) => value === values[i])).toBe(true);
        },
      ),
    );
  });

  it('are the bytes of a picture, and become them again', () => {
    const data = Uint8Array.from({ length: 256 * 4 }, (_, i) => (i % 4 === 3 ? 255 : (i * 7) % 256));
    const picture = { count: 1, width: 16, height: 16, data };
    const planes = pictureToPlanes(picture, 3);
    expect(planes.data[0]).toBe((data[0] as number) / 127.5 - 1);
    expect(planes.data[256]).toBeCloseTo((data[1] as number) / 127.5 - 1, 6);
    expect(planesToPicture(planes)).toEqual({ pictures: picture, nonFinite: 0 });
  });
});

describe('sizes', () => {
  it('are those of the file, or tried in turn where it leaves them open', () => {
    expect(sizesToTry(['N', 3, 128, 96], 'NCHW')).toEqual([{ channels: 3, height: 128, width: 96 }]);
    expect(sizesToTry(['N', 128, 96, 1], 'NHWC')).toEqual([{ channels: 1, height: 128, width: 96 }]);
    expect(sizesToTry(['N', 3, 'h', 96], 'NCHW')).toEqual([{ channels: 3, height: 96, width: 96 }]);
    expect(sizesToTry(['N', 3, 'h', 'w'], 'NCHW')[0]).toEqual({ channels: 3, height: 64, width: 64 });
    expect(sizesToTry(['N', '', 'h', 'w'], 'NCHW').slice(0, 2)).toEqual([
      { channels: 3, height: 64, width: 64 },
      { channels: 1, height: 64, width: 64 },
    ]);
  });

  it.each([1, 2, 4, 32, 64])(
    'show multiples of %d by what fails and by what comes out otherwise',
    async (multiple) => {
      const known = { channels: 3, height: 64, width: 64 };
      const up = (side: number) => Math.ceil(side / multiple) * multiple * 2;
      const larger = smallestMultiple(known, 2, async ({ width, height }) => ({
        width: up(width),
        height: up(height),
      }));
      expect(await larger).toBe(multiple);
      const refusing = smallestMultiple(known, 2, async ({ width, height }) =>
        width % multiple || height % multiple ? null : { width: width * 2, height: height * 2 },
      );
      expect(await refusing).toBe(multiple);
    },
  );

  it('are fixed where no other runs', async () => {
    expect(await smallestMultiple({ channels: 3, height: 64, width: 64 }, 1, async () => null)).toBeNull();
  });

  it('are tried with pictures that differ and reach from dark to light', () => {
    const size = { channels: 3, height: 16, width: 16 };
    const [first, second] = [probePicture(0, size).data, probePicture(1, size).data];
    expect(first).not.toEqual(second);
    for (const data of [first, second]) {
      expect(Math.max(...data)).toBeGreaterThan(0.8);
      expect(Math.min(...data)).toBeLessThan(-0.8);
      expect(Math.max(...data.map(Math.abs))).toBeLessThanOrEqual(1);
    }
  });
});

describe('rows', () => {
  const picture = (width: number, height: number, first: number) => ({
    count: 1,
    width,
    height,
    data: new Uint8Array(
      Uint32Array.from({ length: width * height }, (_, i) => 0xff000000 + first + i).buffer,
    ),
  });
  const words = (data: Uint8Array) =>
    [...new Uint32Array(data.slice().buffer)].map((word) => word & 0xffffff);

  it('have one size: smaller pictures repeat their pixels', () => {
    const row = alike([picture(2, 1, 10), picture(4, 2, 50)]);
    expect(row).toMatchObject({ count: 2, width: 4, height: 2 });
    expect(words(row.data)).toEqual([10, 10, 11, 11, 10, 10, 11, 11, 50, 51, 52, 53, 54, 55, 56, 57]);
  });

  it('stand about the middle of a larger place', () => {
    const stack = alike([picture(2, 1, 10), picture(2, 1, 20)]);
    const place = padded(stack, 4, 3);
    expect(place).toMatchObject({ count: 2, width: 4, height: 3 });
    expect(words(place.data)).toEqual([
      ...[0, 0, 0, 0, 0, 10, 11, 0, 0, 0, 0, 0],
      ...[0, 0, 0, 0, 0, 20, 21, 0, 0, 0, 0, 0],
    ]);
    expect(place.data[3]).toBe(255);
    expect(padded(stack, 2, 1)).toBe(stack);
  });
});
