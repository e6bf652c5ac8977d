import { describe, expect, it } from 'vitest';
import { liveTensors, throughScalars } from '../../../src/onnx/walk.ts';
import { fixtureGraph, graphOf, op, scalar, value, weight } from './support.ts';

describe('GraphIndex', () => {
  it('tells real inputs from weights listed as inputs', () => {
    expect(fixtureGraph('keep-initializers.onnx').inputs.map(({ name }) => name)).toEqual(['z']);
  });

  it('describes inputs and outputs as declared', () => {
    const graph = fixtureGraph('label.onnx');
    expect(graph.inputs[1]).toEqual({ name: 'label', dtype: 'int64', shape: ['batch'] });
    expect(fixtureGraph('unknown.onnx').outputs[0]?.shape).toBeNull();
    expect(graph.opset).toBe(13);
  });

  it('knows producers, consumers and sole consumers', () => {
    const graph = graphOf({
      inputs: [value('x', [1])],
      outputs: [value('b')],
      nodes: [
        op('Relu', ['x'], ['a']),
        op('Neg', ['a'], ['b']),
        op('Abs', ['b'], ['c']),
        op('Mul', ['c', 'c'], ['d']),
      ],
    });
    expect(graph.producer('b')?.opType).toBe('Neg');
    expect(graph.soleConsumer('a')?.opType).toBe('Neg');
    expect(graph.soleConsumer('b')).toBeUndefined(); // also an output
    expect(graph.consumers('c')).toHaveLength(1); // one node, though it reads it twice
  });

  it('sees values and sizes of weights through Identity', () => {
    const graph = graphOf({
      inputs: [value('x', [1])],
      outputs: [value('y')],
      nodes: [op('Identity', ['k'], ['k2']), op('Mul', ['x', 'k2'], ['y']), op('Identity', ['w'], ['w2'])],
      weights: [scalar('k', 0.5), weight('w', [3, 4])],
    });
    expect(graph.scalar('k2')).toBe(0.5);
    expect(graph.weightDims('w2')).toEqual([3, 4]);
    expect(graph.scalar('w2')).toBeNull();
    expect(graph.scalar('x')).toBeNull();
  });

  it('survives a ring of Identity nodes', () => {
    const graph = graphOf({
      inputs: [],
      outputs: [],
      nodes: [op('Identity', ['a'], ['b']), op('Identity', ['b'], ['a'])],
    });
    expect(graph.values('a')).toBeNull();
    expect(throughScalars(graph, 'a')).toBeTypeOf('string');
  });
});

describe('throughScalars', () => {
  const walk = (nodes: ReturnType<typeof op>[], casts = false) =>
    throughScalars(
      graphOf({ inputs: [value('t', [1])], outputs: [value('out')], nodes, weights: [scalar('k', 2)] }),
      't',
      casts,
    );

  it('follows gains, clips and dropout', () => {
    expect(
      walk([
        op('Mul', ['k', 't'], ['a']),
        op('Clip', ['a', '', 'k'], ['b']),
        op('Dropout', ['b'], ['c']),
        op('Conv', ['c', 'w'], ['d']),
      ]),
    ).toBe('c');
  });
  it('stops where two read', () => {
    expect(
      walk([op('Mul', ['t', 'k'], ['a']), op('Conv', ['a', 'w'], ['b']), op('Conv', ['a', 'v'], ['c'])]),
    ).toBe('a');
  });
  it('stops at products of two live tensors, and at bounds', () => {
    expect(walk([op('Mul', ['t', 'other'], ['a'])])).toBe('t');
    expect(walk([op('Clip', ['x', 't'], ['a'])])).toBe('t');
  });
  it('passes Cast only when asked', () => {
    const nodes = [op('Cast', ['t'], ['a']), op('Conv', ['a', 'w'], ['b'])];
    expect(walk(nodes)).toBe('t');
    expect(walk(nodes, true)).toBe('a');
  });
});

describe('liveTensors', () => {
  it('depend on inputs or chance by value, not by shape', () => {
    const graph = graphOf({
      inputs: [value('x', [1])],
      outputs: [value('y')],
      nodes: [
        op('Shape', ['x'], ['s']),
        op('ConstantOfShape', ['s'], ['zeros']),
        op('RandomNormalLike', ['zeros'], ['n']),
        op('Add', ['x', 'n'], ['y']),
      ],
    });
    expect([...liveTensors(graph)].sort()).toEqual(['x', 'y']);
    expect([...liveTensors(graph, new Set(['RandomNormalLike']))].sort()).toEqual(['n', 'x', 'y']);
  });
});
