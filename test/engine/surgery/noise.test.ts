import { create } from '@bufbuild/protobuf';
import { type NodeProto, NodeProtoSchema } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { floatTensor, makeNode, makeValue } from '../../../src/onnx/surgery/build.ts';
import { freeBatch } from '../../../src/onnx/surgery/freeBatch/freeBatch.ts';
import { declareNoise, pinNoise } from '../../../src/onnx/surgery/pinNoise/pinNoise.ts';
import { modelOf, op } from '../../unit/onnx/support.ts';
import { faults } from '../../unit/surgery/support.ts';
import { count, distance, type Feeds, f32, feedsFor, noise, numbers, open, run } from './support.ts';

describe('noise-inside.onnx', () => {
  const { model, folder } = open('noise-inside.onnx');
  const pinned = pinNoise(model);

  it('says what each input is and where its shape is seen', async () => {
    expect(pinned.noise).toEqual([
      expect.objectContaining({
        input: 'genscope_noise_0',
        node: '/b8/RandomNormalLike',
        kind: 'normal',
        neutral: 0,
        parameters: { mean: 0, scale: 1 },
      }),
      expect.objectContaining({ input: 'genscope_noise_1', node: '/b16/RandomNormalLike' }),
    ]);
    expect(pinned.left).toEqual([]);
    const probed = await run(pinned.probe, folder, feedsFor(model, { rows: 2 }));
    expect(pinned.noise.map(({ input }) => probed[input]?.shape)).toEqual([
      [2, 1, 8, 8],
      [2, 1, 16, 16],
    ]);
  });

  it('gives the same picture twice, another one without noise, and rows as if alone', async () => {
    const shapes = { genscope_noise_0: [2, 1, 8, 8], genscope_noise_1: [2, 1, 16, 16] };
    const declared = declareNoise(
      pinned.model,
      new Map(Object.entries(shapes).map(([name, [, ...rest]]) => [name, ['N', ...rest]])),
    );
    expect(faults(declared)).toEqual([]);
    const feeds = feedsFor(declared, { rows: 2, shapes });
    const { image } = await run(declared, folder, feeds, true);
    expect(distance((await run(declared, folder, feeds, true)).image, image)).toBe(0);
    const quiet: Feeds = { ...feeds };
    for (const [name, shape] of Object.entries(shapes))
      quiet[name] = f32(shape, new Float32Array(count(shape)));
    expect(distance((await run(declared, folder, quiet, true)).image, image)).toBeGreaterThan(1e-3);
    const row = (name: string) => {
      const { shape = [], data } = feeds[name] ?? {};
      const values = Array.from(data as Float32Array);
      return f32([1, ...shape.slice(1)], values.slice(values.length / 2));
    };
    const alone = await run(
      declared,
      folder,
      Object.fromEntries(Object.keys(feeds).map((name) => [name, row(name)])),
      true,
    );
    expect(distance(alone.image, f32([1, 3, 16, 16], numbers(image).slice(768)))).toBeLessThanOrEqual(1e-6);
  });
});

