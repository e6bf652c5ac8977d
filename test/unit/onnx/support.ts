/** What the tests of src/onnx share: the fixtures, and graphs written in a line. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { create } from '@bufbuild/protobuf';
import {
  AttributeProtoSchema,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { GraphIndex } from '../../../src/onnx/graph.ts';
import { memorySource, type OpenedModel, openModel } from '../../../src/onnx/open.ts';
import type { OutputEvidence } from '../../../src/onnx/roles/roles.ts';

export const MODELS = fileURLToPath(new URL('../../fixtures/models/', import.meta.url));
export const DEMO = fileURLToPath(new URL('../../../media/demo/generator.onnx', import.meta.url));
export const hasDemo = existsSync(DEMO);

export interface ExpectedTensor extends OutputEvidence {
  readonly dtype: string;
  readonly first: readonly (number | string)[];
}
export interface Feed {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values?: readonly number[];
}
export interface Expected {
  readonly runs: boolean;
  readonly feeds: Readonly<Record<string, Feed>>;
  readonly outputs: Readonly<Record<string, ExpectedTensor>>;
}

export const expected = JSON.parse(readFileSync(`${MODELS}expected.json`, 'utf8')) as Record<
  string,
  Expected
>;
export const fixtureNames = readdirSync(MODELS).filter((file) => file.endsWith('.onnx'));

export function fixtureBytes(file: string): Uint8Array {
  return new Uint8Array(readFileSync(MODELS + file));
}

export function openFixture(file: string): OpenedModel {
  return openModel(memorySource(fixtureBytes(file)), file);
}

export function fixtureGraph(file: string): GraphIndex {
  return new GraphIndex(openFixture(file).model);
}

/** A node: `op('Mul', ['x', 'k'], ['y'], { axis: 1 })`, with whole numbers as its attributes. */
export function op(
  opType: string,
  input: string[],
  output: string[],
  attributes: Readonly<Record<string, number>> = {},
  name = '',
): NodeProto {
  const attribute = Object.entries(attributes).map(([key, value]) =>
    create(AttributeProtoSchema, { name: key, i: BigInt(value), type: 2 }),
  );
  return create(NodeProtoSchema, { opType, input, output, attribute, name });
}

/** A float32 tensor; its values are zeros unless given. */
export function weight(name: string, dims: readonly number[], values?: readonly number[]): TensorProto {
  const count = dims.reduce((product, dim) => product * dim, 1);
  const rawData = new Uint8Array(Float32Array.from(values ?? new Array<number>(count).fill(0)).buffer);
  return create(TensorProtoSchema, { name, dims: dims.map(BigInt), dataType: 1, rawData });
}

export function scalar(name: string, value: number): TensorProto {
  return weight(name, [], [value]);
}

/** An input or output; a string is a symbolic dimension, and no shape declares no rank. */
export function value(name: string, shape?: readonly (number | string)[], elemType = 1): ValueInfoProto {
  const dim = shape?.map((size) =>
    typeof size === 'number'
      ? { value: { case: 'dimValue' as const, value: BigInt(size) } }
      : { value: { case: 'dimParam' as const, value: size } },
  );
  const type = {
    value: { case: 'tensorType' as const, value: { elemType, ...(dim && { shape: { dim } }) } },
  };
  return create(ValueInfoProtoSchema, { name, type });
}

interface GraphParts {
  readonly inputs: ValueInfoProto[];
  readonly outputs: ValueInfoProto[];
  readonly nodes: NodeProto[];
  readonly weights?: TensorProto[];
}

export function modelOf({ inputs, outputs, nodes, weights = [] }: GraphParts): ModelProto {
  const graph = create(GraphProtoSchema, {
    input: inputs,
    output: outputs,
    node: nodes,
    initializer: weights,
  });
  return create(ModelProtoSchema, { irVersion: 8n, graph, opsetImport: [{ version: 17n }] });
}

export function graphOf(parts: GraphParts): GraphIndex {
  return new GraphIndex(modelOf(parts));
}
