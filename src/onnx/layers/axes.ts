/**
 * Which axis of a tensor its channels lie on. ONNX's own convolutions have them second; what exporters of JAX and Keras
 * lay around those, and the inside of a ConvNeXt block or a transformer, has them last.
 */
import type { NodeProto } from 'onnx-buf';
import type { GraphIndex } from '../graph.ts';
import { attribute, intAttribute, intsAttribute, isStandard } from '../proto.ts';
import type { KnownShapes } from '../surgery/split/costs.ts';

/** The axis by tensor, counted from 0; tensors of which it cannot be told are not in it. */
export type ChannelAxes = ReadonlyMap<string, number>;

/** A feature map of one run; the sizes are those of a tensor of rank 4. */
export interface MapSize {
  readonly units: number;
  readonly height: number;
  readonly width: number;
}

/** A tensor of rank 4 as a map: [N, C, h, w], or [N, h, w, C] where `axis` is 3; null for other ranks and axes. */
export function mapSizeOf(shape: readonly number[] | undefined, axis: number | undefined): MapSize | null {
  if (shape?.length !== 4 || (axis !== 1 && axis !== 3)) return null;
  const [, a = 0, b = 0, c = 0] = shape;
  return axis === 1 ? { units: a, height: b, width: c } : { units: c, height: a, width: b };
}

/** Operators whose data and result are [N, C, …] by ONNX's definition. */
const CHANNELS_SECOND = new Set([
  ...['Conv', 'ConvTranspose', 'ConvInteger', 'QLinearConv', 'DeformConv', 'Col2Im'],
  ...['BatchNormalization', 'InstanceNormalization', 'GroupNormalization', 'LRN'],
  ...['MaxPool', 'AveragePool', 'LpPool', 'GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool', 'MaxUnpool'],
  ...['DepthToSpace', 'SpaceToDepth', 'GridSample', 'RoiAlign'],
]);
/** Of other domains: ONNX Runtime's and others' variants with channels last. */
const CHANNELS_LAST = /^(Nhwc|NHWC)|(Nhwc|NHWC)$|^(SkipLayerNormalization|BiasGelu|SkipGroupNorm)$/;
const RESHAPES = /^(Reshape|Flatten|Squeeze|Unsqueeze)$/;
/** They change sizes, but no axis becomes another. */
const RESIZES = /^(Resize|Upsample|Pad|Slice|Split|Concat|Tile|Expand)$/;
const PRODUCTS = /^(MatMul|FusedMatMul|MatMulInteger|QLinearMatMul)$/;
const REDUCTIONS = /^Reduce(Mean|Sum|SumSquare|L1|L2|Max|Min|Prod|LogSum|LogSumExp)$/;
/** Other axes come out of these than go in. */
const OPAQUE =
  /^(Shape|Size|Gather|GatherElements|GatherND|ScatterND|ScatterElements|ArgMax|ArgMin|TopK|OneHot|NonZero|ConstantOfShape|Attention|MultiHeadAttention|LSTM|GRU|RNN)$/;
const BY_ELEMENT = /^(Add|Sub|Mul|Div|PRelu|BiasAdd)$/;

/**
 * By dataflow, the surest first; what is once known stays:
 *
 *   1  what operators with a defined layout make, then what they read      Conv → [N, C, h, w]
 *   2  products with a weight and layer normalisation: last, unless the tensor is known to have them elsewhere
 *   3  signs: a bias of one axis, a mean over one or two axes, a resized map, a joined one, a picture
 *
 * Each is spread through Transpose, Reshape, and all that goes element by element, before the next is asked.
 *
 * @param shapes of all tensors of one run; what has none is not told
 */
export function channelAxes(graph: GraphIndex, shapes: KnownShapes): ChannelAxes {
  return new AxisFinder(graph, shapes).find();
}

class AxisFinder {
  readonly #graph: GraphIndex;
  readonly #shapes: KnownShapes;
  readonly #axes = new Map<string, number>();
  readonly #declared: ReadonlyMap<string, readonly number[]>;

