import { create } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type FunctionProto,
  FunctionProtoSchema,
  GraphProtoSchema,
  type NodeProto,
} from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { makeNode } from '../../../src/onnx/surgery/build.ts';
import { inlineFunctions } from '../../../src/onnx/surgery/inline.ts';
import { modelOf, op, scalar, value } from '../onnx/support.ts';
import { faults, ops } from './support.ts';

interface Body {
  readonly input: string[];
  readonly output: string[];
  readonly node: NodeProto[];
  readonly defaults?: AttributeProto[];
}

function fn(name: string, { input, output, node, defaults = [] }: Body): FunctionProto {
  return create(FunctionProtoSchema, {
    name,
    domain: 'own',
    input,
    output,
    node,
    attributeProto: defaults,
    opsetImport: [{ version: 17n }, { domain: 'own', version: 1n }],
  });
}

const call = (
  name: string,
  input: string[],
  output: string[],
  attribute: AttributeProto[] = [],
  label = '',
) => Object.assign(op(name, input, output, {}, label), { domain: 'own', attribute });
const float = (name: string, f: number) => create(AttributeProtoSchema, { name, type: 1, f });
const reference = (name: string, refAttrName: string) =>
  create(AttributeProtoSchema, { name, type: 1, refAttrName });
const withAttribute = (node: NodeProto, ...attribute: AttributeProto[]) => Object.assign(node, { attribute });

function model(nodes: NodeProto[], functions: FunctionProto[], output = 'y') {
  const made = modelOf({
    inputs: [value('x', ['N', 4])],
    outputs: [value(output)],
    nodes,
    weights: [scalar('k', 2)],
  });
  return Object.assign(made, {
    functions,
    opsetImport: [...made.opsetImport, { domain: 'own', version: 1n }],
  }) as typeof made;
}

describe('inlineFunctions', () => {
  const leaky = fn('Act', {
    input: ['a'],
    output: ['b'],
    node: [
      makeNode('Neg', ['a'], ['t']),
      withAttribute(makeNode('LeakyRelu', ['t'], ['b']), reference('alpha', 'slope')),
    ],
    defaults: [float('slope', 0.25)],
  });

  it('writes calls out, each with its own names and attributes', () => {
    const inlined = inlineFunctions(
      model(
        [call('Act', ['x'], ['m'], [float('slope', 0.5)], 'first'), call('Act', ['m'], ['y'], [], 'second')],
        [leaky],
      ),
    );
    expect(faults(inlined)).toEqual([]);
    expect(ops(inlined)).toEqual(['Neg', 'LeakyRelu', 'Neg', 'LeakyRelu']);
    expect(inlined.graph?.node.map(({ input, output }) => [...input, ...output])).toEqual([
      ['x', 'first/t'],
      ['first/t', 'm'],
      ['m', 'second/t'],
      ['second/t', 'y'],
    ]);
    expect(inlined.graph?.node.flatMap(({ attribute }) => attribute.map(({ name, f }) => [name, f]))).toEqual(
      [
        ['alpha', 0.5],
        ['alpha', 0.25],
      ],
    );
    expect(inlined.functions).toEqual([]);
    expect(inlined.opsetImport.map(({ domain }) => domain)).toEqual(['']);
  });

  it('functions inside functions, absent attributes, inputs handed straight on, and unused outputs', () => {
    const outer = fn('Outer', {
      input: ['p', 'q'],
      output: ['s', 'p', 'spare'],
      node: [
        call('Act', ['p'], ['u'], [reference('slope', 'nothing')]),
        makeNode('Relu', ['u'], ['s']),
        makeNode('Exp', ['u'], ['spare']),
      ],
    });
    const inlined = inlineFunctions(
      model(
        [call('Outer', ['x', ''], ['m', 'again']), makeNode('Add', ['m', 'again'], ['y'])],
        [leaky, outer],
      ),
    );
    expect(faults(inlined)).toEqual([]);
    expect(ops(inlined)).toEqual(['Neg', 'LeakyRelu', 'Relu', 'Exp', 'Identity', 'Add']);
  });

  it('inside branches, and branches inside functions', () => {
    const branch = (node: NodeProto[], output: string) =>
      create(GraphProtoSchema, { node, output: [{ name: output }] });
    const graphs = (then: NodeProto[], other: NodeProto[], output: string) => [
      create(AttributeProtoSchema, { name: 'then_branch', type: 5, g: branch(then, output) }),
      create(AttributeProtoSchema, { name: 'else_branch', type: 5, g: branch(other, output) }),
    ];
    const choose = fn('Choose', {
      input: ['c', 'v'],
      output: ['r'],
      node: [
        makeNode('Exp', ['v'], ['e']),
        withAttribute(
          makeNode('If', ['c'], ['r']),
          ...graphs([call('Act', ['e'], ['o'])], [makeNode('Neg', ['v'], ['o'])], 'o'),
        ),
      ],
    });
    const inlined = inlineFunctions(
      model(
        [
          makeNode('Cast', ['k'], ['c'], { to: 9n }),
          call('Choose', ['c', 'x'], ['m']),
          call('Choose', ['c', 'm'], ['y']),
        ],
        [leaky, choose],
      ),
    );
    expect(faults(inlined)).toEqual([]);
    expect(ops(inlined)).toEqual(['Cast', 'Exp', 'If', 'Exp', 'If']);
    expect(inlined.graph?.node[2]?.attribute[0]?.g?.node.map(({ opType }) => opType)).toEqual([
      'Neg',
      'LeakyRelu',
    ]);
  });

  it('refuses recursion and functions that explode', () => {
    const self = fn('Self', { input: ['a'], output: ['b'], node: [call('Other', ['a'], ['b'])] });
    const other = fn('Other', { input: ['a'], output: ['b'], node: [call('Self', ['a'], ['b'])] });
    expect(() => inlineFunctions(model([call('Self', ['x'], ['y'])], [self, other]))).toThrow('calls itself');
    const levels = Array.from({ length: 30 }, (_, i) =>
      fn(`L${i}`, {
        input: ['a'],
        output: ['b'],
        node:
          i === 0
            ? [makeNode('Neg', ['a'], ['b'])]
            : [call(`L${i - 1}`, ['a'], ['m']), call(`L${i - 1}`, ['m'], ['b'])],
      }),
    );
    const chain = Array.from({ length: 5000 }, (_, i) =>
      fn(`C${i}`, {
        input: ['a'],
        output: ['b'],
        node: [i === 0 ? makeNode('Neg', ['a'], ['b']) : call(`C${i - 1}`, ['a'], ['b'])],
      }),
    );
    expect(() => inlineFunctions(model([call('C4999', ['x'], ['y'])], chain))).toThrow('inside each other');
    const started = performance.now();
    expect(() => inlineFunctions(model([call('L29', ['x'], ['y'])], levels))).toThrow('more than');
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
