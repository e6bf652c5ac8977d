/** Element types of all tensors of a graph, without running it: exporters leave most of them out. */
import type { NodeProto } from 'onnx-buf';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { GraphIndex } from '../graph.ts';
import { attribute, intAttribute, isStandard } from '../proto.ts';
import { BOOL, FLOAT, INT64 } from './build.ts';

const TO_INT64 = new Set(['Shape', 'Size', 'ArgMax', 'ArgMin', 'NonZero']);
const TO_BOOL = new Set([
  'Equal',
  'Less',
  'LessOrEqual',
  'Greater',
  'GreaterOrEqual',
  'Not',
  'And',
  'Or',
  'Xor',
  'IsNaN',
  'IsInf',
]);
/** Operators whose result has the type of another input than the first. */
const LIKE_INPUT: Readonly<Record<string, number>> = {
  Where: 1,
  OneHot: 2,
  CastLike: 1,
  DequantizeLinear: 1,
  QuantizeLinear: 2,
};
const CONTAINERS = new Set(['If', 'Loop', 'Scan']);

/** TensorProto.DataType by tensor name. What only the runtime can know (operators of other domains) is left out. */
export function elementTypes(graph: GraphIndex): Map<string, number> {
  const types = new Map<string, number>();
  for (const value of [...graph.graph.valueInfo, ...graph.graph.output, ...graph.graph.input]) {
    const type = value.type?.value;
    if (type?.case === 'tensorType' && type.value.elemType > 0) types.set(value.name, type.value.elemType);
  }
  for (const [name, tensor] of graph.initializers) types.set(name, tensor.dataType);
  for (const node of graph.nodes) {
    node.output.forEach((name, i) => {
      const type = name === '' || types.has(name) ? undefined : outputType(node, i, types);
      if (type !== undefined) types.set(name, type);
    });
  }
  return types;
}

/** @throws GenscopeError `model.unsupported` when the type is not known */
export function typeOf(types: ReadonlyMap<string, number>, tensor: string): number {
  const type = types.get(tensor);
  if (type !== undefined) return type;
  throw new GenscopeError(
    'model.unsupported',
    `The type of “${tensor}” is not written in the model, so the graph cannot be cut there.`,
    'Choose another layer, or export the model with standard operators only.',
  );
}

function outputType(node: NodeProto, i: number, types: ReadonlyMap<string, number>): number | undefined {
  if (!isStandard(node) || CONTAINERS.has(node.opType)) return undefined;
  const { opType } = node;
  if (TO_INT64.has(opType)) return INT64;
  if (TO_BOOL.has(opType)) return BOOL;
  // Secondary outputs: indices of MaxPool, TopK and Unique, the mask of Dropout; other operators repeat their type.
  if (i > 0 && ['MaxPool', 'TopK', 'Unique'].includes(opType)) return INT64;
  if (i > 0 && opType === 'Dropout') return BOOL;
  if (opType === 'Cast') return intAttribute(node, 'to', FLOAT);
  if (opType === 'Constant') return constantType(node);
  if (opType === 'ConstantOfShape') return attribute(node, 'value')?.t?.dataType ?? FLOAT;
  if (opType === 'Multinomial') return intAttribute(node, 'dtype', 6);
  if (opType === 'RandomNormal' || opType === 'RandomUniform') return intAttribute(node, 'dtype', FLOAT);
  if (attribute(node, 'dtype') !== undefined && (opType.endsWith('Like') || opType === 'Bernoulli'))
    return intAttribute(node, 'dtype', FLOAT);
  return types.get(node.input[LIKE_INPUT[opType] ?? 0] ?? '');
}

function constantType(node: NodeProto): number | undefined {
  const tensor = attribute(node, 'value')?.t;
  if (tensor !== undefined) return tensor.dataType;
  const name = node.attribute[0]?.name ?? '';
  if (name.startsWith('value_float')) return FLOAT;
  return name.startsWith('value_int') ? INT64 : undefined;
}
