import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floorUnder, ValueSketch } from '../../../src/algorithms/dissection/valueSketch.ts';
import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';
import { anySeed } from './support.ts';

const N = 500_000;

function normals(seed: number): Float64Array {
  return Float64Array.from(new NumpyRandom(seed).normals(N));
}

/** What activations look like, and worse. */
const SPREADS: Readonly<Record<string, () => Float64Array>> = {
  normal: () => normals(1),
  'normal, far from 0': () => normals(2).map((x) => 10 + x),
  'normal, tiny': () => normals(3).map((x) => x * 1e-6),
  'normal, huge': () => normals(4).map((x) => x * 1e5),
  'all negative': () => normals(5).map((x) => -Math.exp(x)),
  exponential: () => new NumpyRandom(6).uniforms(N).map((u) => -Math.log1p(-u)),
  uniform: () => new NumpyRandom(7).uniforms(N),
  'heavy tail': () => new NumpyRandom(8).uniforms(N).map((u) => (1 - u) ** -1.5),
  mixture: () => normals(9).map((x, i) => (i % 50 === 0 ? 30 + 2 * x : x)),
  'leaky ReLU': () => normals(10).map((x) => (x < 0 ? 0.2 * x : x)),
  'ReLU, half of it 0': () => normals(11).map((x) => Math.max(0, x)),
  'ReLU, all but 2 % of it 0': () => normals(12).map((x) => Math.max(0, x - 2.05)),
};

function sketchOf(values: ArrayLike<number>): ValueSketch {
  const sketch = new ValueSketch();
  sketch.add(values, values.length);
  return sketch;
}

function shareAbove(values: Float64Array, level: number): number {
  return values.reduce((n, value) => n + Number(value > level), 0) / values.length;
}

/** All that a sketch says. */
function said(sketch: ValueSketch): unknown {
  const quantiles = [0, 1e-4, 0.005, 0.01, 0.05, 0.3, 0.5, 0.9, 1].map((tail) => sketch.quantile(tail));
  return { quantiles, min: sketch.min, max: sketch.max, total: sketch.total };
}

