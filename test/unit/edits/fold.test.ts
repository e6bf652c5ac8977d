/** A folded stack does what its edits do one after the other. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldEdits, isIdentity } from '../../../src/algorithms/edits/fold.ts';
import type { Edit } from '../../../src/shared/edits/edits.ts';
import type { LatentKey } from '../../../src/shared/samples/latents.ts';

const UNITS = 3;
const SIZE = [2, 3] as const;
const CELLS = 6;
const SAMPLES: readonly LatentKey[] = [0, 1, 2].map((seed) => ({ seed, classIndex: null }));

const number = fc.integer({ min: -20, max: 20 }).map((n) => n / 8);
const share = fc.integer({ min: 0, max: 8 }).map((n) => n / 8);
const anyEdit: fc.Arbitrary<Edit> = fc.record({
  id: fc.constant('e'),
  name: fc.constant('edit'),
  layer: fc.constant('l8'),
  tensor: fc.constant('t'),
  intent: fc.constant({ kind: 'scale', factor: 1 } as const),
  units: fc.uniqueArray(fc.record({ unit: fc.nat(UNITS - 1), scale: number, shift: number }), {
    selector: ({ unit }) => unit,
  }),
  strength: share,
  region: fc.option(
    fc.record({
      height: fc.constant(SIZE[0]),
      width: fc.constant(SIZE[1]),
      weights: fc.array(share, { minLength: CELLS, maxLength: CELLS }),
    }),
  ),
  samples: fc.option(fc.subarray([...SAMPLES])),
  muted: fc.constant(false),
});

/** r after the edits, one by one, for one number of the layer. */
function stepByStep(edits: readonly Edit[], row: number, unit: number, cell: number, r: number): number {
  return edits.reduce((value, edit) => {
    const change = edit.units.find((one) => one.unit === unit);
    if (!change || (edit.samples && !edit.samples.includes(SAMPLES[row] as LatentKey))) return value;
    const m = edit.strength * (edit.region?.weights[cell] ?? 1);
    return (1 - m) * value + m * (change.scale * value + change.shift);
  }, r);
}

describe('foldEdits', () => {
  it('is the edits one after the other', () => {
    fc.assert(
      fc.property(fc.array(anyEdit, { maxLength: 4 }), number, (edits, r) => {
        const { shape, scale, shift } = foldEdits(edits, {
          units: UNITS,
          resolution: SIZE,
          samples: SAMPLES,
        });
        const [rows, units, h, w] = shape;
        expect(scale.length).toBe(rows * units * h * w);
        for (let row = 0; row < SAMPLES.length; row++)
          for (let unit = 0; unit < UNITS; unit++)
            for (let cell = 0; cell < CELLS; cell++) {
              const at = ((rows > 1 ? row : 0) * units + unit) * h * w + (h * w > 1 ? cell : 0);
              const folded = (scale[at] as number) * r + (shift[at] as number);
              const wanted = stepByStep(edits, row, unit, cell, r);
              expect(folded).toBeCloseTo(wanted, 3 - Math.ceil(Math.log10(Math.abs(wanted) + 1)));
            }
      }),
    );
  });

  it('is as small as its edits allow', () => {
    const target = { units: UNITS, resolution: SIZE, samples: SAMPLES };
    expect(foldEdits([], target)).toMatchObject({ shape: [1, UNITS, 1, 1] });
    expect(isIdentity(foldEdits([], target))).toBe(true);
  });

  it('refuses what the layer has not', () => {
    const [edit] = fc.sample(anyEdit, 1);
    const target = { units: UNITS, resolution: SIZE, samples: SAMPLES };
    const wrongUnit = { ...(edit as Edit), units: [{ unit: UNITS, scale: 0, shift: 0 }] };
    expect(() => foldEdits([{ ...wrongUnit, samples: null, region: null }], target)).toThrow(RangeError);
    const region = { height: 8, width: 8, weights: [] };
    expect(() => foldEdits([{ ...(edit as Edit), region }], target)).toThrow(RangeError);
  });
});
