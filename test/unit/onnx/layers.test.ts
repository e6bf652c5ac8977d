import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GraphIndex } from '../../../src/onnx/graph.ts';
import { suffixCosts } from '../../../src/onnx/layers/cost.ts';
import { candidateLayers } from '../../../src/onnx/layers/layers.ts';
import { memorySource, openModel } from '../../../src/onnx/open.ts';
import { DEMO, fixtureGraph, graphOf, hasDemo, op, scalar, value, weight } from './support.ts';

const list = (graph: GraphIndex) =>
  candidateLayers(graph).map(({ name, tensor, op: kind }) => `${name} = ${tensor} (${kind})`);

describe('layers of the fixtures', () => {
  const rows: Readonly<Record<string, string[]>> = {
    'dcgan.onnx': ['0.2 = /0/0.2/Relu_output_0 (Relu)', '1.2 = /1/1.2/Relu_output_0 (Relu)'],
    // LeakyRelu · √2, then Clip: the layer is what leaves the clip.
    'noise-inside.onnx': [
      'fc/relu = /Relu_output_0 (Relu)',
      'b8 = /b8/Clip_output_0 (LeakyRelu)',
      'b16 = /b16/Clip_output_0 (LeakyRelu)',
    ],
    'noise-input.onnx': ['b8 = /b8/Mul_1_output_0 (SiLU)', 'b16 = /b16/Mul_1_output_0 (SiLU)'],
    'dynamo.onnx': ['glu = glu (GLU)', 'up = silu (SiLU)'],
    'language-model.onnx': ['mix/gelu = /Mul_1_output_0 (Gelu)'],
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
        ['/toRGB/Conv', 'd', 'e'],
      ),
    ).toEqual(['scale.0.conv/leakyRelu', 'scale.1.conv/leakyRelu']);
  });
  it('are unique', () => {
    expect(named(['/b/relu/Relu', 'x', 'a'], ['/b/relu_1/Relu', 'a', 'b'], ['/b/Relu_2', 'b', 'c'])).toEqual([
      'b.relu',
      'b.relu_1',
      'b',
    ]);
  });
  it('or only say what and which', () =>
    expect(named(['Relu_0', 'x', 'a'], ['52', 'a', 'b'])).toEqual(['relu1', 'relu2']));
});

describe('where a layer ends', () => {
  type Shapes = Readonly<Record<string, readonly number[]>>;
  const layers = (shapes: Shapes, ...nodes: ReturnType<typeof op>[]) =>
    candidateLayers(
      graphOf({
        inputs: [value('z', ['N', 4, 4, 4]), value('s', ['N', 4, 1, 1])],
        outputs: [value('image')],
        nodes: [...nodes, op('Conv', ['end', 'k'], ['image'])],
        weights: [
          weight('k', [4, 4, 3, 3]),
          weight('fir', [4, 1, 6, 6]),
          weight('rgb', [3, 4, 1, 1]),
          scalar('two', 2),
        ],
      }),
      new Map(Object.entries(shapes)),
    ).map(({ tensor, op: kind }) => `${tensor} ${kind}`);
  const map = [1, 4, 8, 8];

  it('after a normalisation of the map', () => {
    const shapes = { c: map, a: map, q: map, m: [1, 1, 8, 8], r: map, end: [1, 4, 16, 16] };
    const pixelNorm = [
      op('Mul', ['a', 'a'], ['q']),
      op('ReduceMean', ['q'], ['m']),
      op('Div', ['a', 'm'], ['r']),
    ];
    const upsample = op('Resize', ['r'], ['end']);
    const start = [op('Conv', ['z', 'k'], ['c']), op('LeakyRelu', ['c'], ['a'])];
    expect(layers(shapes, ...start, ...pixelNorm, upsample)).toEqual(['r LeakyRelu']);
  });
  it('after the style that follows a normalisation, but not before one that modulates the next convolution', () => {
    const shapes = { c: map, a: map, n: map, t: map, end: map, s: [1, 4, 1, 1] };
    const start = [op('Conv', ['z', 'k'], ['c']), op('LeakyRelu', ['c'], ['a'])];
    const adain = [
      op('InstanceNormalization', ['a'], ['n']),
      op('Mul', ['n', 's'], ['t']),
      op('Add', ['t', 's'], ['end']),
    ];
    expect(layers(shapes, ...start, ...adain)).toEqual(['end LeakyRelu']);
    expect(layers(shapes, ...start, op('Mul', ['a', 's'], ['end']))).toEqual(['a LeakyRelu']);
  });
  it('back at its own size, where only the activation runs on a larger map', () => {
    const large = [1, 4, 20, 20];
    const shapes = { c: map, u: large, a: large, g: large, end: map };
    const around = [
      op('Conv', ['z', 'k'], ['c']),
      op('ConvTranspose', ['c', 'fir'], ['u']),
      op('LeakyRelu', ['u'], ['a']),
      op('Mul', ['a', 'two'], ['g']),
    ];
    expect(layers(shapes, ...around, op('Conv', ['g', 'fir'], ['end']))).toEqual(['end LeakyRelu']);
    // A map that merely is blurred or enlarged for the next layer is not part of this one.
    const plain = { c: map, a: map, end: large };
    const next = op('ConvTranspose', ['a', 'fir'], ['end']);
    expect(layers(plain, op('Conv', ['z', 'k'], ['c']), op('LeakyRelu', ['c'], ['a']), next)).toEqual([
      'a LeakyRelu',
    ]);
  });

  const all = (names: string) => Object.fromEntries(names.split(' ').map((name) => [name, map]));
  it('at the sum of a block that begins with a convolution, in place of what is inside', () => {
    const block = [
      op('Conv', ['z', 'k'], ['x']),
      op('Conv', ['x', 'k'], ['b']),
      op('Relu', ['b'], ['c']),
      op('Conv', ['c', 'k'], ['d']),
      op('Add', ['x', 'd'], ['r']),
      op('Conv', ['r', 'k'], ['e']),
      op('Relu', ['e'], ['end']),
    ];
    expect(layers(all('z x b c d r e end'), ...block)).toEqual(['r Sum', 'end Relu']);
  });
  it('at the sum as well where the shortcut changes the map; not where the next activation shows it', () => {
    const main = [op('Conv', ['z', 'k'], ['x']), op('Relu', ['x'], ['b']), op('Conv', ['b', 'k'], ['c'])];
    const after = [
      op('Relu', ['r'], ['f']),
      op('Conv', ['f', 'k'], ['g']),
      op('Add', ['r', 'g'], ['h']),
      op('Relu', ['h'], ['end']),
    ];
    const changed = [...main, op('Conv', ['x', 'k'], ['d']), op('Add', ['c', 'd'], ['r']), ...after];
    const same = [...main, op('Add', ['c', 'x'], ['r']), ...after];
    expect(layers(all('z x b c d r f g h end'), ...changed)).toEqual([
      'b Relu',
      'r Sum',
      'f Relu',
      'end Relu',
    ]);
    expect(layers(all('z x b c d r f g h end'), ...same)).toEqual(['b Relu', 'f Relu', 'end Relu']);
  });
  it('never at a sum of pictures', () => {
    const rgb = [1, 3, 8, 8];
    const nodes = [
      op('Conv', ['z', 'k'], ['x']),
      op('Relu', ['x'], ['a']),
      op('Conv', ['a', 'rgb'], ['p']),
      op('Conv', ['a', 'k'], ['b']),
      op('Relu', ['b'], ['c']),
      op('Conv', ['c', 'rgb'], ['q']),
      op('Add', ['p', 'q'], ['end']),
    ];
    expect(layers({ ...all('z x a b c'), p: rgb, q: rgb, end: rgb }, ...nodes)).toEqual(['a Relu', 'c Relu']);
  });
});

