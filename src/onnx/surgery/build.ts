/** What every surgery needs: fresh names, nodes and small constants, and copies of a model with parts replaced. */
import { create } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { unreadable } from '../bytes.ts';
import { copyMessage } from '../proto.ts';

/** TensorProto.DataType. */
export const FLOAT = 1;
export const INT64 = 7;
export const BOOL = 9;
export const FLOAT16 = 10;
export const DOUBLE = 11;
export const BFLOAT16 = 16;

export function graphOf(model: ModelProto): GraphProto {
  if (model.graph === undefined) throw unreadable('no graph');
  return model.graph;
}

/** A copy of `model` with some fields of its graph replaced; nothing else is copied. */
export function withGraph(model: ModelProto, patch: Partial<GraphProto>): ModelProto {
  return copyMessage(model, { graph: copyMessage(graphOf(model), patch) });
}

/** Every graph of a model: its own, then those inside nodes. */
export function* graphsOf(graph: GraphProto): Generator<GraphProto> {
  yield graph;
  for (const node of graph.node) for (const inner of subgraphs(node)) yield* graphsOf(inner);
}

/** Branches and bodies of If, Loop and Scan. */
export function subgraphs(node: NodeProto): GraphProto[] {
  return node.attribute.flatMap(({ g, graphs }) => (g === undefined ? graphs : [g, ...graphs]));
}

/** Hands out names that no tensor or node of the model has. */
export class Names {
  readonly #taken = new Set<string>();
  /** Where the search for a free number goes on, so that a thousand copies of one name stay cheap. */
  readonly #next = new Map<string, number>();

  constructor(model: ModelProto) {
    for (const graph of graphsOf(graphOf(model))) {
      for (const { name } of [...graph.input, ...graph.output, ...graph.initializer]) this.#taken.add(name);
      for (const node of graph.node)
        for (const name of [node.name, ...node.input, ...node.output]) this.#taken.add(name);
    }
  }

  /** `wanted` itself when it is free, else `wanted_2`, `wanted_3` … */
  fresh(wanted: string): string {
    let name = wanted;
    for (let i = this.#next.get(wanted) ?? 2; this.#taken.has(name) || name === ''; i++) {
      name = `${wanted}_${i}`;
      this.#next.set(wanted, i + 1);
    }
    this.#taken.add(name);
    return name;
  }
}

type AttributeValue = number | bigint | readonly number[];

/** A node; a bigint becomes an integer attribute, a number a float one, a list of numbers a list of integers. */
export function makeNode(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): NodeProto {
  return create(NodeProtoSchema, {
    opType,
    name: `${output[0] ?? ''}_${opType}`,
    input: [...input],
    output: [...output],
    attribute: Object.entries(attributes).map(([name, value]) => makeAttribute(name, value)),
  });
}

function makeAttribute(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'bigint') return create(AttributeProtoSchema, { name, type: 2, i: value });
  if (typeof value === 'number') return create(AttributeProtoSchema, { name, type: 1, f: value });
  return create(AttributeProtoSchema, { name, type: 7, ints: value.map(BigInt) });
}

/** An int64 tensor of rank 1. */
export function int64Tensor(name: string, values: readonly number[]): TensorProto {
  const rawData = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return create(TensorProtoSchema, { name, dims: [BigInt(values.length)], dataType: INT64, rawData });
}

/** A float32 tensor; or a float64 one. */
export function floatTensor(
  name: string,
  dims: readonly number[],
  values: ArrayLike<number>,
  dataType: typeof FLOAT | typeof DOUBLE = FLOAT,
): TensorProto {
  const data = dataType === DOUBLE ? Float64Array.from(values) : Float32Array.from(values);
  return create(TensorProtoSchema, {
    name,
    dims: dims.map(BigInt),
    dataType,
    rawData: new Uint8Array(data.buffer),
  });
}

/** An input or output; a string is a symbolic dimension, '' an unknown one; no shape declares not even the rank. */
export function makeValue(
  name: string,
  elemType: number,
  shape?: readonly (number | string)[],
): ValueInfoProto {
  const dim = shape?.map((size) => {
    if (typeof size === 'number') return { value: { case: 'dimValue' as const, value: BigInt(size) } };
    return size === '' ? {} : { value: { case: 'dimParam' as const, value: size } };
  });
  const type = {
    value: { case: 'tensorType' as const, value: { elemType, ...(dim && { shape: { dim } }) } },
  };
  return create(ValueInfoProtoSchema, { name, type });
}
