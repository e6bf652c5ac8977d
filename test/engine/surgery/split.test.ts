import { describe, expect, it } from 'vitest';
import { GraphIndex } from '../../../src/onnx/graph.ts';
import { candidateLayers } from '../../../src/onnx/layers/layers.ts';
import { pinNoise } from '../../../src/onnx/surgery/pinNoise/pinNoise.ts';
import { split } from '../../../src/onnx/surgery/split/split.ts';
import { faults } from '../../unit/surgery/support.ts';
import { DEMO, distance, feedsFor, open, run, shapesOf } from './support.ts';

const files = [
  'dcgan.onnx',
  'noise-input.onnx',
  'noise-inside.onnx',
  'dynamo.onnx',
  'onehot.onnx',
  'truncation.onnx',
  'nhwc.onnx',
  'uint8.onnx',
  'two-outputs.onnx',
  'external.onnx',
  'keep-initializers.onnx',
  'autoencoder.onnx',
  DEMO,
];

describe('both halves together are the whole, at every layer', () => {
  for (const file of files) {
    it(file.replace(/.*\//, ''), async () => {
      const opened = open(file);
      const { folder } = opened;
      const { model } = pinNoise(opened.model);
      const feeds = feedsFor(model, {
        rows: 2,
        shapes: { genscope_noise_0: [2, 1, 8, 8], genscope_noise_1: [2, 1, 16, 16] },
      });
      const shapes = await shapesOf({ ...opened, model }, feeds);
      const layers = candidateLayers(new GraphIndex(model)).map(({ tensor }) => tensor);
      expect(layers.length).toBeGreaterThan(0);
      for (const optimize of [false, true]) {
        const whole = await run(model, folder, feeds, optimize);
        for (const layer of layers) {
          for (const options of [{}, { shapes }]) {
            const { prefix, suffix, crossing } = split(model, layer, options);
            expect([...faults(prefix), ...faults(suffix)]).toEqual([]);
            const between = await run(prefix, folder, feeds, optimize);
            expect(Object.keys(between)).toEqual(crossing);
            const after = await run(suffix, folder, { ...feeds, ...between }, optimize);
            expect(Object.keys(after).length).toBeGreaterThan(0);
            for (const [name, value] of Object.entries(after))
              expect(distance(value, whole[name])).toBeLessThanOrEqual(optimize ? 1e-5 : 0);
          }
        }
      }
    });
  }
});
