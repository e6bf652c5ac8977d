/** Finding the tensor that a surgery is asked to work at, or saying why it cannot. */
import type { NodeProto } from 'onnx-buf';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { GraphIndex } from '../graph.ts';
import { graphsOf, subgraphs } from './build.ts';

/**
 * The node that makes `tensor`; null for an input of the graph.
 * @throws GenscopeError `input.invalid` when there is no such tensor, `model.unsupported` when it exists only inside an
 *         If, Loop or Scan: it is computed any number of times, or never, so there is no one tensor to cut
 */
export function locate(graph: GraphIndex, tensor: string): NodeProto | null {
  const producer = tensor === '' ? undefined : graph.producer(tensor);
  if (producer !== undefined) return producer;
  if (graph.inputs.some(({ name }) => name === tensor)) return null;
  const around = graph.nodes.find((node) => makesInside(node, tensor));
  if (around !== undefined) {
    throw new GenscopeError(
      'model.unsupported',
      `“${tensor}” is computed inside ${around.opType === 'If' ? 'an' : 'a'} ${around.opType}, where it may exist several times or not at all.`,
      `Choose a layer outside the ${around.opType}, or export the generator with the ${around.opType} unrolled.`,
    );
  }
  throw new GenscopeError(
    'input.invalid',
    `This model has no tensor called “${tensor}”.`,
    'Choose one of the layers that it lists.',
  );
}

function makesInside(node: NodeProto, tensor: string): boolean {
  for (const body of subgraphs(node))
    for (const graph of graphsOf(body))
      if (graph.node.some(({ output }) => output.includes(tensor))) return tensor !== '';
  return false;
}
