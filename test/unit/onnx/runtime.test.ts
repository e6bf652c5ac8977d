/** What `serialize` and `expose` write runs, with the weights still in the original file. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GraphIndex } from '../../../src/onnx/graph.ts';
import { candidateLayers } from '../../../src/onnx/layers/layers.ts';
import { serialize } from '../../../src/onnx/open.ts';
import { expose } from '../../../src/onnx/surgery/expose.ts';
import { type Expected, expected, type Feed, fixtureGraph, MODELS, openFixture } from './support.ts';

const cases = Object.entries(expected).filter(
  ([file, { runs, feeds }]) =>
    runs && file !== 'noise-inside.onnx' && Object.values(feeds).every(({ values }) => values !== undefined),
);

function tensorOf({ dtype, shape, values = [] }: Feed): Tensor {
  if (dtype === 'int64') return new Tensor('int64', BigInt64Array.from(values, BigInt), shape);
  return new Tensor('float32', Float32Array.from(values), shape);
}

const feedsOf = ({ feeds }: Expected) =>
  Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, tensorOf(feed)]));

describe('skeletons in the runtime', () => {
  const folder = process.cwd();
  // External data is looked for from the working directory.
  beforeAll(() => process.chdir(MODELS));
  afterAll(() => process.chdir(folder));

  for (const [file, reference] of cases) {
    it(file, async () => {
      const session = await InferenceSession.create(serialize(openFixture(file).model));
      const outputs = await session.run(feedsOf(reference));
      for (const [name, { shape, first }] of Object.entries(reference.outputs)) {
        const data = outputs[name]?.data as Float32Array;
        expect(outputs[name]?.dims).toEqual(shape);
        first.forEach((value, i) => {
          if (typeof value === 'string') expect(data[i]).toBeNaN();
          else
            expect(Math.abs(Number(data[i]) - value)).toBeLessThanOrEqual(
              1e-4 * Math.max(1, Math.abs(value)),
            );
        });
      }
    });
  }

  it('exposed layers come out with shapes, and the picture stays', async () => {
    const { model } = openFixture('noise-input.onnx');
    const tensors = candidateLayers(new GraphIndex(model)).map(({ tensor }) => tensor);
    const options = { graphOptimizationLevel: 'disabled' } as const;
    const session = await InferenceSession.create(serialize(expose(model, tensors)), options);
    const plain = await InferenceSession.create(serialize(model), options);
    const feeds = feedsOf(expected['noise-input.onnx'] as Expected);
    const outputs = await session.run(feeds);
    expect(tensors.map((tensor) => outputs[tensor]?.dims)).toEqual([
      [2, 8, 8, 8],
      [2, 4, 16, 16],
    ]);
    expect(outputs.image?.data).toEqual((await plain.run(feeds)).image?.data);
  });

  it('every layer of every generator is a tensor of the graph', async () => {
    for (const [file, reference] of cases) {
      const tensors = candidateLayers(fixtureGraph(file)).map(({ tensor }) => tensor);
      const session = await InferenceSession.create(serialize(expose(openFixture(file).model, tensors)), {
        graphOptimizationLevel: 'disabled',
      });
      const outputs = await session.run(feedsOf(reference));
      for (const tensor of tensors) expect(outputs[tensor]?.dims.length).toBeGreaterThanOrEqual(2);
    }
  });
});
