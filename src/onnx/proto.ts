/** Small conveniences over the decoded protobuf messages. */
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type AttributeProto, type ModelProto, ModelProtoSchema, type NodeProto } from 'onnx-buf';

/** TensorProto.DataLocation of a tensor whose bytes lie in another file. */
export const EXTERNAL = 1;

/**
 * A shallow copy with some fields replaced. ONNX is proto2: the default of an unset field lives in the message's
 * prototype, which `{...message}` would lose.
 */
export function copyMessage<M extends object>(message: M, patch: Partial<M>): M {
  return Object.assign(Object.create(Object.getPrototypeOf(message)), message, patch);
}

export function serialize(model: ModelProto): Uint8Array {
  return toBinary(ModelProtoSchema, model);
}

export function deserialize(bytes: Uint8Array): ModelProto {
  return fromBinary(ModelProtoSchema, bytes);
}

export function attribute(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute.find((candidate) => candidate.name === name);
}

/** An integer attribute, or the operator's default. */
export function intAttribute(node: NodeProto, name: string, fallback: number): number {
  const found = attribute(node, name);
  return found === undefined ? fallback : Number(found.i);
}

/** A list-of-integers attribute; empty when absent. */
export function intsAttribute(node: NodeProto, name: string): number[] {
  return attribute(node, name)?.ints.map(Number) ?? [];
}

export function floatAttribute(node: NodeProto, name: string): number | undefined {
  return attribute(node, name)?.f;
}

/** A text attribute; undefined when absent. */
export function stringAttribute(node: NodeProto, name: string): string | undefined {
  const bytes = attribute(node, name)?.s;
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

/** True for operators of ONNX itself, which are known by their op type alone. */
export function isStandard(node: NodeProto): boolean {
  return node.domain === '' || node.domain === 'ai.onnx';
}