describe('more names', () => {
  const named = (...nodes: [name: string, input: string, output: string][]) =>
    candidateLayers(
      graphOf({
        inputs: [value('x', ['N', 8])],
        outputs: [value('out')],
        nodes: nodes.map(([name, input, output]) => op('Relu', [input], [output], {}, name)),
      }),
    ).map(({ name }) => name);

  it('keep the activation’s own where it tells two apart', () => {
    expect(named(['/b/act1/Relu', 'x', 'a'], ['/b/act2/Relu', 'a', 'b'])).toEqual(['b.act1', 'b.act2']);
    expect(named(['/b/relu_0/Relu', 'x', 'a'], ['/b/relu_1/Relu', 'a', 'b'])).toEqual([
      'b.relu_0',
      'b.relu_1',
    ]);
  });
  it('lose a wrapper that all have, but not down to a number', () => {
    expect(named(['/module/generator/l8/Relu', 'x', 'a'], ['/module/generator/l16/Relu', 'a', 'b'])).toEqual([
      'l8',
      'l16',
    ]);
    expect(named(['/model/l8/Relu', 'x', 'a'], ['/other/l8/Relu', 'a', 'b'])).toEqual([
      'model.l8',
      'other.l8',
    ]);
    expect(named(['/model/3/Relu', 'x', 'a'], ['/model/6/Relu', 'a', 'b'])).toEqual(['model.3', 'model.6']);
    expect(named(['/synthesis/b8/Relu', 'x', 'a'], ['/synthesis/b16/Relu', 'a', 'b'])).toEqual([
      'synthesis.b8',
      'synthesis.b16',
    ]);
  });
  it('have no spaces', () => expect(named(['/my block/l8/Relu', 'x', 'a'])).toEqual(['my-block.l8']));
});

describe('what an edit costs', () => {
  it('is the share of multiply-adds after it that lead to the image', () => {
    const graph = graphOf({
      inputs: [value('z', ['N', 10])],
      outputs: [value('image')],
      nodes: [
        op('Gemm', ['z', 'fc'], ['a']),
        op('Reshape', ['a', 'to'], ['b']),
        op('ConvTranspose', ['b', 'up'], ['c']),
        op('Relu', ['c'], ['d']),
        op('Conv', ['d', 'rgb'], ['image']),
        op('Conv', ['d', 'rgb'], ['unused']),
      ],
      weights: [weight('fc', [10, 32]), weight('up', [2, 5, 4, 4]), weight('rgb', [3, 5, 3, 3])],
    });
    const shapes = new Map([
      ['z', [1, 10]],
      ['a', [1, 32]],
      ['b', [1, 2, 4, 4]],
      ['c', [1, 5, 8, 8]],
      ['d', [1, 5, 8, 8]],
      ['image', [1, 3, 8, 8]],
      ['unused', [1, 3, 8, 8]],
    ]);
    const gemm = 10 * 32;
    const up = 2 * 4 * 4 * 5 * 4 * 4;
    const rgb = 3 * 8 * 8 * 5 * 3 * 3;
    const costs = suffixCosts(graph, ['b', 'd', 'image'], shapes);
    expect(costs[0]).toBeCloseTo((up + rgb) / (gemm + up + rgb), 12);
    expect(costs[1]).toBeCloseTo(rgb / (gemm + up + rgb), 12);
    expect(costs[2]).toBe(0);
  });
});
