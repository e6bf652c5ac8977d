import { create } from '@bufbuild/protobuf';
import { AttributeProtoSchema, GraphProtoSchema } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { GraphIndex } from '../../../src/onnx/graph.ts';
import { candidateLayers } from '../../../src/onnx/layers/layers.ts';
import { serialize } from '../../../src/onnx/open.ts';
import { planBake } from '../../../src/onnx/surgery/bake/bake.ts';
import { makeNode } from '../../../src/onnx/surgery/build.ts';
import { freeBatch } from '../../../src/onnx/surgery/freeBatch/freeBatch.ts';
import { intervene } from '../../../src/onnx/surgery/intervene.ts';
import { pinNoise } from '../../../src/onnx/surgery/pinNoise/pinNoise.ts';
import { split } from '../../../src/onnx/surgery/split/split.ts';
import { GenscopeError } from '../../../src/shared/kernel/errors.ts';
import { fixtureNames, modelOf, op, openFixture, scalar, value, weight } from '../onnx/support.ts';
import { copiedWeights, faults, inputNames, outputNames, size } from './support.ts';

const usable = fixtureNames.filter((file) => file !== 'custom-domain.onnx');
const layersOf = (model: ReturnType<typeof openFixture>['model']) =>
  candidateLayers(new GraphIndex(model)).map(({ tensor }) => tensor);

describe('every surgery on every fixture', () => {
  for (const file of usable) {
    it(file, () => {
      const { model } = openFixture(file);
      const before = serialize(model);
      const already = copiedWeights(model).length;
      const pinned = pinNoise(model);
      const freed = freeBatch(pinned.model);
      const layers = layersOf(model);
      const results = [
        pinned.model,
        pinned.probe,
        'model' in freed ? freed.model : model,
        intervene(model, layers).model,
      ];
      for (const layer of layers) {
        const { prefix, suffix, crossing } = split(pinned.model, layer);
        results.push(prefix, suffix, intervene(suffix, [layer]).model);
        expect(outputNames(prefix)).toEqual(crossing);
        expect(inputNames(suffix)).toEqual(expect.arrayContaining([...crossing]));
        const one = { tensor: layer, scale: [0, 1], shift: [0, 0] };
        results.push(planBake(model, [one]).model);
      }
      for (const result of results) {
        expect(faults(result)).toEqual([]);
        expect(copiedWeights(result).length).toBeLessThanOrEqual(already);
        // Nodes, names and references only.
        expect(size(result)).toBeLessThan(before.length + 4096);
      }
      expect(Buffer.compare(serialize(model), before)).toBe(0);
    });
  }
});

describe('intervene', () => {
  const { model } = openFixture('dcgan.onnx');
  const [first = '', second = ''] = layersOf(model);

  it('numbers its inputs by the order of the layers asked for', () => {
    const { model: edited, interventions } = intervene(model, [second, first]);
    expect(interventions.map(({ tensor, scale, shift }) => [tensor, scale, shift])).toEqual([
      [second, 'genscope_A_0', 'genscope_B_0'],
      [first, 'genscope_A_1', 'genscope_B_1'],
    ]);
    expect(inputNames(edited)).toEqual(['z', 'genscope_A_0', 'genscope_B_0', 'genscope_A_1', 'genscope_B_1']);
    const { model: again } = intervene(edited, [first]);
    expect(inputNames(again)).toContain('genscope_A_0_2');
    expect(faults(again)).toEqual([]);
  });

  it('refuses what it cannot edit', () => {
    expect(() => intervene(model, ['nowhere'])).toThrow(GenscopeError);
    expect(() => intervene(model, [''])).toThrow(GenscopeError);
    expect(() => intervene(model, [first, first])).toThrow('named twice');
    const ints = modelOf({
      inputs: [value('x', [1])],
      outputs: [value('y')],
      nodes: [op('Shape', ['x'], ['s']), op('Neg', ['s'], ['y'])],
    });
    expect(() => intervene(ints, ['s'])).toThrow('whole numbers');
    const through = modelOf({
      inputs: [value('x', [1]), value('k', [1])],
      outputs: [value('x'), value('y')],
      nodes: [op('Neg', ['x'], ['y'])],
    });
    expect(() => intervene(through, ['x'])).toThrow('goes in and comes out');
  });

  it('refuses layers inside a Loop or an If, with a sentence', () => {
    const body = create(GraphProtoSchema, {
      node: [op('Relu', ['x'], ['inside'])],
      output: [{ name: 'inside' }],
    });
    const branch = (name: string) => create(AttributeProtoSchema, { name, type: 5, g: body });
    const node = Object.assign(makeNode('If', ['c'], ['y']), {
      attribute: [branch('then_branch'), branch('else_branch')],
    });
    const around = modelOf({
      inputs: [value('x', [1]), value('c', [])],
      outputs: [value('y')],
      nodes: [node],
    });
    for (const surgery of [
      () => intervene(around, ['inside']),
      () => split(around, 'inside'),
      () => planBake(around, [{ tensor: 'inside', scale: [1], shift: [0] }]),
    ])
      expect(surgery).toThrow('computed inside an If');
    expect(freeBatch(around)).toMatchObject({ refused: expect.stringContaining('If') });
  });
});

