/** Surgery: as much of a graph as some of its tensors need. */
import type { ModelProto } from 'onnx-buf';
import { graphOf, withGraph } from './build.ts';
import { expose } from './expose.ts';
import { prune, reads } from './prune.ts';

/**
 * A copy of `model` that gives out exactly `tensors`, in their order, and takes only the inputs that those need.
 *
 *   before   z ─ Gemm ─ Relu ─ r ─ Conv ─ Tanh ─ image▸        upTo(['r'])   z ─ Gemm ─ Relu ─ r▸
 *            noise ───────────────┘
 *
 * @throws GenscopeError `input.invalid` for a tensor that the graph does not make
 */
export function upTo(model: ModelProto, tensors: readonly string[]): ModelProto {
  const exposed = expose(model, tensors);
  const given = new Map(graphOf(exposed).output.map((value) => [value.name, value]));
  const pruned = prune(withGraph(exposed, { output: tensors.flatMap((name) => given.get(name) ?? []) }));
  const graph = graphOf(pruned);
  const used = new Set([...graph.node.flatMap(reads), ...tensors]);
  return withGraph(pruned, { input: graph.input.filter(({ name }) => used.has(name)) });
}
