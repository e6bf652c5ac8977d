/** Which axis the channels of a map lie on, told by the operators around it. */
import type { NodeProto, TensorProto } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { channelAxes } from '../../../src/onnx/layers/axes.ts';
import { copyMessage } from '../../../src/onnx/proto.ts';
import { int64Tensor, makeNode } from '../../../src/onnx/surgery/build.ts';
import { graphOf, op, value, weight } from './support.ts';

const LAST = [0n, 2n, 3n, 1n];
const FIRST = [0n, 3n, 1n, 2n];
const transpose = (from: string, to: string, perm: readonly bigint[]) =>
  makeNode('Transpose', [from], [to], { perm: perm.map(Number) });

function axesOf(
  nodes: readonly NodeProto[],
  shapes: Readonly<Record<string, readonly number[]>>,
  weights: readonly TensorProto[] = [],
  output = 'out',
): Readonly<Record<string, number>> {
  const graph = graphOf({
    inputs: [value('z', ['N', 8])],
    outputs: [value(output)],
    nodes: [...nodes],
    weights: [...weights],
  });
  return Object.fromEntries(channelAxes(graph, new Map(Object.entries(shapes))));
}

const NHWC = [1, 6, 6, 6];

describe('sizes that say nothing: all axes are alike', () => {
  it('around convolutions behind transposes', () => {
    const nodes = [
      op('Reshape', ['z', 's'], ['x']),
      transpose('x', 'n', FIRST),
      op('Conv', ['n', 'w'], ['c']),
      transpose('c', 'h', LAST),
      op('Relu', ['h'], ['r']),
      transpose('r', 'm', FIRST),
      op('Conv', ['m', 'w'], ['out']),
    ];
    const shapes = Object.fromEntries(['x', 'n', 'c', 'h', 'r', 'm', 'out'].map((name) => [name, NHWC]));
    const axes = axesOf(nodes, shapes, [weight('w', [6, 6, 3, 3]), int64Tensor('s', [-1, 6, 6, 6])]);
    expect(axes).toEqual({ x: 3, n: 1, c: 1, h: 3, r: 3, m: 1, out: 1 });
  });

  it('of a graph without a sign', () => {
    const nodes = [
      op('Reshape', ['z', 's'], ['x']),
      op('Relu', ['x'], ['r']),
      op('Reshape', ['r', 'f'], ['out']),
    ];
    const axes = axesOf(nodes, { x: NHWC, r: NHWC, out: [1, 216] });
    expect(axes.r).toBeUndefined();
  });

  it('from a picture at the end', () => {
    const nodes = [op('Reshape', ['z', 's'], ['x']), op('Relu', ['x'], ['r']), op('Tanh', ['r'], ['out'])];
    expect(axesOf(nodes, { x: [1, 8, 8, 3], r: [1, 8, 8, 3], out: [1, 8, 8, 3] }).r).toBe(3);
    expect(axesOf(nodes, { x: [1, 3, 8, 8], r: [1, 3, 8, 8], out: [1, 3, 8, 8] }).r).toBe(1);
  });

  it("by ONNX Runtime's operators with channels last", () => {
    const nhwc = copyMessage(op('NhwcConv', ['x', 'w'], ['c']), { domain: 'com.microsoft' });
    const nodes = [op('Reshape', ['z', 's'], ['x']), nhwc, op('Relu', ['c'], ['out'])];
    const axes = axesOf(nodes, { x: NHWC, c: NHWC, out: NHWC });
    expect(axes).toMatchObject({ x: 3, c: 3, out: 3 });
    const quantised = (last: number) =>
      copyMessage(op('QLinearConv', ['x', 'a', 'b', 'w'], ['c'], { channels_last: last }), {
        domain: 'com.microsoft',
      });
    const of = (last: number) =>
      axesOf([op('Reshape', ['z', 's'], ['x']), quantised(last), op('Relu', ['c'], ['out'])], {
        ...{ x: NHWC, c: NHWC, out: NHWC },
      }).out;
    expect([of(1), of(0)]).toEqual([3, 1]);
  });
});