  constructor(graph: GraphIndex, shapes: KnownShapes) {
    this.#graph = graph;
    this.#shapes = shapes;
    this.#declared = new Map(
      graph.inputs.flatMap(({ name, shape }) =>
        shape === null ? [] : [[name, shape.map((size) => (typeof size === 'number' ? size : -1))] as const],
      ),
    );
  }

  find(): ChannelAxes {
    const signs = [
      this.#made,
      this.#read,
      this.#products,
      this.#biases,
      this.#reductions,
      this.#resized,
      this.#joined,
    ];
    for (const sign of signs) {
      for (const node of this.#graph.nodes) sign.call(this, node);
      this.#spread();
    }
    this.#pictures();
    this.#spread();
    return this.#axes;
  }

  #made(node: NodeProto): void {
    const axis = layoutOf(node);
    if (axis !== null) this.#set(node.output[0], axis);
    if (node.opType === 'Gemm') this.#set(node.output[0], 1);
  }

  #read(node: NodeProto): void {
    const axis = layoutOf(node);
    if (axis !== null) this.#set(node.input[0], axis);
  }

  /** A product with a weight mixes channels; so does what normalises over the last axis alone. */
  #products(node: NodeProto): void {
    const [data = '', , , quantised = ''] = node.input;
    const [out = ''] = node.output;
    if (PRODUCTS.test(node.opType)) {
      const second = node.opType === 'QLinearMatMul' ? quantised : (node.input[1] ?? '');
      const [fromLeft, fromRight] = [this.#isWeight(data), this.#isWeight(second)];
      if (fromLeft === fromRight) return;
      const [live, axis] = fromRight ? [data, -1] : [second, -2];
      const known = this.#axes.get(live);
      // A product along rows or columns resamples the map: its channels are where they were.
      if (known !== undefined && known !== this.#rank(live) + axis) return;
      this.#set(live, axis);
      this.#set(out, axis);
    } else if (node.opType === 'Einsum') this.#einsum(node);
    else if (/^(Layer|SimplifiedLayer|RMS)Normalization$/.test(node.opType)) {
      const axis = intAttribute(node, 'axis', -1);
      if (axis !== -1 && axis !== this.#rank(data) - 1) return;
      this.#set(data, -1);
      this.#set(out, this.#axes.get(data) ?? -1);
    }
  }

  /** `nhwc,cd->nhwd`: summed over with the weight, and made by it. */
  #einsum(node: NodeProto): void {
    const terms = einsumTerms(node);
    const weights = node.input.map((name) => this.#isWeight(name));
    if (terms === null || node.input.length !== 2 || weights[0] === weights[1]) return;
    const w = weights[0] ? 0 : 1;
    const [weight = '', data = ''] = [terms.inputs[w], terms.inputs[1 - w]];
    const summed = [...data].filter((letter) => weight.includes(letter) && !terms.output.includes(letter));
    const made = [...weight].filter((letter) => terms.output.includes(letter) && !data.includes(letter));
    if (summed.length !== 1 || made.length !== 1) return;
    const known = this.#axes.get(node.input[1 - w] ?? '');
    const axis = data.indexOf(summed[0] as string);
    if (known !== undefined && known !== axis) return;
    this.#set(node.input[1 - w], axis);
    this.#set(node.output[0], terms.output.indexOf(made[0] as string));
  }

  /** [C] or [1, C, 1, 1]: a constant that varies along one axis only. */
  #biases(node: NodeProto): void {
    if (!isStandard(node) || !BY_ELEMENT.test(node.opType)) return;
    const [out = ''] = node.output;
    const rank = this.#rank(out);
    for (const name of node.input) {
      const dims = this.#graph.weightDims(name);
      if (rank < 3 || dims === null || dims.filter((size) => size > 1).length !== 1) continue;
      const axis = rank - dims.length + dims.findIndex((size) => size > 1);
      if (axis > 0) this.#set(out, axis);
    }
  }

  /** Pixel norm and layer norm reduce the channels, instance norm and squeeze-and-excitation all but them. */
  #reductions(node: NodeProto): void {
    if (!isStandard(node) || !REDUCTIONS.test(node.opType)) return;
    const [data = '', axesInput = ''] = node.input;
    const rank = this.#rank(data);
    const given = axesInput === '' ? intsAttribute(node, 'axes') : (this.#graph.values(axesInput) ?? []);
    const axes = given.map((axis) => (axis < 0 ? axis + rank : axis));
    if (rank !== 4 || axes.includes(0)) return;
    if (axes.length === 1) this.#set(data, axes[0] as number);
    if (axes.length === 2) this.#set(data, 6 - (axes[0] as number) - (axes[1] as number));
  }

  #resized(node: NodeProto): void {
    if (!/^(Resize|Upsample|Pad)$/.test(node.opType)) return;
    const [before, after] = [this.#shape(node.input[0]), this.#shape(node.output[0])];
    if (before?.length !== 4 || after?.length !== 4) return;
    const same = [1, 2, 3].filter((axis) => before[axis] === after[axis]);
    if (same.length === 1) this.#set(node.output[0], same[0] as number);
  }

  #joined(node: NodeProto): void {
    if (node.opType !== 'Concat' && node.opType !== 'Split') return;
    const [tensor = ''] = node.opType === 'Concat' ? node.output : node.input;
    const axis = intAttribute(node, 'axis', 0);
    if (this.#rank(tensor) === 4 && axis !== 0) this.#set(tensor, axis);
  }

  /** [N, 3, h, w] or [N, h, w, 3]. */
  #pictures(): void {
    for (const { name } of this.#graph.outputs) {
      const shape = this.#shape(name);
      if (shape?.length !== 4) continue;
      const few = [1, 3].filter((axis) => (shape[axis] ?? 0) <= 4);
      if (few.length === 1) this.#set(name, few[0] as number);
    }
  }

  /** To and fro until nothing new is learnt. */
  #spread(): void {
    const { nodes } = this.#graph;
    for (let known = -1; known < this.#axes.size; ) {
      known = this.#axes.size;
      for (const node of nodes) this.#forth(node);
      for (const node of nodes.toReversed()) this.#back(node);
    }
  }

  #forth(node: NodeProto): void {
    if (PRODUCTS.test(node.opType)) this.#throughProduct(node);
    for (const out of node.output) {
      if (out === '' || this.#axes.has(out)) continue;
      for (const input of node.input) {
        const axis = this.#through(node, input, out);
        if (axis !== null) this.#set(out, axis);
      }
    }
  }

  #back(node: NodeProto): void {
    for (const input of node.input) {
      if (input === '' || this.#axes.has(input)) continue;
      for (const out of node.output) {
        const axis = this.#through(node, out, input);
        if (axis !== null) this.#set(input, axis);
      }
    }
  }

  /** Where the channels of `from`, at one end of a node, are in `to`, at its other end. */
  #through(node: NodeProto, from: string, to: string): number | null {
    const axis = this.#axes.get(from);
    const [a, b] = [this.#shape(from), this.#shape(to)];
    const { opType } = node;
    if (axis === undefined || a === undefined || b === undefined) return null;
    if (layoutOf(node) !== null || OPAQUE.test(opType) || opType === 'Gemm' || PRODUCTS.test(opType))
      return null;
    const [data = ''] = node.input;
    const forth = node.output.includes(to);
    if (opType === 'Transpose') return throughTranspose(node, axis, a.length, forth);
    if (opType === 'Einsum') return throughEinsum(node, from, to, axis);
    // Shapes, pads and scales are no data.
    const isData = (name: string) =>
      name === data || node.output.includes(name) || opType === 'Concat' || !/Reshape|Resize/.test(opType);
    if (!isData(from) || !isData(to)) return null;
    if (RESHAPES.test(opType)) return throughReshape(axis, a, b);
    if (REDUCTIONS.test(opType) || RESIZES.test(opType)) {
      if (a.length !== b.length) return null;
      return RESIZES.test(opType) || a[axis] === b[axis] ? axis : null;
    }
    const other = axis - a.length + b.length;
    return other > 0 && a[axis] === b[other] ? other : null;
  }

  /** With a weight that resamples, the axis stays; attention's products hand on that of their values. */
  #throughProduct(node: NodeProto): void {
    const [out = ''] = node.output;
    const [a = '', b = '', , c = ''] = node.input;
    const second = node.opType === 'QLinearMatMul' ? c : b;
    const rank = this.#rank(out);
    const [left, right] = [this.#axes.get(a), this.#axes.get(second)];
    const [fromLeft, fromRight] = [this.#isWeight(a), this.#isWeight(second)];
    if (fromRight && !fromLeft && left !== undefined && this.#rank(a) === rank) this.#set(out, left);
    else if (fromLeft && !fromRight && right !== undefined && this.#rank(second) === rank)
      this.#set(out, right);
    else if (!fromLeft && !fromRight) {
      if (right !== undefined && right === this.#rank(second) - 1) this.#set(out, -1);
      else if (left !== undefined && left === this.#rank(a) - 2) this.#set(out, -2);
    }
  }

  /** @param axis negative from the end */
  #set(tensor: string | undefined, axis: number): void {
    if (tensor === undefined || tensor === '' || this.#axes.has(tensor)) return;
    const rank = this.#rank(tensor);
    const place = axis < 0 ? axis + rank : axis;
    if (place > 0 && place < rank) this.#axes.set(tensor, place);
  }

  #isWeight(tensor: string): boolean {
    if (this.#graph.weightDims(tensor) !== null) return true;
    const maker = this.#graph.producer(tensor);
    // Weights that are kept small, or turned round, for the file.
    return (
      maker !== undefined &&
      /^(DequantizeLinear|Cast|Transpose|Identity)$/.test(maker.opType) &&
      this.#graph.weightDims(maker.input[0] ?? '') !== null
    );
  }

  #shape(tensor: string | undefined): readonly number[] | undefined {
    if (tensor === undefined || tensor === '') return undefined;
    return (
      this.#shapes.get(tensor) ?? this.#graph.weightDims(tensor) ?? this.#declared.get(tensor) ?? undefined
    );
  }

  #rank(tensor: string): number {
    return this.#shape(tensor)?.length ?? 0;
  }
}

/** The axis that an operator's definition puts channels on; null for those that leave it open. */
function layoutOf(node: NodeProto): number | null {
  const { opType } = node;
  if (CHANNELS_LAST.test(opType) && !isStandard(node)) return -1;
  // Of the runtime's own: `channels_last` of quantised convolutions and pools, and of its GroupNorm.
  if (!isStandard(node) && intAttribute(node, 'channels_last', 0) === 1) return -1;
  if (!isStandard(node) && opType === 'GroupNorm')
    return intAttribute(node, 'channels_last', 1) === 1 ? -1 : 1;
  if (CHANNELS_SECOND.has(opType) || /^(Fused|QLinear)(Conv|AveragePool|GlobalAveragePool)$/.test(opType))
    return 1;
  return null;
}

function throughTranspose(node: NodeProto, axis: number, rank: number, forth: boolean): number | null {
  const given = intsAttribute(node, 'perm');
  const perm = given.length > 0 ? given : Array.from({ length: rank }, (_, i) => rank - 1 - i);
  if (perm.length !== rank) return null;
  const place = forth ? perm.indexOf(axis) : (perm[axis] ?? -1);
  return place > 0 ? place : null;
}

/** Where as many elements lie before the channels, and there are as many of them: [1, h·w, C] → [1, h, w, C]. */
function throughReshape(axis: number, from: readonly number[], to: readonly number[]): number | null {
  const size = from[axis] ?? 0;
  if (size < 2) return null;
  const before = from.slice(0, axis).reduce((a, b) => a * b, 1);
  let product = 1;
  for (const [place, other] of to.entries()) {
    if (product === before && other === size) return place > 0 ? place : null;
    product *= other;
  }
  return null;
}

function throughEinsum(node: NodeProto, from: string, to: string, axis: number): number | null {
  const terms = einsumTerms(node);
  if (terms === null) return null;
  const termOf = (name: string) =>
    node.output.includes(name) ? terms.output : terms.inputs[node.input.indexOf(name)];
  const letter = termOf(from)?.[axis];
  const place = letter === undefined ? -1 : (termOf(to)?.indexOf(letter) ?? -1);
  return place > 0 ? place : null;
}

function einsumTerms(node: NodeProto): { inputs: string[]; output: string } | null {
  const equation = new TextDecoder().decode(attribute(node, 'equation')?.s).replace(/\s/g, '');
  const [left, output] = equation.split('->');
  if (left === undefined || output === undefined || equation.includes('.')) return null;
  return { inputs: left.split(','), output };
}