describe('each source of chance', () => {
  const x = f32([2, 3], [0.1, 0.5, 0.9, 0.3, 0.7, 0.2]);
  const u = [0.05, 0.6, 0.89, 0.31, 0.69, 0.999];
  const n = [-1, 2, 0.5, 0, 1, -3];
  /** The output for x and for the numbers `drawn`, in opset 12 and 17 alike. */
  const outcome = async (node: NodeProto, drawn: readonly number[], shape = [2, 3], type = 1) => {
    const nodes = [node, op('Identity', [node.output[0] ?? ''], ['y'])];
    const results = [];
    for (const version of [12n, 15n, 18n]) {
      const model = modelOf({
        inputs: [makeValue('x', 1, ['N', 3])],
        outputs: [makeValue('y', type)],
        nodes,
        weights: [
          floatTensor('ratio', [], [0.6]),
          Object.assign(floatTensor('on', [], [1]), { dataType: 9, rawData: Uint8Array.of(1) }),
        ],
      });
      model.opsetImport = [Object.assign(model.opsetImport[0] as object, { version })] as never;
      const pinned = pinNoise(model);
      expect(pinned.noise.length).toBe(1);
      expect(faults(pinned.model)).toEqual([]);
      const probed = await run(pinned.probe, '.', { x });
      expect(probed.genscope_noise_0?.shape).toEqual(shape);
      results.push((await run(pinned.model, '.', { x, genscope_noise_0: f32(shape, drawn) })).y);
    }
    for (const other of results) expect(distance(other, results[0])).toBe(0);
    return { ...results[0], values: numbers(results[0]) };
  };
  const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 3));

  it('RandomNormalLike, with mean, scale and type', async () => {
    const { values } = await outcome(makeNode('RandomNormalLike', ['x'], ['r'], { mean: 2, scale: 3 }), n);
    expect(values).toEqual(near([-1, 8, 3.5, 2, 5, -7]));
    const half = await outcome(makeNode('RandomNormalLike', ['x'], ['r'], { dtype: 10n }), n, [2, 3], 10);
    expect(half.dtype).toBe('float16');
    expect(half.values).toEqual(near(n));
  });
  it('RandomNormal and RandomUniform of a written shape', async () => {
    const { values } = await outcome(makeNode('RandomNormal', [], ['r'], { shape: [2, 3], scale: 0.5 }), n);
    expect(values).toEqual(near([-0.5, 1, 0.25, 0, 0.5, -1.5]));
    const uniform = await outcome(
      makeNode('RandomUniform', [], ['r'], { shape: [1, 6], low: -1, high: 1, dtype: 11n }),
      u,
      [1, 6],
      11,
    );
    expect(uniform.dtype).toBe('float64');
    expect(uniform.values).toEqual(near(u.map((value) => 2 * value - 1)));
  });
  it('RandomUniformLike', async () =>
    expect(
      (await outcome(makeNode('RandomUniformLike', ['x'], ['r'], { low: 0, high: 5 }), u)).values,
    ).toEqual(near(u.map((value) => 5 * value))));
  it('Bernoulli', async () => {
    // The operator itself came with opset 15.
    const model = modelOf({
      inputs: [makeValue('x', 1, ['N', 3])],
      outputs: [makeValue('y', 7)],
      nodes: [makeNode('Bernoulli', ['x'], ['y'], { dtype: 7n })],
    });
    const pinned = pinNoise(model);
    expect(pinned.noise[0]).toMatchObject({ kind: 'uniform', neutral: 0.5, op: 'Bernoulli' });
    const { y } = await run(pinned.model, '.', { x, genscope_noise_0: f32([2, 3], u) });
    expect(numbers(y)).toEqual([1, 0, 1, 0, 1, 0]);
  });
  it('Multinomial', async () => {
    const logits = Float32Array.from([0.5, 0.25, 0.25, 0.1, 0, 0.9], Math.log);
    const model = modelOf({
      inputs: [makeValue('x', 1, ['N', 3])],
      outputs: [makeValue('y', 7)],
      nodes: [makeNode('Multinomial', ['x'], ['y'], { dtype: 7n, sample_size: 4n })],
    });
    const pinned = pinNoise(model);
    const drawn = [0, 0.49, 0.6, 0.9999999, 0.05, 0.1001, 0.5, 0.9999999];
    const { y } = await run(pinned.model, '.', {
      x: f32([2, 3], logits),
      genscope_noise_0: f32([2, 4], drawn),
    });
    expect(y?.shape).toEqual([2, 4]);
    expect(numbers(y)).toEqual([0, 0, 1, 2, 0, 2, 2, 2]);
  });
  it('Dropout in training mode', async () => {
    const { values } = await outcome(op('Dropout', ['x', 'ratio', 'on'], ['r', 'mask']), u);
    expect(values).toEqual(
      near(
        [0, 0, 0.9 / 0.4, 0, 0.7 / 0.4, 0.2 / 0.4].map((v, i) =>
          (u[i] ?? 0) >= 0.6 ? (x.data[i] as number) / 0.4 : 0 * v,
        ),
      ),
    );
  });
  it('Dropout whose noise is off passes everything on as it is', async () => {
    const model = modelOf({
      inputs: [makeValue('x', 1, ['N', 3])],
      outputs: [makeValue('y', 1), makeValue('kept', 1)],
      nodes: [op('Dropout', ['x', 'ratio', 'on'], ['y', 'mask']), op('Cast', ['mask'], ['kept'], { to: 1 })],
      weights: [
        floatTensor('ratio', [], [0.6]),
        Object.assign(floatTensor('on', [], [1]), { dataType: 9, rawData: Uint8Array.of(1) }),
      ],
    });
    const pinned = pinNoise(model);
    const [{ neutral = Number.NaN } = {}] = pinned.noise;
    const off = f32([2, 3], new Float32Array(6).fill(neutral));
    const { y, kept } = await run(pinned.model, '.', { x, genscope_noise_0: off });
    expect(numbers(y)).toEqual([...x.data]);
    expect(numbers(kept)).toEqual(new Array(6).fill(1));
  });
});