describe('products', () => {
  it('of a transformer whose rows become a map', () => {
    const nodes = [
      op('MatMul', ['z3', 'w'], ['t']),
      op('Reshape', ['t', 's'], ['m']),
      op('Gelu', ['m'], ['g']),
      transpose('g', 'out', FIRST),
    ];
    const shapes = { z3: [1, 36, 6], t: [1, 36, 6], m: NHWC, g: NHWC, out: NHWC };
    const axes = axesOf(nodes, shapes, [weight('w', [6, 6])]);
    expect(axes).toMatchObject({ t: 2, m: 3, g: 3, out: 1 });
  });

  it('with a weight over the last axis, unless that is the width', () => {
    const mixing = [
      op('Reshape', ['z', 's'], ['x']),
      op('MatMul', ['x', 'w'], ['p']),
      op('Relu', ['p'], ['out']),
    ];
    expect(axesOf(mixing, { x: NHWC, p: NHWC, out: NHWC }, [weight('w', [6, 6])])).toMatchObject({
      ...{ x: 3, p: 3, out: 3 },
    });
    const resampling = [
      op('Conv', ['x', 'w'], ['c']),
      op('MatMul', ['c', 'm'], ['p']),
      op('Relu', ['p'], ['out']),
    ];
    const weights = [weight('w', [6, 6, 3, 3]), weight('m', [6, 12])];
    const axes = axesOf(resampling, { x: NHWC, c: NHWC, p: [1, 6, 6, 12], out: [1, 6, 6, 12] }, weights);
    expect(axes).toMatchObject({ c: 1, p: 1, out: 1 });
  });

  it('with the weight at the left, as for rows of channels', () => {
    const nodes = [op('MatMul', ['w', 'x'], ['p']), op('Reshape', ['p', 's'], ['out'])];
    const axes = axesOf(nodes, { x: [1, 6, 36], p: [1, 6, 36], out: NHWC }, [weight('w', [6, 6])]);
    expect(axes).toMatchObject({ p: 1, out: 1 });
  });

  it('as Einsum', () => {
    const einsum = (equation: string) =>
      copyMessage(op('Einsum', ['x', 'w'], ['e'], { equation: 0 }), {
        attribute: op('Einsum', [], [], { equation: 0 }).attribute.map((one) =>
          copyMessage(one, { s: new TextEncoder().encode(equation), type: 3 }),
        ),
      });
    const of = (equation: string) =>
      axesOf(
        [op('Reshape', ['z', 's'], ['x']), einsum(equation), op('Relu', ['e'], ['out'])],
        {
          ...{ x: NHWC, e: NHWC, out: NHWC, w: [6, 6] },
        },
        [weight('w', [6, 6])],
      );
    expect(of('nhwc,cd->nhwd')).toMatchObject({ x: 3, e: 3, out: 3 });
    expect(of('nchw,cd->ndhw')).toMatchObject({ x: 1, e: 1, out: 1 });
  });
});

describe('signs, where nothing surer is there', () => {
  const around = (node: NodeProto, weights: readonly TensorProto[] = [], size = NHWC) =>
    axesOf(
      [op('Reshape', ['z', 's'], ['x']), op('Relu', ['x'], ['r']), node],
      { x: NHWC, r: NHWC, out: size },
      weights,
    ).r;

  it('a bias', () => {
    expect(around(op('Add', ['r', 'b'], ['out']), [weight('b', [6])])).toBe(3);
    expect(around(op('Add', ['b', 'r'], ['out']), [weight('b', [1, 6, 1, 1])])).toBe(1);
    expect(around(op('Add', ['b', 'r'], ['out']), [weight('b', [1, 1, 6, 6])])).toBeUndefined();
  });

  it('a mean', () => {
    const mean = (axes: number[]) => makeNode('ReduceMean', ['r'], ['out'], { axes });
    const of = (axes: number[]) => around(mean(axes), [], axes.length === 1 ? [1, 6, 6, 1] : [1, 1, 1, 6]);
    expect([of([-1]), of([3]), of([1]), of([2, 3]), of([1, 2])]).toEqual([3, 3, 1, 1, 3]);
  });

  it('layer normalisation', () => {
    expect(around(op('LayerNormalization', ['r', 'g'], ['out'], { axis: -1 }), [weight('g', [6])])).toBe(3);
  });

  it('a resized map', () => {
    expect(around(op('Resize', ['r', '', 'k'], ['out']), [], [1, 12, 12, 6])).toBe(3);
    expect(around(op('Resize', ['r', '', 'k'], ['out']), [], [1, 6, 12, 12])).toBe(1);
  });
});
