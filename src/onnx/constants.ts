/** The values of small constants: initializers and Constant nodes that stayed in the graph. */
import type { NodeProto, TensorProto } from 'onnx-buf';
import { attribute, EXTERNAL, isStandard } from './proto.ts';

/** More than this many elements is a weight, not a constant that decides what a graph means. */
const LIMIT = 1024;

/** Elements of a tensor held inside the model; null when it is large, external, or of a type that has no numbers. */
export function tensorValues(tensor: TensorProto): number[] | null {
  if (tensor.dataLocation === EXTERNAL) return null;
  const count = tensor.dims.reduce((product, dim) => product * Number(dim), 1);
  if (!(count >= 0 && count <= LIMIT)) return null;
  const values = tensor.rawData.length > 0 ? fromRaw(tensor, count) : fromFields(tensor);
  return values !== null && values.length === count ? values : null;
}

function fromFields(tensor: TensorProto): number[] | null {
  if (tensor.dataType === 10) return tensor.int32Data.map(halfToNumber);
  if (tensor.floatData.length > 0) return [...tensor.floatData];
  if (tensor.int64Data.length > 0) return tensor.int64Data.map(Number);
  if (tensor.int32Data.length > 0) return [...tensor.int32Data];
  if (tensor.doubleData.length > 0) return [...tensor.doubleData];
  return tensor.dims.includes(0n) ? [] : null;
}

const READERS: Readonly<
  Record<number, readonly [size: number, read: (view: DataView, at: number) => number]>
> = {
  1: [4, (view, at) => view.getFloat32(at, true)],
  2: [1, (view, at) => view.getUint8(at)],
  3: [1, (view, at) => view.getInt8(at)],
  4: [2, (view, at) => view.getUint16(at, true)],
  5: [2, (view, at) => view.getInt16(at, true)],
  6: [4, (view, at) => view.getInt32(at, true)],
  7: [8, (view, at) => Number(view.getBigInt64(at, true))],
  9: [1, (view, at) => view.getUint8(at)],
  10: [2, (view, at) => halfToNumber(view.getUint16(at, true))],
  11: [8, (view, at) => view.getFloat64(at, true)],
};

function fromRaw(tensor: TensorProto, count: number): number[] | null {
  const reader = READERS[tensor.dataType];
  const raw = tensor.rawData;
  if (reader === undefined || raw.length !== count * reader[0]) return null;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Array.from({ length: count }, (_, i) => reader[1](view, i * reader[0]));
}

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The value of a Constant node, in any of the attributes it may be written with; null for other nodes. */
export function constantNodeValues(node: NodeProto): number[] | null {
  if (!isStandard(node) || node.opType !== 'Constant') return null;
  const tensor = attribute(node, 'value')?.t;
  if (tensor !== undefined) return tensorValues(tensor);
  const single = attribute(node, 'value_float')?.f ?? attribute(node, 'value_int')?.i;
  if (single !== undefined) return [Number(single)];
  const list = attribute(node, 'value_floats')?.floats ?? attribute(node, 'value_ints')?.ints;
  return list === undefined ? null : Array.from(list, Number);
}

/** Dimensions of a Constant node's tensor; null for other nodes. */
export function constantNodeDims(node: NodeProto): number[] | null {
  if (!isStandard(node) || node.opType !== 'Constant') return null;
  const tensor = attribute(node, 'value')?.t;
  return tensor === undefined ? null : tensor.dims.map(Number);
}
