/** Pulling a per-channel scale and shift up into the weights that make a layer. */
import type { NodeProto, TensorProto } from 'onnx-buf';
import type { GraphIndex } from '../../graph.ts';
import { randomNodes } from '../../noise.ts';
import { copyMessage, floatAttribute, intAttribute, isStandard } from '../../proto.ts';
import { scalarFactor } from '../../walk.ts';
import { DOUBLE, FLOAT, floatTensor, type Names } from '../build.ts';
import type { LayerEdit, WeightRewrite } from './types.ts';

export interface Fold {
  readonly tensor: string;
  readonly node: NodeProto;
  /** `node` reading copies of shared weights, or a bias that it did not have. */
  readonly replacement: NodeProto;
  readonly added: readonly TensorProto[];
  readonly rewrites: readonly WeightRewrite[];
}

/** s·y + t for each channel of a tensor y. */
interface Affine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/** Exporters leave two or three operators between a weight and a layer. */
const MAX_STEPS = 16;

/** The fold of `edit`, or null when it has to be nodes of its own. */
export function foldInto(
  index: GraphIndex,
  edit: LayerEdit,
  edited: ReadonlySet<string>,
  names: Names,
): Fold | null {
  let affine: Affine | null = { scale: Float64Array.from(edit.scale), shift: Float64Array.from(edit.shift) };
  let current = edit.tensor;
  for (let step = 0; step < MAX_STEPS; step++) {
    const node = index.producer(current);
    if (node === undefined || !isStandard(node) || node.output[0] !== current) return null;
    const slots = weightSlots(index, node, affine);
    if (slots !== null) return foldAt(index, edit.tensor, node, slots, affine, names);
    affine = through(index, node, affine);
    const before =
      node.opType === 'Mul' && index.scalar(node.input[0] ?? '') !== null ? node.input[1] : node.input[0];
    // Whoever else reads the tensor, or has an edit of its own there, must not see this one.
    if (affine === null || before === undefined || edited.has(before) || !index.soleConsumer(before))
      return null;
    current = before;
  }
  return null;
}

/** What has to happen before `node`, so that `affine` happens after it; null when nothing would do. */
function through(index: GraphIndex, node: NodeProto, affine: Affine): Affine | null {
  switch (node.opType) {
    case 'Identity':
      return affine;
    case 'Dropout':
      return randomNodes(index).some(({ node: name }) => name === (node.name || node.output[0]))
        ? null
        : affine;
    case 'Relu':
      return throughRelu(affine, 0);
    case 'LeakyRelu':
      return throughRelu(affine, floatAttribute(node, 'alpha') ?? 0.01);
    case 'PRelu':
      return throughRelu(affine, null);
    case 'Mul':
    case 'Div': {
      const factor = scalarFactor(index, node);
      if (factor === null || factor === 0) return null;
      return { scale: affine.scale, shift: affine.shift.map((value) => value / factor) };
    }
    default:
      return null;
  }
}

/**
 * s·relu(y) = relu(s·y) for s ≥ 0. A unit that is switched to a constant k (s = 0) is relu(k) with k ≥ 0; a leaky one
 * reaches negative constants, too: leaky(k / α) = k. `slope` is null where it is a weight.
 */
function throughRelu(affine: Affine, slope: number | null): Affine | null {
  const shift = new Float64Array(affine.shift.length);
  for (const [i, s] of affine.scale.entries()) {
    const t = affine.shift[i] ?? 0;
    if (s < 0 || Number.isNaN(s) || (s !== 0 && t !== 0)) return null;
    if (t < 0 && (slope === null || slope <= 0)) return null;
    shift[i] = t < 0 ? t / (slope ?? 1) : t;
  }
  return { scale: affine.scale, shift };
}

/** Where the weights of a node are among its inputs; `bias` may be absent. */
interface Slots {
  /** Elements of the weight that follow each other in one channel. */
  readonly inner: number;
  readonly weight: number;
  readonly bias: number;
  /** By which the bias is multiplied in the node. */
  readonly biasGain: number;
}

