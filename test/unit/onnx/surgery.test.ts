import { describe, expect, it } from 'vitest';
import { GraphIndex } from '../../../src/onnx/graph.ts';
import { candidateLayers } from '../../../src/onnx/layers/layers.ts';
import { randomNodes, trainingWarnings } from '../../../src/onnx/noise.ts';
import { serialize } from '../../../src/onnx/open.ts';
import { deserialize } from '../../../src/onnx/proto.ts';
import { expose } from '../../../src/onnx/surgery/expose.ts';
import { GenscopeError } from '../../../src/shared/kernel/errors.ts';
import { fixtureGraph, graphOf, op, openFixture, scalar, value } from './support.ts';

describe('expose', () => {
  const { model } = openFixture('dcgan.onnx');
  const tensors = candidateLayers(new GraphIndex(model)).map(({ tensor }) => tensor);

  it('adds outputs that have only a name, and leaves the original alone', () => {
    const before = serialize(model);
    const exposed = expose(model, [...tensors, ...tensors, 'image']);
    const again = deserialize(serialize(exposed));
    expect(again.graph?.output.map(({ name }) => name)).toEqual(['image', ...tensors]);
    expect(again.graph?.output[1]?.type).toBeUndefined();
    expect(again.graph?.node).toEqual(model.graph?.node);
    expect(exposed.graph?.initializer).toBe(model.graph?.initializer);
    expect(Buffer.compare(serialize(model), before)).toBe(0);
  });

  it('keeps the defaults of proto2 in its copies', () => {
    const exposed = expose(model, tensors);
    expect(exposed.domain).toBe('');
    expect(exposed.graph?.docString).toBe('');
  });

  it('refuses tensors that are not there', () => {
    for (const name of ['nowhere', '']) expect(() => expose(model, [name])).toThrow(GenscopeError);
  });
});

describe('noise', () => {
  it('lists what draws numbers', () => {
    expect(randomNodes(fixtureGraph('noise-inside.onnx'))).toEqual([
      { node: '/b8/RandomNormalLike', op: 'RandomNormalLike' },
      { node: '/b16/RandomNormalLike', op: 'RandomNormalLike' },
    ]);
    expect(randomNodes(fixtureGraph('noise-input.onnx'))).toEqual([]);
  });

  it('and what was exported in training mode', () => {
    const graph = graphOf({
      inputs: [value('x', [1, 8])],
      outputs: [value('y')],
      nodes: [
        op('Dropout', ['x', 'ratio', 'on'], ['a']),
        op('Dropout', ['a', 'ratio', 'off'], ['b']),
        op('Dropout', ['b'], ['c']),
        op('BatchNormalization', ['c', 's', 'b', 'm', 'v'], ['d', 'm2', 'v2', 'm3', 'v3']),
        op('BatchNormalization', ['d', 's', 'b', 'm', 'v'], ['e', 'm4', 'v4'], { training_mode: 1 }),
        op('BatchNormalization', ['e', 's', 'b', 'm', 'v'], ['f']),
        op('Bernoulli', ['f'], ['y']),
      ],
      weights: [scalar('on', 1), scalar('off', 0), scalar('ratio', 0.5)],
    });
    expect(randomNodes(graph)).toEqual([
      { node: 'a', op: 'Dropout' },
      { node: 'y', op: 'Bernoulli' },
    ]);
    expect(trainingWarnings(graph)).toEqual([
      expect.stringContaining('a Dropout node'),
      expect.stringContaining('2 BatchNormalization nodes'),
    ]);
    expect(trainingWarnings(fixtureGraph('dcgan.onnx'))).toEqual([]);
  });
});
