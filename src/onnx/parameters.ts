/** How many parameters a file's constants hold: each weight once, however often the exporter has written it down. */
import type { GraphProto, NodeProto, TensorProto } from 'onnx-buf';
import type { ByteSource } from './bytes.ts';
import { externalEntry } from './external.ts';
import { EXTERNAL, isStandard } from './proto.ts';

export interface ParameterCount {
  readonly count: number;
  /** False where something is counted that may be none: a buffer, or a constant that the exporter has folded. */
  readonly exact: boolean;
}

/** Bytes per element: float32, uint8, int8, float16, float64, bfloat16. Integers of 32 and 64 bits are shapes. */
const WEIGHT_BYTES: Readonly<Record<number, number>> = { 1: 4, 2: 1, 3: 1, 10: 2, 11: 8, 16: 2 };

/** Copies of less are no matter, and short filters resemble each other. */
const LEAST = 64;
const PROBES = 64;
/** Of the values probed: zeros, ones, masks and identity matrices are alike without being copies. */
const LEAST_DISTINCT = 16;
/** Weights of one size that are compared with each other: a hostile file may have a hundred thousand. */
const MOST_ALIKE = 128;
/** Ranks above have too many orders of axes to try. */
const MOST_AXES = 4;

/** Inputs that hold weights, by operator; of the rest nobody can tell a parameter from a constant but by its name. */
const WEIGHT_INPUTS: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [0, 1, 2],
  MatMul: [0, 1],
  BatchNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  LayerNormalization: [1, 2],
  GroupNormalization: [1, 2],
  Gather: [0],
  PRelu: [1],
};

/** Tensors that only set an operator up: sizes, bounds, scales of a grid. */
const SETTINGS: Readonly<Record<string, readonly number[]>> = {
  Resize: [1, 2, 3],
  Upsample: [1],
  Clip: [1, 2],
  Pad: [1, 2],
  Dropout: [1, 2],
  OneHot: [1, 2],
  QuantizeLinear: [1, 2],
  DequantizeLinear: [1, 2],
};

const REDUCTIONS = new Set(['ReduceMean', 'ReduceSum', 'ReduceL2', 'ReduceSumSquare']);

interface Weight {
  readonly tensor: TensorProto;
  readonly elements: number;
  readonly readers: readonly (readonly [node: NodeProto, input: number])[];
  /** The bits of one element; null where its bytes lie in another file. */
  readonly at: ((index: number) => number | null) | null;
}

/**
 * Elements of the constants that hold numbers with a fraction, or quantised ones, each weight once. Spectral norm, for one,
 * leaves W beside its flattened and its transposed copy, and weight normalisation W beside W²; a constant repeated along an
 * axis counts once as well. Compared is a sample of the elements, so that a file of 2 GB is not read for it. Running
 * statistics count, as they always did here; then it says that it is not exact.
 *
 * @param graphs   the graph and all graphs inside its nodes
 * @param source   the file, in which large constants have stayed
 * @param location the file's own name, by which they refer to it
 */
export function countParameters(
  graphs: readonly GraphProto[],
  source: ByteSource,
  location: string,
): ParameterCount {
  const weights = weightsOf(graphs, source, location);
  const kept = new Map<string, Weight[]>();
  let count = 0;
  let exact = true;
  // A square or a folded copy never stands for the weight itself: names of modules first.
  const ordered = [...weights].sort((a, b) => Number(isOwned(b.tensor)) - Number(isOwned(a.tensor)));
  for (const weight of ordered) {
    const key = `${weight.tensor.dataType}:${weight.elements}`;
    const alike = kept.get(key) ?? [];
    if (isTelling(weight)) {
      if (alike.some((other) => isCopy(weight, other))) continue;
      if (isReduced(weight) && alike.some((other) => isSquare(weight, other))) continue;
      // Not to be compared with one that could be its copy.
      if (weight.at === null && alike.length > 0) exact = false;
    }
    if (isTelling(weight)) {
      if (alike.length < MOST_ALIKE) kept.set(key, [...alike, weight]);
      else exact = false;
    }
    count += ownElements(weight);
    exact &&= isOwned(weight.tensor) && isWeight(weight);
  }
  return { count, exact };
}

