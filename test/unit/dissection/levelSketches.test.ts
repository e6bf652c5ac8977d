import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bilinear } from '../../../src/algorithms/dissection/bilinear.ts';
import { LevelSketches } from '../../../src/algorithms/dissection/levelSketches.ts';
import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';
import { anySeed } from './support.ts';

const TAIL = 0.01;
const CELLS = 16;
const bilinear = new Bilinear([4, 4], [32, 32]);

/** Images after which the first floor is set, and that of 5 times the share: 25,000 and 100,000 values of 1,024 pixels. */
const EARLY = 25;
const WARM = 98;

/** Kinds of unit, one after the other; value of a standard normal, image and number of images. */
const KINDS: readonly ((x: number, image: number, images: number) => number)[] = [
  (x) => x,
  (x) => Math.max(0, x),
  (x) => (x < 0 ? 0.2 * x : x) - 0.5,
  (x) => Math.max(0, x - 3.2),
  () => 0,
  () => -1.25,
  (x) => -Math.exp(x),
  (x, image) => (image % 7 === 3 ? Math.max(0, x + 1) : 0),
  // Negative only later on: the short cut for maps without negative cells does not hold any more.
  (x, image) => (image > 60 ? x : Math.max(0, x)),
];

function sample(seed: number, images: number, kinds = KINDS): Float32Array[] {
  const random = new NumpyRandom(seed);
  return Array.from({ length: images }, (_, image) =>
    random
      .normals(kinds.length * CELLS)
      .map((x, i) => kinds[Math.floor(i / CELLS)]?.(x, image, images) ?? Number.NaN),
  );
}

function read(maps: readonly Float32Array[], tail: number | null, units = KINDS.length): LevelSketches {
  const sketches = new LevelSketches({ units, bilinear, tail });
  for (const map of maps) sketches.add(map);
  return sketches;
}

/** All pixels of one unit, upsampled. */
function pixelsOf(maps: readonly Float32Array[], unit: number): Float64Array {
  const all = new Float64Array(maps.length * bilinear.pixels);
  maps.forEach((map, i) => {
    bilinear.enlarge(map, unit * CELLS, all.subarray(i * bilinear.pixels, (i + 1) * bilinear.pixels));
  });
  return all;
}

describe('LevelSketches', () => {
  it('with a floor finds the levels it finds without, to the last bit', () => {
    fc.assert(
      fc.property(anySeed, (seed) => {
        const maps = sample(seed, WARM + 80);
        const floored = read(maps, TAIL);
        expect(floored.levels([TAIL])).toEqual(read(maps, null).levels([TAIL]));
        expect([...floored.levels([TAIL])].some(Number.isNaN)).toBe(false);
        // There was a floor, or this would show nothing: half of the values lie under it.
        expect(floored.levels([0.5])[0]).toBeNaN();
      }),
      { numRuns: 8 },
    );
  });

  it('leaves the share asked for above the level of every unit that is active enough', () => {
    const maps = sample(3, 400);
    const levels = read(maps, TAIL).levels([TAIL]);
    for (const unit of [0, 1, 2, 6, 7, 8]) {
      const share = pixelsOf(maps, unit).filter((value) => value > (levels[unit] as number)).length;
      expect(Math.abs(share / (400 * bilinear.pixels) - TAIL)).toBeLessThan(1e-4);
    }
    // Rarely active, never active, and constant.
    expect([...levels.subarray(3, 6)]).toEqual([0, 0, -1.25]);
  });

  it('says that a level was lost when a unit falls silent after the floor was set, and of no other', () => {
    // 98 of 3,000 images: a tenth of the loud ones' pixels would have to be above the level, not a hundredth.
    const maps = sample(4, 3000, [(x) => x, (x, image) => (image < WARM ? 5 + x : Math.max(0, x - 1))]);
    const [steady, silent] = read(maps, TAIL, 2).levels([TAIL]);
    const [alsoSteady, found] = read(maps, null, 2).levels([TAIL]);
    expect(steady).toBe(alsoSteady);
    expect(silent).toBeNaN();
    expect(found).not.toBeNaN();
  });

  it('goes on from its state, wherever it was taken', () => {
    const maps = sample(6, WARM + 30);
    const whole = read(maps, TAIL);
    for (const cut of [0, 1, EARLY - 1, EARLY, 50, WARM - 1, WARM, WARM + 5]) {
      const state = structuredClone(read(maps.slice(0, cut), TAIL).state());
      const again = new LevelSketches({ units: KINDS.length, bilinear, tail: TAIL }, state);
      for (const map of maps.slice(cut)) again.add(map);
      expect(again.state()).toEqual(whole.state());
      expect(again.levels([TAIL])).toEqual(whole.levels([TAIL]));
    }
  });

  it('knows mean and peak of the maps before upsampling', () => {
    const maps = sample(7, 40);
    const sketches = read(maps, TAIL);
    const means = sketches.means();
    KINDS.forEach((_, unit) => {
      const cells = maps.flatMap((map) => [...map.subarray(unit * CELLS, (unit + 1) * CELLS)]);
      expect(sketches.peak[unit]).toBe(Math.max(...cells));
      expect(means[unit]).toBeCloseTo(cells.reduce((sum, x) => sum + x, 0) / cells.length, 12);
    });
  });

  it('reads maps anywhere in a batch', () => {
    const [first, second] = sample(8, 2) as [Float32Array, Float32Array];
    const batch = new Float32Array([...first, ...second]);
    const sketches = new LevelSketches({ units: KINDS.length, bilinear, tail: null });
    sketches.add(batch, 0);
    sketches.add(batch, first.length);
    expect(sketches.state()).toEqual(read([first, second], null).state());
  });

  it('survives a map that is not all numbers: those pixels are above nothing', () => {
    const maps = sample(9, 3, [(x) => Math.max(0, x)]);
    (maps[1] as Float32Array)[5] = Number.NaN;
    const level = read(maps, null, 1).levels([0.1])[0] as number;
    const all = pixelsOf(maps, 0);
    expect(all.filter((value) => value > level).length / all.length).toBeCloseTo(0.1, 2);
    expect(all.some(Number.isNaN)).toBe(true);
  });
});
