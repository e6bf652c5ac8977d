/** Opening a model: the graph in memory, the weights where they are. */
import type { GraphProto, ModelProto, TensorProto } from 'onnx-buf';
import { GenscopeError } from '../shared/kernel/errors.ts';
import { type ByteSource, unreadable } from './bytes.ts';
import { byteLength, dtypeName } from './dtypes.ts';
import { externalEntry } from './external.ts';
import { hoistLargeConstants } from './hoist.ts';
import { checkObjects } from './objects.ts';
import { countParameters } from './parameters.ts';
import { deserialize } from './proto.ts';
import { skeletonBytes } from './skeleton.ts';

export { type ByteSource, memorySource } from './bytes.ts';
export { serialize } from './proto.ts';

export interface OpenedModel {
  /** The graph; large weights are external data that points into the original file, or into its own `.data` files. */
  readonly model: ModelProto;
  /** Elements of all weights and constants that hold numbers with a fraction, or quantised ones, each weight once. */
  readonly parameters: number;
  /** False where some of them may be none: then there are at most so many. */
  readonly parametersExact: boolean;
  /** Bytes of all initializers. */
  readonly weightBytes: number;
  /** Other files that hold weights, relative to the model's folder, as the model spells them. */
  readonly externalFiles: readonly string[];
}

/**
 * Reads the graph of an ONNX file. A 1.5 GB model takes milliseconds and a few MB.
 *
 * @param source   the file, of any size
 * @param location the file's own name, relative to the folder that the session will be created in; every large
 *                 weight of the result refers to it
 * @throws GenscopeError `model.empty`, `model.truncated` (a field runs past the end), `model.notOnnx` (no graph inside),
 *         `model.unreadable` (anything else that is wrong); never another exception
 */
export function openModel(source: ByteSource, location: string): OpenedModel {
  if (source.size === 0) throw emptyFile();
  const model = hoistLargeConstants(decode(skeletonBytes(source, location)));
  if (model.graph === undefined || model.graph.node.length === 0) throw noGraph();
  let weightBytes = 0;
  const files = new Set<string>();
  for (const tensor of tensorsOf(model.graph)) {
    const count = elementCount(tensor);
    const bytes = checkedLength(tensor, count);
    weightBytes += bytes;
    const file = externalEntry(tensor, 'location');
    if (file !== undefined && file !== location) files.add(file);
  }
  const { count: parameters, exact } = countParameters([...graphsOf(model.graph)], source, location);
  return { model, parameters, parametersExact: exact, weightBytes, externalFiles: [...files] };
}

export function emptyFile(): GenscopeError {
  return new GenscopeError('model.empty', 'This file is empty.', 'Copy, download or export the model again.');
}

function noGraph(): GenscopeError {
  return new GenscopeError(
    'model.notOnnx',
    'This file holds no ONNX graph.',
    'Export the generator with `torch.onnx.export` and open that file.',
    { next: ['copyExportCode'] },
  );
}

function decode(bytes: Uint8Array): ModelProto {
  checkObjects(bytes);
  try {
    return deserialize(bytes);
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : String(error));
  }
}

/** Product of the dimensions; 1 for a scalar. */
export function elementCount(tensor: TensorProto): number {
  let count = 1;
  for (const dim of tensor.dims) {
    if (dim < 0n) throw unreadable(`“${tensor.name}” has the dimension ${dim}`);
    count *= Number(dim);
  }
  if (!Number.isSafeInteger(count)) throw unreadable(`“${tensor.name}” claims ${count} elements`);
  return count;
}

/** The bytes a tensor takes, once what it claims and what it holds agree: the runtime would read past the end. */
function checkedLength(tensor: TensorProto, count: number): number {
  const expected = byteLength(tensor.dataType, count);
  const held =
    externalEntry(tensor, 'length') ??
    (tensor.rawData.length > 0 ? String(tensor.rawData.length) : undefined);
  if (held === undefined) return expected ?? 0;
  if (expected !== null && Number(held) !== expected) {
    const claim = `${count} elements of ${dtypeName(tensor.dataType)}`;
    throw unreadable(`“${tensor.name}” claims ${claim}, but holds ${held} bytes`);
  }
  return Number(held);
}

/** Initializers of a graph and of every graph inside its nodes. */
function* tensorsOf(graph: GraphProto): Generator<TensorProto> {
  for (const one of graphsOf(graph)) yield* one.initializer;
}

/** A graph and every graph inside its nodes. */
function* graphsOf(graph: GraphProto): Generator<GraphProto> {
  yield graph;
  for (const node of graph.node) {
    for (const attribute of node.attribute) {
      if (attribute.g !== undefined) yield* graphsOf(attribute.g);
      for (const inner of attribute.graphs) yield* graphsOf(inner);
    }
  }
}
