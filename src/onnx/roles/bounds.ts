/**
 * Which values a tensor can have, as far as the graph says: intervals, followed from what bounds them (a Tanh, a Clip)
 * through every operator that keeps or moves them. They are the values that stand for black and white, so that an overshoot
 * of a bicubic enlargement, or the rounding of a quantised model, does not count.
 */
import type { NodeProto } from 'onnx-buf';
import type { GraphIndex } from '../graph.ts';
import { floatAttribute, intAttribute, isStandard, stringAttribute } from '../proto.ts';
import type { Range } from './range.ts';

export interface Bounds {
  readonly range: Range;
  /** The operators that decide it, in the graph's order: "Tanh", "Add", "Mul". Empty for constants. */
  readonly by: readonly string[];
}

/** Far more than lies between a picture and what bounds it; a damaged file may have cycles. */
const MAX_DEPTH = 64;
/** Tensors looked at for one question: paths that part and meet again are walked once. */
const MAX_TENSORS = 2048;

/** Operators that move values about, pick among them, or mix them with weights that add up to one. */
export const KEEPS_VALUES: ReadonlySet<string> = new Set([
  'Identity',
  'Reshape',
  'Transpose',
  'Squeeze',
  'Unsqueeze',
  'Flatten',
  'Slice',
  'Split',
  'DepthToSpace',
  'SpaceToDepth',
  'Dropout',
  'Cast',
  'CastLike',
  'Round',
  'Floor',
  'Ceil',
  'AveragePool',
  'MaxPool',
  'GlobalAveragePool',
  'GlobalMaxPool',
  'ReduceMean',
  'ReduceMax',
  'ReduceMin',
  'Expand',
  'Tile',
  'Gather',
  'GatherND',
  'GatherElements',
  'Resize',
  'Upsample',
  'ReverseSequence',
  'Compress',
  'CenterCropPad',
]);

const BOUNDED: Readonly<Record<string, Range>> = {
  Tanh: [-1, 1],
  Sigmoid: [0, 1],
  HardSigmoid: [0, 1],
  Softmax: [0, 1],
  Softsign: [-1, 1],
  Erf: [-1, 1],
  Sin: [-1, 1],
  Cos: [-1, 1],
};

/** Null where nothing bounds it on both sides. */
export function boundsOf(graph: GraphIndex, tensor: string): Bounds | null {
  const known = new Map<string, Bounds | null>();
  const found = search(graph, tensor, known, 0);
  if (found === null || !isBounded(found.range)) return null;
  return found.range[0] < found.range[1] ? found : null;
}

function isBounded([low, high]: Range): boolean {
  return Number.isFinite(low) && Number.isFinite(high);
}

/** With one side unbounded, too: a Relu and a Min together bound both. */
function search(
  graph: GraphIndex,
  tensor: string,
  known: Map<string, Bounds | null>,
  depth: number,
): Bounds | null {
  if (tensor === '' || depth > MAX_DEPTH || known.size > MAX_TENSORS) return null;
  const before = known.get(tensor);
  if (before !== undefined) return before;
  // A cycle of a damaged file ends here.
  known.set(tensor, null);
  const values = graph.values(tensor);
  const node = graph.producer(tensor);
  const found =
    values !== null
      ? ofConstant(values)
      : node === undefined || !isStandard(node)
        ? null
        : ofNode(graph, node, (name) => search(graph, name, known, depth + 1));
  known.set(tensor, found);
  return found;
}

function ofConstant(values: readonly number[]): Bounds | null {
  if (values.length === 0) return null;
  return { range: [Math.min(...values), Math.max(...values)], by: [] };
}

type Ask = (tensor: string) => Bounds | null;
const ANY: Range = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

function ofNode(graph: GraphIndex, node: NodeProto, ask: Ask): Bounds | null {
  const { opType, input } = node;
  const [a = '', b = ''] = input;
  const own = BOUNDED[opType];
  if (own !== undefined) return { range: own, by: [opType] };
  if (KEEPS_VALUES.has(opType)) return ask(a);
  switch (opType) {
    case 'Clip':
      return clipped(graph, node, ask(a));
    case 'Min':
    case 'Max':
      return extreme(opType, input.map(ask));
    case 'Relu':
      return moved(opType, ask(a) ?? { range: ANY, by: [] }, (x) => Math.max(0, x));
    case 'LeakyRelu': {
      const slope = floatAttribute(node, 'alpha') ?? 0.01;
      return moved(opType, ask(a), (x) => (x < 0 ? slope * x : x));
    }
    case 'Neg':
      return moved(opType, ask(a), (x) => -x);
    case 'Abs': {
      const inner = ask(a);
      if (inner === null) return null;
      const [low, high] = inner.range;
      const most = Math.max(Math.abs(low), Math.abs(high));
      const least = low <= 0 && high >= 0 ? 0 : Math.min(Math.abs(low), Math.abs(high));
      return { range: [least, most], by: [...inner.by, opType] };
    }
    case 'Exp':
      return moved(opType, ask(a), Math.exp);
    case 'Sqrt':
      return moved(opType, ask(a), (x) => Math.sqrt(Math.max(0, x)));
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
      return arithmetic(opType, ask(a), ask(b));
    case 'Sum':
    case 'Mean': {
      const parts = input.map(ask);
      if (parts.some((part) => part === null)) return null;
      // A mean of pictures is one with their values.
      if (opType === 'Mean') return union(parts);
      return (parts as Bounds[]).reduce<Bounds | null>(
        (total, part) => (total === null ? null : arithmetic('Add', total, part)),
        { range: [0, 0], by: [] },
      );
    }
    case 'Where':
      return union([ask(b), ask(input[2] ?? '')]);
    case 'Concat':
      return union(input.map(ask));
    case 'Pad': {
      const inner = ask(a);
      const mode = stringAttribute(node, 'mode') ?? 'constant';
      if (inner === null || mode !== 'constant') return inner;
      const value = graph.scalar(input[2] ?? '') ?? floatAttribute(node, 'value') ?? 0;
      return union([inner, { range: [value, value], by: [] }]);
    }
    case 'GridSample': {
      const inner = ask(a);
      const zeros = (stringAttribute(node, 'padding_mode') ?? 'zeros') === 'zeros';
      return inner !== null && zeros ? union([inner, { range: [0, 0], by: [] }]) : inner;
    }
    case 'QuantizeLinear':
      // In the units of what is quantised: the DequantizeLinear that follows gives them back.
      return quantised(graph, node, ask(a));
    case 'DequantizeLinear':
      return ask(a);
    default:
      return null;
  }
}