describe('split', () => {
  /**   z ─ Gemm ─ w ─┬─ style1 ──────────┬─ style2
   *    Conv(fixed) ──┴─ Mul ─ Relu a ─ Conv ─ Mul ─ Relu b ─ Conv ─ Add ─ image
   *                             └─ Conv toRGB ─ Resize ────────────┘        */
  const styled = modelOf({
    inputs: [value('z', ['N', 4])],
    outputs: [value('image')],
    nodes: [
      op('Gemm', ['z', 'map'], ['w']),
      op('Unsqueeze', ['w', 'axes'], ['style']),
      op('Mul', ['fixed', 'style'], ['m1']),
      op('Relu', ['m1'], ['a']),
      op('Conv', ['a', 'rgb1'], ['skip']),
      op('Conv', ['a', 'k'], ['c']),
      op('Sigmoid', ['style'], ['style2']),
      op('Mul', ['c', 'style2'], ['m2']),
      op('Relu', ['m2'], ['b']),
      op('Conv', ['b', 'rgb2'], ['rgb']),
      op('Add', ['rgb', 'skip'], ['image']),
    ],
    weights: [
      weight('map', [4, 4]),
      weight('fixed', [1, 4, 8, 8]),
      weight('rgb1', [3, 4, 1, 1]),
      weight('rgb2', [3, 4, 1, 1]),
      weight('k', [4, 4, 1, 1]),
      scalar('axes', 2),
    ],
  });
  const map = [1, 4, 8, 8];
  const shapes = new Map([
    ['w', [1, 4]],
    ['style', [1, 4, 1, 1]],
    ['style2', [1, 4, 1, 1]],
    ['m1', map],
    ['a', map],
    ['c', map],
    ['m2', map],
    ['b', map],
    ['skip', [1, 3, 8, 8]],
    ['rgb', [1, 3, 8, 8]],
  ]);

  it('makes styles again and hands maps over', () => {
    const halves = split(styled, 'b', { shapes });
    expect(halves.crossing).toEqual(['b', 'skip']);
    expect(halves.suffixInputs).toEqual([]);
    const upper = split(styled, 'a', { shapes });
    expect(upper.crossing).toEqual(['a']);
    expect(upper.suffixInputs).toEqual(['z']);
    expect(upper.suffix.graph?.initializer.map(({ name }) => name)).not.toContain('fixed');
  });
  it('hands everything over that is live when no shapes are known', () => {
    expect(split(styled, 'a').crossing).toEqual(['a', 'style2']);
    expect(split(styled, 'a').suffixInputs).toEqual([]);
  });
  it('refuses inputs and what no output needs', () => {
    expect(() => split(styled, 'z')).toThrow('nothing before it');
    expect(() => split(styled, 'b', { outputs: ['other'] })).toThrow('does not depend');
  });
});

describe('freeBatch', () => {
  it('refuses live convolution weights and unpinned noise, and says so', () => {
    const modulated = modelOf({
      inputs: [value('x', [1, 4, 8, 8]), value('w', [4, 4, 1, 1])],
      outputs: [value('y')],
      nodes: [op('Conv', ['x', 'w'], ['y'])],
    });
    expect(freeBatch(modulated)).toEqual({ refused: expect.stringContaining('modulated convolution') });
    expect(freeBatch(openFixture('noise-inside.onnx').model)).toEqual({
      refused: expect.stringContaining('RandomNormalLike'),
    });
  });
  it('leaves a Reshape alone whose shape is no row of whole numbers, as in a damaged file', () => {
    for (const shape of [
      [1, 0.5, 4],
      [1, 0.118, -1],
    ]) {
      const damaged = modelOf({
        inputs: [value('z', [1, 12])],
        outputs: [value('y')],
        nodes: [op('Reshape', ['z', 'shape'], ['y'])],
        weights: [weight('shape', [3], shape)],
      });
      expect(() => freeBatch(damaged)).not.toThrow();
    }
  });
  it('leaves models alone that have no batch baked in', () => {
    const { model } = openFixture('dcgan.onnx');
    expect(freeBatch(model)).toEqual({ model, changed: [] });
  });
  it('names what it changed', () => {
    expect(freeBatch(openFixture('baked.onnx').model)).toMatchObject({ changed: ['z', 'image', '/Reshape'] });
    expect(freeBatch(openFixture('false-batch.onnx').model)).toMatchObject({ changed: ['/Reshape'] });
  });
});
