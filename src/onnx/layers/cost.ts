/** What comes after a cut: the part of a graph that an edit at a layer has to run again. */
import type { NodeProto } from 'onnx-buf';
import type { GraphIndex } from '../graph.ts';
import { keepNeeded, reads } from '../surgery/prune.ts';
import type { KnownShapes } from '../surgery/split/costs.ts';
import { multiplyAdds } from './weighted.ts';

/**
 * For each tensor, the share in [0, 1] of the multiply-adds of convolutions and matrix products that depend on it and that
 * an output needs. What `split` makes again of the inputs (mapping, styles) does not count: it is small.
 */
export function suffixCosts(graph: GraphIndex, tensors: readonly string[], shapes: KnownShapes): number[] {
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const nodes = keepNeeded(graph.nodes, outputs);
  const costs = new Map(nodes.map((node) => [node, multiplyAdds(graph, node, shapes)]));
  const total = [...costs.values()].reduce((sum, cost) => sum + cost, 0);
  return tensors.map((tensor) => (total === 0 ? 0 : costAfter(tensor, nodes, costs) / total));
}

function costAfter(
  tensor: string,
  nodes: readonly NodeProto[],
  costs: ReadonlyMap<NodeProto, number>,
): number {
  const below = new Set([tensor]);
  let sum = 0;
  for (const node of nodes) {
    if (!reads(node).some((name) => below.has(name))) continue;
    for (const name of node.output) if (name !== '') below.add(name);
    sum += costs.get(node) ?? 0;
  }
  return sum;
}
