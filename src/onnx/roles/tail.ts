/** The end of the graph, read backwards from an output: what bounds its values, and how its axes are ordered. */
import type { NodeProto } from 'onnx-buf';
import type { GraphIndex } from '../graph.ts';
import { floatAttribute, intAttribute, intsAttribute, isStandard } from '../proto.ts';
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

/** Operators that move values about, or pick among them, without making new ones beyond the old bounds. */
const KEEPS_VALUES = new Set([
  'Identity',
  'Reshape',
  'Transpose',
  'Squeeze',
  'Unsqueeze',
  'Flatten',
  'Slice',
  'DepthToSpace',
  'Dropout',
  'Cast',
  'Round',
  'Floor',
  'Ceil',
  'AveragePool',
  'MaxPool',
  'Expand',
  'Tile',
]);
const BOUNDED: Readonly<Record<string, Range>> = {
  Tanh: [-1, 1],
  Sigmoid: [0, 1],
  HardSigmoid: [0, 1],
  Softmax: [0, 1],
  Softsign: [-1, 1],
  Sin: [-1, 1],
  Cos: [-1, 1],
};

type Change = (bounds: Range) => Range;

export function readTail(graph: GraphIndex, output: string): Tail {
  const changes: Change[] = [];
  const by: string[] = [];
  let bounds: Range = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  let decided = false;
  let permutation: readonly number[] | null = null;
  const row = rowLength(graph, output);
  let tensor = output;
  for (let i = 0; i < MAX_STEPS; i++) {
    const node = graph.producer(tensor);
    if (node === undefined || !isStandard(node)) break;
    const channels = outChannels(graph, node);
    if (channels > 0) return { ...result(bounds, changes, by), permutation, channels, row };
    const own = BOUNDED[node.opType];
    if (node.opType === 'Transpose') permutation ??= intsAttribute(node, 'perm');
    if (own !== undefined && !decided) {
      bounds = own;
      decided = true;
      by.push(node.opType);
    } else if (own === undefined && !KEEPS_VALUES.has(node.opType)) {
      const change = changeOf(graph, node);
      if (change === null) break;
      if (!decided) {
        changes.push(change);
        by.push(node.opType);
      }
    }
    tensor = liveInput(graph, node);
  }
  return { ...result(bounds, changes, by), permutation, channels: 0, row };
}

/** Reshape to [−1, k] or [N, k]. */
function rowLength(graph: GraphIndex, output: string): number {
  const node = graph.producer(output);
  const shape = node?.opType === 'Reshape' ? graph.values(node.input[1] ?? '') : null;
  return shape?.length === 2 ? Math.max(shape[1] ?? 0, 0) : 0;
}

function result(
  start: Range,
  changes: readonly Change[],
  by: readonly string[],
): Pick<Tail, 'bounds' | 'by'> {
  const [low, high] = changes.reduceRight((bounds, change) => change(bounds), start);
  const isBounded = Number.isFinite(low) && Number.isFinite(high) && low < high;
  return { bounds: isBounded ? [low, high] : null, by: [...by].reverse().join(', ') };
}

/** What Clip and scalar Add, Sub, Mul, Div, Neg, Relu do to bounds; null for any other operator. */
function changeOf(graph: GraphIndex, node: NodeProto): Change | null {
  const [a = '', b = ''] = node.input;
  const left = graph.scalar(a);
  const right = graph.scalar(b);
  const by = right ?? left;
  if (node.opType === 'Clip') return clip(graph, node);
  if (node.opType === 'Relu') return ([low, high]) => [Math.max(0, low), Math.max(0, high)];
  if (node.opType === 'Neg') return ([low, high]) => [-high, -low];
  if (by === null) return null;
  if (node.opType === 'Add') return affine(1, by);
  if (node.opType === 'Mul') return affine(by, 0);
  if (node.opType === 'Sub') return right !== null ? affine(1, -right) : affine(-1, by);
  if (node.opType === 'Div' && right !== null && right !== 0) return affine(1 / right, 0);
  return null;
}

function affine(scale: number, shift: number): Change {
  if (scale === 0) return () => [shift, shift];
  return ([low, high]) => {
    const ends = [low * scale + shift, high * scale + shift];
    return [Math.min(...ends), Math.max(...ends)];
  };
}

function clip(graph: GraphIndex, node: NodeProto): Change {
  // Attributes before opset 11, inputs since.
  const min = floatAttribute(node, 'min') ?? graph.scalar(node.input[1] ?? '') ?? Number.NEGATIVE_INFINITY;
  const max = floatAttribute(node, 'max') ?? graph.scalar(node.input[2] ?? '') ?? Number.POSITIVE_INFINITY;
  return ([low, high]) => [Math.min(Math.max(low, min), max), Math.max(Math.min(high, max), min)];
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
