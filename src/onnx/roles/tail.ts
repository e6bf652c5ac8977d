/** The end of the graph, read backwards from an output: what bounds its values, and how its axes are ordered. */
import type { NodeProto } from 'onnx-buf';
import type { GraphIndex } from '../graph.ts';
import { intAttribute, intsAttribute, isStandard } from '../proto.ts';
import { boundsOf, KEEPS_VALUES } from './bounds.ts';
import type { Range } from './range.ts';

export interface Tail {
  /** Bounds of the output's values; null when nothing bounds them. */
  readonly bounds: Range | null;
  /** The operators that decide the bounds, in the graph's order: "Tanh, Add, Mul". */
  readonly by: string;
  /** Permutation of the last Transpose, if one follows the last convolution. */
  readonly permutation: readonly number[] | null;
  /** Channels that the last convolution makes; 0 when none was met. */
  readonly channels: number;
  /** Elements a sample that the output's own Reshape makes one row of; 0 where it makes none, or does not say. */
  readonly row: number;
}

const MAX_STEPS = 64;

/** Operators besides those that keep values through which a picture's axes stay what they are. */
const KEEPS_AXES = new Set([
  ...['Tanh', 'Sigmoid', 'HardSigmoid', 'Softmax', 'Softsign', 'Erf', 'Sin', 'Cos', 'Exp', 'Sqrt', 'Abs'],
  ...[
    'Clip',
    'Relu',
    'LeakyRelu',
    'Neg',
    'Min',
    'Max',
    'Pad',
    'Concat',
    'Where',
    'GridSample',
    'Sum',
    'Mean',
  ],
  ...['QuantizeLinear', 'DequantizeLinear'],
]);
const ARITHMETIC = new Set(['Add', 'Sub', 'Mul', 'Div']);

export function readTail(graph: GraphIndex, output: string): Tail {
  const bounds = boundsOf(graph, output);
  const values = { bounds: bounds?.range ?? null, by: bounds?.by.join(', ') ?? '' };
  let permutation: readonly number[] | null = null;
  const row = rowLength(graph, output);
  let tensor = output;
  for (let i = 0; i < MAX_STEPS; i++) {
    const node = graph.producer(tensor);
    if (node === undefined || !isStandard(node)) break;
    const channels = outChannels(graph, node);
    if (channels > 0) return { ...values, permutation, channels, row };
    if (node.opType === 'Transpose') permutation ??= intsAttribute(node, 'perm');
    if (!KEEPS_VALUES.has(node.opType) && !KEEPS_AXES.has(node.opType) && !isWithConstant(graph, node)) break;
    tensor = node.opType === 'Where' ? (node.input[1] ?? '') : liveInput(graph, node);
  }
  return { ...values, permutation, channels: 0, row };
}

/** A bias or a scale; a sum of two tensors may be a skip connection, whose axes tell nothing of what came before. */
function isWithConstant(graph: GraphIndex, node: NodeProto): boolean {
  return ARITHMETIC.has(node.opType) && node.input.some((name) => graph.values(name) !== null);
}

/** Reshape to [−1, k] or [N, k]. */
function rowLength(graph: GraphIndex, output: string): number {
  const node = graph.producer(output);
  const shape = node?.opType === 'Reshape' ? graph.values(node.input[1] ?? '') : null;
  return shape?.length === 2 ? Math.max(shape[1] ?? 0, 0) : 0;
}

/** The input that carries the picture: the first that is not a constant. */
function liveInput(graph: GraphIndex, node: NodeProto): string {
  return node.input.find((name) => name !== '' && graph.values(name) === null) ?? '';
}

function outChannels(graph: GraphIndex, node: NodeProto): number {
  const dims = graph.weightDims(node.input[1] ?? '');
  if (node.opType === 'Conv') return dims?.[0] ?? 0;
  if (node.opType === 'ConvTranspose') return (dims?.[1] ?? 0) * intAttribute(node, 'group', 1);
  return 0;
}
