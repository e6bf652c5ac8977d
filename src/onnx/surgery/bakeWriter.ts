/** A planned bake as bytes: one self-contained file, or a file and its `.data` when it would pass 2 GiB. */
import { toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  TensorProtoSchema,
} from 'onnx-buf';
import { copyMessage, EXTERNAL } from '../proto.ts';
import { concat, lengthField, stringField, varint } from '../wire.ts';
import type { BakePlan } from './bake/bake.ts';
import { hasPayload, type Payload, payloadOf, readAll } from './bake/payload.ts';
import type { WeightSource } from './bake/types.ts';
import { graphOf } from './build.ts';

export type { WeightSource } from './bake/types.ts';

export interface BakeOptions {
  /** The name that the second file will have, beside the first. */
  readonly dataName: string;
  /** Bytes beyond which the weights go into it; protobuf ends at 2 GiB. */
  readonly limit?: number;
}

/** One file to write, chunk by chunk, in order. */
export interface BakedFile {
  readonly kind: 'model' | 'data';
  readonly bytes: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

const MAX_MODEL = 2 ** 31 - 2 ** 20;
/** Smaller tensors stay in the model file. */
const MIN_EXTERNAL = 1024;
/** Where tensors begin in a data file, so that runtimes can map them. */
const ALIGNMENT = 4096;

const MODEL_GRAPH = 7;
const GRAPH_INITIALIZER = 5;
const TENSOR = { raw: 9, external: 13, where: 14 };

/**
 * The model file, and the data file where one is needed. Nothing is read before the chunks are, and never more than a
 * few MiB are held (weights inside If, Loop and Scan, which are small, excepted).
 *
 *   ModelProto ─ everything but the graph │ graph: everything but the weights │ weight: header, raw_data … │ weight …
 *
 * @throws GenscopeError `model.changed` while reading, when a file of weights is shorter than it was
 */
export function bakedFiles(plan: BakePlan, weights: WeightSource, options: BakeOptions): BakedFile[] {
  const rewrites = new Map(plan.rewrites.map((rewrite) => [rewrite.tensor, rewrite]));
  const graph = graphOf(plan.model);
  const shell = copyMessage(plan.model, {});
  delete shell.graph;
  const head = toBinary(ModelProtoSchema, shell);
  const node = graph.node.map((one) => withPayloads(one, weights));
  const body = toBinary(GraphProtoSchema, copyMessage(graph, { node, initializer: [] }));
  const tensors = graph.initializer.map((tensor) => ({
    tensor,
    payload: payloadOf(tensor, weights, rewrites.get(tensor.name)),
  }));
  const inside = file(
    head,
    body,
    tensors.map(({ tensor, payload }) => [tensor, payload]),
  );
  if (inside.bytes <= (options.limit ?? MAX_MODEL)) return [inside];
  let offset = 0;
  const outside: Payload[] = [];
  const referring = tensors.map(({ tensor, payload }): Weight => {
    if (payload.bytes < MIN_EXTERNAL) return [tensor, payload];
    offset = Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
    const reference = referenceTo(options.dataName, offset, payload.bytes);
    outside.push(payload);
    offset += payload.bytes;
    return [tensor, reference];
  });
  const data: BakedFile = { kind: 'data', bytes: offset, chunks: aligned(outside) };
  return [file(head, body, referring), data];
}

/** A tensor with its payload, or with the fields that refer to it. */
type Weight = readonly [tensor: TensorProto, content: Payload | Uint8Array];

function file(head: Uint8Array, body: Uint8Array, weights: readonly Weight[]): BakedFile {
  const encoded = weights.map(([tensor, content]) => {
    const header = hasPayload(tensor) ? toBinary(TensorProtoSchema, withoutPayload(tensor)) : null;
    return { tensor, content, header };
  });
  const parts: (Uint8Array | Payload)[] = [];
  for (const { tensor, content, header } of encoded) {
    // Strings, and numbers in the fields that are not arrays of bytes, go as they are.
    if (header === null) parts.push(...lengthField(GRAPH_INITIALIZER, [toBinary(TensorProtoSchema, tensor)]));
    else parts.push(...tensorParts(header, content));
  }
  const length = body.length + total(parts);
  const start = concat([head, varint(MODEL_GRAPH * 8 + 2), varint(length), body]);
  return { kind: 'model', bytes: start.length + total(parts), chunks: stream([start, ...parts]) };
}

function tensorParts(header: Uint8Array, content: Payload | Uint8Array): (Uint8Array | Payload)[] {
  const before =
    content instanceof Uint8Array
      ? [header, content]
      : [header, varint(TENSOR.raw * 8 + 2), varint(content.bytes)];
  const payload = content instanceof Uint8Array ? [] : [content];
  const length = before.reduce((sum, part) => sum + part.length, 0) + total(payload);
  return [varint(GRAPH_INITIALIZER * 8 + 2), varint(length), ...before, ...payload];
}

function total(parts: readonly (Uint8Array | Payload)[]): number {
  return parts.reduce((sum, part) => sum + (part instanceof Uint8Array ? part.length : part.bytes), 0);
}

async function* stream(parts: readonly (Uint8Array | Payload)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Uint8Array) yield part;
    else yield* part.chunks();
  }
}

async function* aligned(payloads: readonly Payload[]): AsyncGenerator<Uint8Array> {
  let offset = 0;
  for (const payload of payloads) {
    const start = Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
    if (start > offset) yield new Uint8Array(start - offset);
    yield* payload.chunks();
    offset = start + payload.bytes;
  }
}

function referenceTo(location: string, offset: number, length: number): Uint8Array {
  const entry = (key: string, value: string) =>
    lengthField(TENSOR.external, [...stringField(1, key), ...stringField(2, value)]);
  return concat([
    ...entry('location', location),
    ...entry('offset', String(offset)),
    ...entry('length', String(length)),
    varint(TENSOR.where * 8),
    varint(EXTERNAL),
  ]);
}

/** The tensor without its numbers, wherever they are. */
function withoutPayload(tensor: TensorProto): TensorProto {
  const header = copyMessage(tensor, { externalData: [], floatData: [], doubleData: [] });
  Reflect.deleteProperty(header, 'rawData');
  Reflect.deleteProperty(header, 'dataLocation');
  return header;
}

/** Weights of branches and bodies, and other tensors of attributes, taken into the model. */
function withPayloads(node: NodeProto, weights: WeightSource): NodeProto {
  const holds = ({ t, g, tensors, graphs }: AttributeProto) =>
    t !== undefined || g !== undefined || tensors.length > 0 || graphs.length > 0;
  if (!node.attribute.some(holds)) return node;
  const own = (tensor: TensorProto): TensorProto =>
    tensor.dataLocation === EXTERNAL
      ? copyMessage(withoutPayload(tensor), { rawData: readAll(tensor, weights) })
      : tensor;
  const inside = (graph: GraphProto): GraphProto =>
    copyMessage(graph, {
      node: graph.node.map((inner) => withPayloads(inner, weights)),
      initializer: graph.initializer.map(own),
    });
  const attribute = node.attribute.map((one) =>
    copyMessage(one, {
      ...(one.t === undefined ? {} : { t: own(one.t) }),
      ...(one.g === undefined ? {} : { g: inside(one.g) }),
      tensors: one.tensors.map(own),
      graphs: one.graphs.map(inside),
    }),
  );
  return copyMessage(node, { attribute });
}