/** Whether it has elements enough, and different enough, to be known again in a copy. One in another file may have. */
function isTelling({ elements, at }: Weight): boolean {
  return elements >= LEAST && (at === null || distinct(probed(elements), at) >= LEAST_DISTINCT);
}

function weightsOf(graphs: readonly GraphProto[], source: ByteSource, location: string): Weight[] {
  const readers = new Map<string, [NodeProto, number][]>();
  for (const graph of graphs)
    for (const node of graph.node)
      for (const [i, name] of node.input.entries()) {
        const known = readers.get(name);
        if (known === undefined) readers.set(name, [[node, i]]);
        else known.push([node, i]);
      }
  return graphs
    .flatMap(({ initializer }) => initializer)
    .filter(({ dataType }) => WEIGHT_BYTES[dataType] !== undefined)
    .map((tensor) => ({
      tensor,
      elements: tensor.dims.reduce((product, dim) => product * Number(dim), 1),
      readers: readers.get(tensor.name) ?? [],
      at: reader(tensor, source, location),
    }))
    .filter(({ readers: all }) => !(all.length > 0 && all.every(([node, i]) => isSetting(node, i))));
}

function isSetting(node: NodeProto, input: number): boolean {
  return isStandard(node) && (SETTINGS[node.opType]?.includes(input) ?? false);
}

/** PyTorch names a parameter after the modules that hold it; what it makes itself has a number, or a colon. */
function isOwned({ name }: TensorProto): boolean {
  return /^[A-Za-z_]\w*(\.\w+)+$/.test(name);
}

function isWeight({ readers }: Weight): boolean {
  return readers.some(
    ([node, input]) => isStandard(node) && (WEIGHT_INPUTS[node.opType]?.includes(input) ?? false),
  );
}

function isReduced({ readers }: Weight): boolean {
  return readers.length > 0 && readers.every(([node]) => isStandard(node) && REDUCTIONS.has(node.opType));
}

/** Elements without those that repeat along an axis, as `expand` leaves them. */
function ownElements({ tensor, elements, at }: Weight): number {
  if (at === null || elements < LEAST) return elements;
  let own = elements;
  let step = elements;
  for (const size of tensor.dims.map(Number)) {
    step /= size;
    const first = stepBack(size, step);
    // One element decides for nearly all: the others are not read then.
    if (size === 1 || at(elements - 1) !== at(first(elements - 1))) continue;
    const probes = probed(elements);
    if (probes.every((i) => at(i) === at(first(i))) && distinct(probes, at) >= LEAST_DISTINCT) own /= size;
  }
  return own;
}

/** Of an index, the one with the first coordinate along an axis. */
function stepBack(size: number, step: number): (index: number) => number {
  return (index) => index - (Math.floor(index / step) % size) * step;
}

/** Whether one has the elements of the other, in the same order or with the axes in another. */
function isCopy(one: Weight, other: Weight): boolean {
  const [a, b] = [other.at, one.at];
  const last = one.elements - 1;
  // Any order of axes leaves the first and the last where they are.
  if (a === null || b === null || a(0) !== b(0) || a(last) !== b(last)) return false;
  const probes = probed(one.elements);
  if (probes.every((i) => a(i) === b(i))) return true;
  return [...orders(other.tensor, one.tensor)].some(([shape, order]) => {
    const from = indexBefore(shape, order);
    return probes.every((i) => a(from(i)) === b(i));
  });
}

