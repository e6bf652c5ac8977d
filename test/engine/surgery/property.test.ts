/** Random graphs through every surgery: they stay valid, run, and say the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphIndex } from '../../../src/onnx/graph.ts';
import { deserialize } from '../../../src/onnx/proto.ts';
import { planBake } from '../../../src/onnx/surgery/bake/bake.ts';
import { bakedFiles } from '../../../src/onnx/surgery/bakeWriter.ts';
import { freeBatch } from '../../../src/onnx/surgery/freeBatch/freeBatch.ts';
import { intervene } from '../../../src/onnx/surgery/intervene.ts';
import { pinNoise } from '../../../src/onnx/surgery/pinNoise/pinNoise.ts';
import { split } from '../../../src/onnx/surgery/split/split.ts';
import { faults } from '../../unit/surgery/support.ts';
import { type Built, build, pick, steps } from './randomGraphs.ts';
import { distance, type Feeds, f32, feedsFor, noise, numbers, run, shapesOf } from './support.ts';

/** Noise pinned, and fed: a graph that says the same twice. */
async function steady(built: Built, rows: number) {
  const { model, noise: inputs, probe } = pinNoise(built.model);
  expect(faults(model)).toEqual([]);
  const z = feedsFor(built.model, { rows });
  const probed = await run(probe, '.', z);
  const shapes = Object.fromEntries(
    inputs.map(({ input, shapeFrom }) => [input, probed[shapeFrom]?.shape ?? []]),
  );
  return { model, feeds: feedsFor(model, { rows, shapes }) };
}

const runs = { numRuns: 60 };

describe('random graphs', () => {
  it(
    'pinned noise: twice the same',
    () =>
      fc.assert(
        fc.asyncProperty(steps, async (plan) => {
          const { model, feeds } = await steady(build(plan, false), 2);
          const { image } = await run(model, '.', feeds);
          expect(distance((await run(model, '.', feeds)).image, image)).toBe(0);
        }),
        runs,
      ),
    30_000,
  );

  it(
    'split: both halves are the whole, with and without known shapes',
    () =>
      fc.assert(
        fc.asyncProperty(steps, fc.nat(), async (plan, at) => {
          const built = build(plan, false);
          const { model, feeds } = await steady(built, 2);
          const layer = pick(built.maps, at).name;
          const shapes = await shapesOf({ model, folder: '.', name: '' }, feeds);
          const { image } = await run(model, '.', feeds);
          for (const options of [{}, { shapes }]) {
            const { prefix, suffix, crossing } = split(model, layer, options);
            expect([...faults(prefix), ...faults(suffix)]).toEqual([]);
            const between = await run(prefix, '.', feeds);
            expect(Object.keys(between)).toEqual(crossing);
            expect(distance((await run(suffix, '.', { ...feeds, ...between })).image, image)).toBe(0);
          }
        }),
        runs,
      ),
    30_000,
  );

  it(
    'intervene: the identity changes nothing, whatever comes before or after it',
    () =>
      fc.assert(
        fc.asyncProperty(steps, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), async (plan, picks) => {
          const built = build(plan, false);
          const { model, feeds } = await steady(built, 2);
          const layers = [...new Set(picks.map((at) => pick(built.maps, at).name))];
          const { image } = await run(model, '.', feeds);
          const { model: edited, interventions } = intervene(model, layers);
          expect(faults(edited)).toEqual([]);
          const values: Feeds = Object.fromEntries(
            interventions.flatMap(({ scale, shift }) => [
              [scale, f32([1], [1])],
              [shift, f32([], [0])],
            ]),
          );
          expect(distance((await run(edited, '.', { ...feeds, ...values })).image, image)).toBe(0);
          // The same with the cut made below the first of them.
          const { prefix, suffix } = split(edited, layers[0] ?? '');
          const between = await run(prefix, '.', { ...feeds, ...values });
          expect(distance((await run(suffix, '.', { ...feeds, ...values, ...between })).image, image)).toBe(
            0,
          );
        }),
        runs,
      ),
    30_000,
  );

  it(
    'bake: the same as intervene, for any scale and shift',
    () =>
      fc.assert(
        fc.asyncProperty(
          steps,
          fc.nat(),
          fc.array(fc.constantFrom(0, 0.5, 1, 2, -1), { minLength: 12, maxLength: 12 }),
          fc.constantFrom(0, 0.5, -0.25),
          async (plan, at, scales, t) => {
            const built = build(
              plan.filter(({ op }) => op !== 'noise'),
              false,
            );
            const { name: tensor, channels } = pick(built.maps, at);
            const scale = scales.slice(0, channels);
            const shift = scale.map((s, i) => (s === 0 || i % 2 ? t : 0));
            const baked = planBake(built.model, [{ tensor, scale, shift }]);
            expect(faults(baked.model)).toEqual([]);
            const none = () => {
              throw new Error('nothing lies outside');
            };
            const parts: Uint8Array[] = [];
            for await (const part of bakedFiles(baked, none, { dataName: 'x' })[0]?.chunks ?? [])
              parts.push(part);
            const feeds = feedsFor(built.model, { rows: 2 });
            const { image } = await run(deserialize(Buffer.concat(parts)), '.', feeds);
            const shape = [1, channels, 1, 1];
            const values = { genscope_A_0: f32(shape, scale), genscope_B_0: f32(shape, shift) };
            const expected = await run(intervene(built.model, [tensor]).model, '.', { ...feeds, ...values });
            expect(distance(image, expected.image)).toBeLessThanOrEqual(1e-5);
          },
        ),
        runs,
      ),
    30_000,
  );

  it(
    'freeBatch: rows equal runs alone',
    () =>
      fc.assert(
        fc.asyncProperty(steps, async (plan) => {
          const { model } = build(
            plan.filter(({ op }) => op !== 'noise'),
            true,
          );
          const freed = freeBatch(model);
          if ('refused' in freed) throw new Error(freed.refused);
          expect(faults(freed.model)).toEqual([]);
          expect(new GraphIndex(freed.model).inputs[0]?.shape).toEqual(['genscope_batch', 12]);
          const z = noise(36, 'z');
          const all = numbers((await run(freed.model, '.', { z: f32([3, 12], z) })).image);
          for (let i = 0; i < 3; i++) {
            const { image } = await run(model, '.', { z: f32([1, 12], z.slice(12 * i, 12 * i + 12)) });
            const row = all.slice((all.length / 3) * i, (all.length / 3) * (i + 1));
            expect(distance(image, f32(image?.shape ?? [], row))).toBeLessThanOrEqual(1e-5);
          }
        }),
        runs,
      ),
    30_000,
  );
});