/** A monotone function of one tensor. */
function moved(op: string, inner: Bounds | null, change: (x: number) => number): Bounds | null {
  if (inner === null) return null;
  const ends = inner.range.map(change);
  if (ends.some(Number.isNaN)) return null;
  return { range: [Math.min(...ends), Math.max(...ends)], by: [...inner.by, op] };
}

function clipped(graph: GraphIndex, node: NodeProto, inner: Bounds | null): Bounds {
  // Attributes before opset 11, inputs since.
  const min = floatAttribute(node, 'min') ?? graph.scalar(node.input[1] ?? '') ?? Number.NEGATIVE_INFINITY;
  const max = floatAttribute(node, 'max') ?? graph.scalar(node.input[2] ?? '') ?? Number.POSITIVE_INFINITY;
  const { range, by } = inner ?? { range: ANY, by: [] };
  const into = (x: number) => Math.min(Math.max(x, min), max);
  return { range: [into(range[0]), into(range[1])], by: [...by, 'Clip'] };
}

/** Min and Max of several: one that is unknown bounds nothing, and takes nothing away from the others' bound. */
function extreme(op: 'Min' | 'Max', parts: readonly (Bounds | null)[]): Bounds | null {
  const ranges = parts.map((part) => part?.range ?? ANY);
  const pick = op === 'Min' ? Math.min : Math.max;
  const range: Range = [pick(...ranges.map(([low]) => low)), pick(...ranges.map(([, high]) => high))];
  return { range, by: [...firstOf(parts), op] };
}

function union(parts: readonly (Bounds | null)[]): Bounds | null {
  if (parts.length === 0 || parts.some((part) => part === null)) return null;
  const ranges = (parts as Bounds[]).map(({ range }) => range);
  return {
    range: [Math.min(...ranges.map(([low]) => low)), Math.max(...ranges.map(([, high]) => high))],
    by: firstOf(parts),
  };
}

/** Of the first that is no constant. */
function firstOf(parts: readonly (Bounds | null)[]): readonly string[] {
  return parts.find((part) => (part?.by.length ?? 0) > 0)?.by ?? [];
}

/**
 * With a constant. Of two tensors that both depend on the sample an interval says too much: mask · a + (1 − mask) · b stays
 * between a and b, which intervals do not see; only a product of two that are at most 1 does not grow.
 */
function arithmetic(op: 'Add' | 'Sub' | 'Mul' | 'Div', a: Bounds | null, b: Bounds | null): Bounds | null {
  if (a === null || b === null) return null;
  const bothLive = a.by.length > 0 && b.by.length > 0;
  if (bothLive && !(op === 'Mul' && [...a.range, ...b.range].every((end) => Math.abs(end) <= 1))) return null;
  const [[al, ah], [bl, bh]] = [a.range, b.range];
  if (op === 'Div' && bl <= 0 && bh >= 0) return null;
  const apply = { Add: plus, Sub: minus, Mul: times, Div: over }[op];
  const ends = [apply(al, bl), apply(al, bh), apply(ah, bl), apply(ah, bh)];
  if (ends.some(Number.isNaN)) return null;
  return { range: [Math.min(...ends), Math.max(...ends)], by: [...firstOf([a, b]), op] };
}

const plus = (x: number, y: number) => x + y;
const minus = (x: number, y: number) => x - y;
const times = (x: number, y: number) => x * y;
const over = (x: number, y: number) => x / y;

const UINT8 = 2;
/** [lowest, highest] of the integer types that values are quantised to, by TensorProto.DataType. */
const INTEGERS: Readonly<Record<number, Range>> = {
  2: [0, 255],
  3: [-128, 127],
  4: [0, 65_535],
  5: [-32_768, 32_767],
  21: [0, 15],
  22: [-8, 7],
};

/** What can be said with the scale and zero point: a calibration saw no values beyond. */
function quantised(graph: GraphIndex, node: NodeProto, inner: Bounds | null): Bounds | null {
  const [, scaleName = '', zeroName = ''] = node.input;
  const scale = graph.scalar(scaleName);
  const type = INTEGERS[intAttribute(node, 'output_dtype', graph.weightType(zeroName) ?? UINT8)];
  if (scale === null || type === undefined || scale <= 0) return inner;
  const zero = graph.scalar(zeroName) ?? 0;
  const [low, high] = [(type[0] - zero) * scale, (type[1] - zero) * scale];
  if (inner === null) return { range: [low, high], by: ['QuantizeLinear'] };
  // Known bounds within two steps of it are what was meant; a calibration rarely hits them.
  const [innerLow, innerHigh] = inner.range;
  const step = 2 * scale;
  return {
    range: [innerLow >= low - step ? innerLow : low, innerHigh <= high + step ? innerHigh : high],
    by: inner.by,
  };
}