/** Whether one holds the squares of the other's elements. */
function isSquare(one: Weight, other: Weight): boolean {
  const { dataType } = one.tensor;
  const [square, at] = [one.at, other.at];
  if (one === other || other.elements !== one.elements || other.tensor.dataType !== dataType) return false;
  if (square === null || at === null || dataType !== 1) return false;
  const probes = probed(one.elements);
  return (
    distinct(probes, square) >= LEAST_DISTINCT &&
    probes.every((i) => {
      const [root, found] = [asFloat(at(i)), asFloat(square(i))];
      return Math.abs(found - root * root) <= 1e-6 * found;
    })
  );
}

/** Shapes of the original with an order of their axes that may have made the copy. */
function* orders(original: TensorProto, copy: TensorProto): Generator<[number[], number[]]> {
  const dims = original.dims.map(Number).filter((size) => size !== 1);
  if (dims.length <= MOST_AXES) for (const order of permutations(dims.map((_, i) => i))) yield [dims, order];
  // Flattened first: [O, I, k, k] as [O, I·k·k], or as what the copy is the transpose of.
  for (const shape of [dims, copy.dims.map(Number).reverse()]) {
    let rows = 1;
    const elements = shape.reduce((product, size) => product * size, 1);
    for (const size of shape.slice(0, -1)) {
      rows *= size;
      yield [
        [rows, elements / rows],
        [1, 0],
      ];
    }
  }
}

function permutations(items: readonly number[]): number[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((first) =>
    permutations(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
  );
}

/** Of an index after the axes were put into that order, the index before. */
function indexBefore(shape: readonly number[], order: readonly number[]): (index: number) => number {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((product, size) => product * size, 1));
  return (index) => {
    let rest = index;
    let before = 0;
    for (const axis of [...order].reverse()) {
      const size = shape[axis] as number;
      before += (rest % size) * (strides[axis] as number);
      rest = Math.floor(rest / size);
    }
    return before;
  };
}

/** Spread over all elements, by steps of the golden ratio: no axis is met with one coordinate only. */
function probed(elements: number): number[] {
  return Array.from({ length: PROBES }, (_, i) => Math.floor(((i * 0.6180339887498949) % 1) * elements));
}

function distinct(probes: readonly number[], at: (index: number) => number | null): number {
  return new Set(probes.map((i) => at(i))).size;
}

function reader(tensor: TensorProto, source: ByteSource, location: string): Weight['at'] {
  const size = WEIGHT_BYTES[tensor.dataType] ?? 1;
  const known = new Map<number, number | null>();
  const remembered = (read: (index: number) => number | null) => (index: number) => {
    const before = known.get(index);
    if (before !== undefined) return before;
    const bits = read(index);
    known.set(index, bits);
    return bits;
  };
  if (tensor.dataLocation === EXTERNAL) {
    if (externalEntry(tensor, 'location') !== location) return null;
    const offset = Number(externalEntry(tensor, 'offset') ?? 0);
    if (!Number.isSafeInteger(offset) || offset < 0) return null;
    return remembered((index) => bitsOf(source.read(offset + index * size, size), 0, size));
  }
  if (tensor.rawData.length > 0) return (index) => bitsOf(tensor.rawData, index * size, size);
  if (tensor.dataType === 1 && tensor.floatData.length > 0) {
    const view = new DataView(Float32Array.from(tensor.floatData).buffer);
    return (index) => view.getUint32(index * 4, true);
  }
  return null;
}

/** Up to four bytes as they are; of eight the number, whose bits are all that differ. */
function bitsOf(bytes: Uint8Array, offset: number, size: number): number | null {
  if (offset + size > bytes.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, size);
  if (size === 8) return view.getFloat64(0, true);
  if (size === 4) return view.getUint32(0, true);
  return size === 2 ? view.getUint16(0, true) : view.getUint8(0);
}

function asFloat(bits: number | null): number {
  return bits === null ? Number.NaN : (new Float32Array(Uint32Array.of(bits).buffer)[0] as number);
}
