/** The tensors that all paths from some inputs to an output go through. */
import type { NodeProto } from 'onnx-buf';
import type { GraphIndex } from '../graph.ts';
import { keepNeeded, reads } from '../surgery/prune.ts';

export interface Narrow {
  readonly tensor: string;
  /** What lies between it and the narrow before. */
  readonly nodes: readonly NodeProto[];
}

/** What asks for a tensor's size only. */
const BY_SHAPE = /^(Shape|Size|RandomNormalLike|RandomUniformLike)$/;

/**
 * In graph order; the inputs themselves and the output are none. A tensor is one when, once it has been made, nothing
 * else that depends on the inputs is waited for: whatever comes before it is above it, whatever comes after is below.
 */
export function* narrowTensors(
  graph: GraphIndex,
  inputs: readonly string[],
  output: string,
): Generator<Narrow> {
  const below = new Set(inputs);
  const nodes = keepNeeded(graph.nodes, new Set([output])).filter((node) => {
    if (BY_SHAPE.test(node.opType) || !reads(node).some((name) => below.has(name))) return false;
    for (const name of node.output) if (name !== '') below.add(name);
    return true;
  });
  const waiting = new Map<string, number>();
  for (const node of nodes)
    for (const name of new Set(reads(node)))
      if (below.has(name)) waiting.set(name, (waiting.get(name) ?? 0) + 1);
  const open = new Set(inputs.filter((name) => waiting.has(name)));
  let between: NodeProto[] = [];
  for (const node of nodes) {
    between.push(node);
    for (const name of new Set(reads(node))) {
      const left = (waiting.get(name) ?? 0) - 1;
      waiting.set(name, left);
      if (left === 0) open.delete(name);
    }
    for (const name of node.output) if (waiting.has(name)) open.add(name);
    const [tensor] = open;
    if (open.size !== 1 || tensor === undefined || !node.output.includes(tensor)) continue;
    yield { tensor, nodes: between };
    between = [];
  }
}