function weightSlots(index: GraphIndex, node: NodeProto, affine: Affine): Slots | null {
  const channels = affine.scale.length;
  const dims = index.weightDims(node.input[1] ?? '');
  if (dims === null) return null;
  const tail = (from: number) => dims.slice(from).reduce((product, size) => product * size, 1);
  const linear = { weight: 1, bias: 2, biasGain: 1 };
  switch (node.opType) {
    case 'Conv':
      return dims[0] === channels ? { ...linear, inner: tail(1) } : null;
    case 'ConvTranspose':
      return dims[1] === channels && intAttribute(node, 'group', 1) === 1
        ? { ...linear, inner: tail(2) }
        : null;
    case 'Gemm': {
      const transposed = intAttribute(node, 'transB', 0) === 1;
      const biasGain = floatAttribute(node, 'beta') ?? 1;
      if (dims[transposed ? 0 : 1] !== channels || biasGain === 0) return null;
      return { ...linear, inner: transposed ? tail(1) : 1, biasGain };
    }
    case 'BatchNormalization':
    case 'InstanceNormalization': {
      const training = node.output.length > 1 || intAttribute(node, 'training_mode', 0) === 1;
      return dims[0] === channels && !training ? { ...linear, inner: 1 } : null;
    }
    default:
      return null;
  }
}

function foldAt(
  index: GraphIndex,
  tensor: string,
  node: NodeProto,
  slots: Slots,
  { scale, shift }: Affine,
  names: Names,
): Fold | null {
  const weight = ownWeight(index, node.input[slots.weight] ?? '', names);
  if (weight === null) return null;
  const input = [...node.input];
  input[slots.weight] = weight.name;
  const added = weight.copy === null ? [] : [weight.copy];
  const none = new Float64Array(scale.length);
  const rewrites: WeightRewrite[] = [{ tensor: weight.name, inner: slots.inner, scale, shift: none }];
  const offset = shift.map((value) => value / slots.biasGain);
  const old = node.input[slots.bias] ?? '';
  if (old !== '') {
    const bias = ownWeight(index, old, names);
    if (bias === null || index.weightDims(old)?.at(-1) !== scale.length || bias.count !== scale.length)
      return null;
    input[slots.bias] = bias.name;
    if (bias.copy !== null) added.push(bias.copy);
    rewrites.push({ tensor: bias.name, inner: 1, scale, shift: offset });
  } else if (offset.some((value) => value !== 0)) {
    const name = names.fresh(`${weight.name}/edit_bias`);
    added.push(floatTensor(name, [scale.length], offset, weight.type));
    while (input.length <= slots.bias) input.push('');
    input[slots.bias] = name;
  }
  return { tensor, node, replacement: copyMessage(node, { input }), added, rewrites };
}

interface OwnWeight {
  readonly name: string;
  /** Null when only this node reads the weight, so that it can be changed in place. */
  readonly copy: TensorProto | null;
  readonly type: typeof FLOAT | typeof DOUBLE;
  readonly count: number;
}

/** A weight that may be changed for this node alone; null for what is no plain float32 or float64 weight. */
function ownWeight(index: GraphIndex, name: string, names: Names): OwnWeight | null {
  let source = name;
  for (let maker = index.producer(source); maker?.opType === 'Identity'; maker = index.producer(source))
    source = maker.input[0] ?? '';
  const made = index.producer(source);
  const constant =
    made?.opType === 'Constant' ? made.attribute.find((one) => one.name === 'value')?.t : undefined;
  const tensor = index.initializers.get(source) ?? constant;
  const type = tensor?.dataType;
  if (tensor === undefined || (type !== FLOAT && type !== DOUBLE)) return null;
  const count = tensor.dims.reduce((product, dim) => product * Number(dim), 1);
  const readers = index.nodes.flatMap(({ input }) => input).filter((input) => input === source).length;
  const alone =
    source === name &&
    constant === undefined &&
    readers === 1 &&
    index.consumers(source).length === 1 &&
    !index.isOutput(source);
  if (alone) return { name: source, copy: null, type, count };
  const copy = copyMessage(tensor, { name: names.fresh(`${source}/edited`) });
  return { name: copy.name, copy, type, count };
}