describe('ValueSketch', () => {
  it.each(Object.keys(SPREADS))('leaves the share asked for above the level: %s', (name) => {
    const values = SPREADS[name]?.() as Float64Array;
    const sketch = sketchOf(values);
    for (const tail of [0.01, 0.005])
      expect(Math.abs(shareAbove(values, sketch.quantile(tail)) - tail)).toBeLessThan(1e-4);
  });

  it('is coarse where the spread is far smaller than the distance from 0, and no worse than this', () => {
    const values = normals(13).map((x) => 100 + x);
    const share = shareAbove(values, sketchOf(values).quantile(0.01));
    expect(Math.abs(share - 0.01)).toBeLessThan(3e-3);
  });

  it('puts the level of a unit that is hardly ever active at 0: any activity is above it', () => {
    const values = normals(14).map((x) => Math.max(0, x - 2.8));
    expect(shareAbove(values, 0)).toBeLessThan(0.005);
    expect(sketchOf(values).quantile(0.01)).toBe(0);
  });

  it.each([0, 3.7, -2.2, 1e-30, -5e9])('takes a constant %d for its own quantile', (value) => {
    const sketch = sketchOf(new Float64Array(1000).fill(value));
    for (const tail of [0, 0.01, 0.5, 1])
      expect(Math.abs(sketch.quantile(tail) - value)).toBeLessThan(Math.abs(value) < 1e-9 ? 1e-9 : 1e-300);
  });

  it('spans the values: nothing above the level of share 0, everything at or above that of share 1', () => {
    const values = normals(15).subarray(0, 1000);
    expect(sketchOf(values).quantile(0)).toBe(Math.max(...values));
    expect(sketchOf(values).quantile(1)).toBe(Math.min(...values));
  });

  it('falls as the share grows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e30, max: 1e30, noNaN: true }), { minLength: 1, maxLength: 50 }),
        (values) => {
          const sketch = sketchOf(values);
          const levels = [0, 0.1, 0.3, 0.5, 0.8, 1].map((tail) => sketch.quantile(tail));
          for (let i = 1; i < levels.length; i++)
            expect(levels[i] as number).toBeLessThanOrEqual(levels[i - 1] as number);
        },
      ),
      { examples: [[[0, 0, 9.810004153060683e29, 0, 0, 16711679.5, 0, 0, 0, 16711679.5]]] },
    );
  });

  it('depends neither on order nor on batches, and two halves merged are the whole', () => {
    fc.assert(
      fc.property(anySeed, fc.integer({ min: 0, max: 300 }), (seed, cut) => {
        const values = new NumpyRandom(seed).normals(300).map((x) => Math.max(-0.2, x));
        const whole = said(sketchOf(values));
        expect(said(sketchOf(values.toReversed()))).toEqual(whole);
        const parts = sketchOf(values.subarray(0, cut));
        parts.add(values.subarray(cut), 300 - cut);
        expect(said(parts)).toEqual(whole);
        const merged = sketchOf(values.subarray(cut));
        merged.merge(sketchOf(values.subarray(0, cut)));
        expect(said(merged)).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  it('counts zeros by their number', () => {
    const values = new NumpyRandom(3).normals(500).map((x) => Math.max(0, x));
    const positive = values.filter((x) => x > 0);
    const sketch = sketchOf(positive);
    sketch.addZeros(values.length - positive.length);
    sketch.addZeros(0);
    expect(said(sketch)).toEqual(said(sketchOf(values)));
  });

  it('goes on from its counts', () => {
    const first = sketchOf([1, 2, 3, -4]);
    const second = new ValueSketch(first.counts.slice());
    Object.assign(second, { total: first.total, min: first.min, max: first.max });
    expect(said(second)).toEqual(said(first));
  });

  it('with a floor gives what it would without, to the last bit, or nothing', () => {
    fc.assert(
      fc.property(anySeed, fc.double({ min: -1.5, max: 2, noNaN: true }), (seed, floor) => {
        const values = new NumpyRandom(seed).normals(2000);
        const whole = sketchOf(values);
        const sketch = new ValueSketch();
        sketch.add(values.subarray(0, 500), 500);
        sketch.floor = floor;
        const seen = values.subarray(500).filter((x) => x > floor);
        sketch.add(seen, seen.length, 1500 - seen.length);
        for (const tail of [0.001, 0.01, 0.05, 0.2, 0.5, 0.9]) {
          const level = sketch.quantile(tail);
          if (whole.quantile(tail) >= floor + 0.02) expect(level).toBe(whole.quantile(tail));
          else if (whole.quantile(tail) < floor) expect(level).toBeNaN();
          else expect(Number.isNaN(level) || level === whole.quantile(tail)).toBe(true);
        }
      }),
    );
  });

  it('has a floor under any value that leaves its quantile whole', () => {
    fc.assert(
      fc.property(anySeed, fc.constantFrom(-3, -0.5, 0, 0.5, 2, 40), (seed, centre) => {
        const values = new NumpyRandom(seed).normals(500).map((x) => centre + 0.3 * x);
        const whole = sketchOf(values);
        const level = whole.quantile(0.1);
        const sketch = new ValueSketch();
        sketch.floor = floorUnder(level);
        expect(sketch.floor).toBeLessThan(level);
        const seen = values.filter((x) => x > sketch.floor);
        sketch.add(seen, seen.length, values.length - seen.length);
        expect(sketch.quantile(0.1)).toBe(level);
      }),
    );
  });

  it('has no quantile of nothing', () => {
    expect(new ValueSketch().quantile(0.5)).toBeNaN();
  });

  it('takes infinities for the largest it knows', () => {
    const sketch = sketchOf([Infinity, 1, 2, 3]);
    expect(sketch.quantile(0.9)).toBeLessThan(3);
    expect(sketch.quantile(0.1)).toBeGreaterThan(3);
    expect(sketch.quantile(0.1)).not.toBeNaN();
  });
});