describe('freeBatch', () => {
  for (const file of ['baked.onnx', 'false-batch.onnx']) {
    it(`${file}: rows equal runs of the original alone`, async () => {
      const { model, folder } = open(file);
      const freed = freeBatch(model);
      if ('refused' in freed) throw new Error(freed.refused);
      expect(freed.changed.length).toBeGreaterThan(0);
      expect(faults(freed.model)).toEqual([]);
      const z = noise(36, 'z');
      const { image } = await run(freed.model, folder, { z: f32([3, 12], z) }, true);
      for (let i = 0; i < 3; i++) {
        const alone = await run(model, folder, { z: f32([1, 12], z.slice(12 * i, 12 * i + 12)) }, true);
        expect(
          distance(alone.image, f32([1, 3, 16, 16], numbers(image).slice(768 * i, 768 * i + 768))),
        ).toBeLessThanOrEqual(1e-6);
      }
    });
  }

  it('constant maps beside live ones, sizes of a Resize, and a flattened shape with −1', async () => {
    const nodes: NodeProto[] = [
      makeNode('Reshape', ['x', 'flat'], ['a']),
      makeNode('Reshape', ['a', 'maps'], ['b']),
      makeNode('Concat', ['b', 'grid'], ['c'], { axis: 1n }),
      makeNode('Resize', ['c', '', '', 'sizes'], ['y']),
      create(NodeProtoSchema, makeNode('Identity', ['x'], ['unused'])),
    ];
    const ints = (name: string, values: number[]) =>
      Object.assign(floatTensor(name, [values.length], []), {
        dataType: 7,
        rawData: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
      });
    const model = modelOf({
      inputs: [makeValue('x', 1, [1, 2, 4])],
      outputs: [makeValue('y', 1, [1, 3, 4, 4])],
      nodes,
      weights: [
        ints('flat', [1, -1]),
        ints('maps', [1, 2, 2, 2]),
        ints('sizes', [1, 3, 4, 4]),
        floatTensor('grid', [1, 1, 2, 2], [1, 2, 3, 4]),
      ],
    });
    const freed = freeBatch(model);
    if ('refused' in freed) throw new Error(freed.refused);
    expect(faults(freed.model)).toEqual([]);
    const data = noise(24, 'x');
    const { y } = await run(freed.model, '.', { x: f32([3, 2, 4], data) });
    for (let i = 0; i < 3; i++) {
      const alone = await run(model, '.', { x: f32([1, 2, 4], data.slice(8 * i, 8 * i + 8)) });
      expect(distance(alone.y, f32([1, 3, 4, 4], numbers(y).slice(48 * i, 48 * i + 48)))).toBe(0);
    }
  });
});
