/** Which tensors the second half of a split may compute again, and what it costs to hand the others over. */
import type { NodeProto } from 'onnx-buf';
import type { GraphIndex } from '../../graph.ts';
import { randomNodes } from '../../noise.ts';
import { liveTensors } from '../../walk.ts';
import { reads } from '../prune.ts';

/** Sizes of tensors by name, as a run showed them: [N, C, h, w]. */
export type KnownShapes = ReadonlyMap<string, readonly number[]>;

/** Operators that cost next to nothing per element: what they make of an *input*, or of a weight, is made again. */
const LIGHT = new Set([
  ...['Add', 'Sub', 'Mul', 'Div', 'Neg', 'Sqrt', 'Reciprocal', 'Pow', 'Clip', 'Cast', 'CastLike', 'Identity'],
  ...[
    'Unsqueeze',
    'Squeeze',
    'Reshape',
    'Slice',
    'Gather',
    'Split',
    'Transpose',
    'Expand',
    'Concat',
    'Where',
  ],
  ...['Not', 'Less', 'Greater', 'LessOrEqual', 'GreaterOrEqual'],
]);

/**
 * Tensors that only the first half computes: feature maps (H > 1 and W > 1) that an input reaches by value, and random
 * numbers. Without a known shape every live tensor counts as one, since it might be.
 *
 *   input maps ─ Mul(strength) ─ n       n, and the kernels of a modulated convolution, are made again: nothing but light
 *   weight ─ Mul(style) ─ kernel         operators lie between them and an input or a weight
 */
export function expensiveTensors(graph: GraphIndex, shapes: KnownShapes): Set<string> {
  const random = new Set(randomNodes(graph).map(({ node }) => node));
  const isRandom = (node: NodeProto) => random.has(node.name || (node.output[0] ?? ''));
  const live = liveTensors(graph, new Set(randomNodes(graph).map(({ op }) => op)));
  const expensive = new Set<string>();
  /** Maps and kernels that are inputs or weights, or little more. */
  const light = new Set(
    graph.inputs.map(({ name }) => name).filter((name) => isSpatial(graph, name, shapes)),
  );
  const isLightSource = (name: string) =>
    light.has(name) || (!live.has(name) && isSpatial(graph, name, shapes, false));
  for (const node of graph.nodes) {
    const outputs = node.output.filter((name) => name !== '' && live.has(name));
    const sources = reads(node);
    const isLight =
      LIGHT.has(node.opType) && sources.some(isLightSource) && !sources.some((name) => expensive.has(name));
    for (const name of outputs) {
      if (isRandom(node)) expensive.add(name);
      else if (isSpatial(graph, name, shapes)) (isLight ? light : expensive).add(name);
    }
  }
  return expensive;
}

/** More than one row and more than one column. */
function isSpatial(graph: GraphIndex, tensor: string, shapes: KnownShapes, unknown = true): boolean {
  const shape =
    shapes.get(tensor) ?? graph.weightDims(tensor) ?? graph.inputs.find(({ name }) => name === tensor)?.shape;
  if (!shape) return unknown;
  const many = (size: number | string | undefined) => size !== undefined && size !== 1;
  return shape.length >= 4 && many(shape.at(-1)) && many(shape.at(-2));
}

/** One tensor less is worth more than any size; among as many, the smaller ones cross. */
export function crossingCost(tensor: string, shapes: KnownShapes): number {
  const elements = shapes.get(tensor)?.reduce((product, size) => product * size, 1) ?? 2 ** 20;
  return 2 ** 30 + Math.min(elements, 2 ** 29 / 64);
}
