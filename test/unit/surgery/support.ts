/** What the tests of surgery share: a checker of graphs, and random graphs. */
import type { GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } from 'onnx-buf';
import { serialize } from '../../../src/onnx/open.ts';
import { EXTERNAL } from '../../../src/onnx/proto.ts';

/**
 * What is wrong with a graph, one line each: names made twice, read before they are made, outputs that nobody makes,
 * weights or inputs named twice.
 */
export function faults(model: ModelProto): string[] {
  return model.graph === undefined ? ['no graph'] : faultsOf(model.graph, new Set());
}

function faultsOf(graph: GraphProto, outer: ReadonlySet<string>): string[] {
  const found: string[] = [];
  const known = new Set(outer);
  const define = (name: string, what: string) => {
    if (known.has(name)) found.push(`${what} “${name}” is there already`);
    known.add(name);
  };
  for (const { name } of graph.input) define(name, 'input');
  const inputs = new Set(graph.input.map(({ name }) => name));
  // A weight may be listed as an input, too.
  for (const { name } of graph.initializer) if (!inputs.has(name)) define(name, 'weight');
  if (new Set(graph.initializer.map(({ name }) => name)).size !== graph.initializer.length)
    found.push('weights twice');
  const names = graph.node.map(({ name }) => name).filter((name) => name !== '');
  if (new Set(names).size !== names.length) found.push('two nodes of one name');
  for (const node of graph.node) {
    for (const name of node.input)
      if (name !== '' && !known.has(name)) found.push(`${node.opType} reads “${name}”, which is not there`);
    for (const { g, graphs } of node.attribute)
      for (const inner of g === undefined ? graphs : [g, ...graphs]) found.push(...faultsOf(inner, known));
    for (const name of node.output) if (name !== '') define(name, `${node.opType} makes`);
  }
  for (const { name } of graph.output) if (!known.has(name)) found.push(`nobody makes the output “${name}”`);
  return found;
}

/** Names of weights whose numbers lie inside the model and are larger than what `openModel` leaves there. */
export function copiedWeights(model: ModelProto): string[] {
  return (model.graph?.initializer ?? [])
    .filter((tensor) => tensor.dataLocation !== EXTERNAL && tensor.rawData.length > 1024)
    .map(({ name }) => name);
}

export const size = (model: ModelProto) => serialize(model).length;
export const inputNames = (model: ModelProto) => model.graph?.input.map(({ name }) => name) ?? [];
export const outputNames = (model: ModelProto) => model.graph?.output.map(({ name }) => name) ?? [];
export const ops = (model: ModelProto) => model.graph?.node.map(({ opType }) => opType) ?? [];

export interface Parts {
  nodes: NodeProto[];
  weights: TensorProto[];
  inputs: ValueInfoProto[];
  outputs: ValueInfoProto[];
}
