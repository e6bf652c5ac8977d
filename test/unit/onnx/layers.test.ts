import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GraphIndex } from '../../../src/onnx/graph.ts';
import { candidateLayers } from '../../../src/onnx/layers.ts';
import { memorySource, openModel } from '../../../src/onnx/open.ts';
import { DEMO, fixtureGraph, graphOf, hasDemo, op, scalar, value } from './support.ts';

const list = (graph: GraphIndex) =>
  candidateLayers(graph).map(({ name, tensor, op: kind }) => `${name} = ${tensor} (${kind})`);

describe('layers of the fixtures', () => {
  const rows: Readonly<Record<string, string[]>> = {
    'dcgan.onnx': ['0.2 = /0/0.2/Relu_output_0 (Relu)', '1.2 = /1/1.2/Relu_output_0 (Relu)'],
    // LeakyRelu · √2, then Clip: the layer is what leaves the clip.
    'noise-inside.onnx': [
      'fc = /Relu_output_0 (Relu)',
      'b8 = /b8/Clip_output_0 (LeakyRelu)',
      'b16 = /b16/Clip_output_0 (LeakyRelu)',
    ],
    'noise-input.onnx': ['b8 = /b8/Mul_1_output_0 (SiLU)', 'b16 = /b16/Mul_1_output_0 (SiLU)'],
    'dynamo.onnx': ['conv = glu (GLU)', 'up = silu (SiLU)'],
    'language-model.onnx': ['mix = /Mul_1_output_0 (Gelu)'],
    'float-data.onnx': [],
  };
  for (const [file, layers] of Object.entries(rows))
    it(file, () => expect(list(fixtureGraph(file))).toEqual(layers));

  it.runIf(hasDemo)('the demo', () => {
    const { model } = openModel(memorySource(new Uint8Array(readFileSync(DEMO))), 'generator.onnx');
    const names = candidateLayers(new GraphIndex(model)).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['l8', 'l8b', 'l16', 'l16b', 'l32', 'l64']));
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('activations', () => {
  const of = (...nodes: ReturnType<typeof op>[]) =>
    list(
      graphOf({
        inputs: [value('x', ['N', 8])],
        outputs: [value('out')],
        nodes,
        weights: [scalar('k', 0.5), scalar('one', 1)],
      }),
    );

  it('Gelu from Erf, with the half at either end', () => {
    const head = [op('Div', ['x', 'k'], ['d']), op('Erf', ['d'], ['e']), op('Add', ['e', 'one'], ['a'])];
    const after = [
      ...head,
      op('Mul', ['x', 'a'], ['m']),
      op('Mul', ['m', 'k'], ['g']),
      op('Conv', ['g', 'w'], ['out']),
    ];
    expect(of(...after)).toEqual(['gelu1 = g (Gelu)']);
    const before = [
      ...head,
      op('Mul', ['a', 'k'], ['h']),
      op('Mul', ['x', 'h'], ['g']),
      op('Conv', ['g', 'w'], ['out']),
    ];
    expect(of(...before)).toEqual(['gelu1 = g (Gelu)']);
  });
  it('Mish is one layer, not Softplus', () => {
    const nodes = [
      op('Softplus', ['x'], ['s']),
      op('Tanh', ['s'], ['t']),
      op('Mul', ['x', 't'], ['m']),
      op('Conv', ['m', 'w'], ['out']),
    ];
    expect(of(...nodes)).toEqual(['mish1 = m (Mish)']);
  });
  it('GLU by two Slices', () => {
    const nodes = [
      op('Slice', ['x', 'a'], ['p']),
      op('Slice', ['x', 'b'], ['q']),
      op('Sigmoid', ['q'], ['s']),
      op('Mul', ['p', 's'], ['m']),
      op('Conv', ['m', 'w'], ['out']),
    ];
    expect(of(...nodes)).toEqual(['glu1 = m (GLU)']);
  });
  it('a squeeze-and-excitation gate is none', () => {
    const nodes = [
      op('GlobalAveragePool', ['x'], ['p']),
      op('Sigmoid', ['p'], ['s']),
      op('Mul', ['x', 's'], ['m']),
      op('Conv', ['m', 'w'], ['out']),
    ];
    expect(of(...nodes)).toEqual([]);
  });
  it('what leaves the graph, or does not depend on its inputs, is none', () => {
    expect(of(op('Relu', ['x'], ['out']))).toEqual([]);
    expect(of(op('Relu', ['k'], ['r']), op('Conv', ['r', 'w'], ['out']))).toEqual([]);
  });
});

describe('names', () => {
  const named = (...nodes: [name: string, input: string, output: string][]) =>
    candidateLayers(
      graphOf({
        inputs: [value('x', ['N', 8])],
        outputs: [value('out')],
        nodes: nodes.map(([name, input, output]) =>
          op(/Conv/.test(name) ? 'Conv' : 'Relu', [input], [output], {}, name),
        ),
      }),
    ).map(({ name }) => name);

  it('come from scopes, without the activation’s own module', () => {
    expect(
      named(
        ['/synthesis/b32/conv1/Relu', 'x', 'a'],
        ['/net/block/act/Relu', 'a', 'b'],
        ['/main/main.2/Relu', 'b', 'c'],
      ),
    ).toEqual(['synthesis.b32.conv1', 'net.block', 'main.2']);
  });
  it('or from the module before, where one activation is shared', () => {
    expect(
      named(
        ['/scale.0/conv/Conv', 'x', 'a'],
        ['/leakyRelu/Relu', 'a', 'b'],
        ['/scale.1/conv/Conv', 'b', 'c'],
        ['/leakyRelu_1/Relu', 'c', 'd'],
      ),
    ).toEqual(['scale.0.conv', 'scale.1.conv']);
  });
  it('are unique', () => {
    expect(named(['/b/relu/Relu', 'x', 'a'], ['/b/relu_1/Relu', 'a', 'b'], ['/b/Relu_2', 'b', 'c'])).toEqual([
      'b',
      'b.2',
      'b.3',
    ]);
  });
  it('or only say what and which', () =>
    expect(named(['Relu_0', 'x', 'a'], ['52', 'a', 'b'])).toEqual(['relu1', 'relu2']));
});
