/** Surgery: what no output needs any more. */
import type { ModelProto, NodeProto } from 'onnx-buf';
import { graphOf, subgraphs, withGraph } from './build.ts';

/**
 * A copy of `model` without the nodes that lead to no output, without weights that nobody reads, and without notes on
 * tensors that are gone. Inputs stay: they are what the model is called with
 * (but for weights that are listed as inputs, too).
 *
 *   before   z ─┬─ Gemm ─ Relu ─ Conv ─ image▸          after   z ─── Gemm ─ Relu ─ Conv ─ image▸
 *               └─ Shape ─ ConstantOfShape
 */
export function prune(model: ModelProto): ModelProto {
  const graph = graphOf(model);
  const needed = new Set(graph.output.map(({ name }) => name));
  const node = keepNeeded(graph.node, needed);
  const inputs = new Set(graph.input.map(({ name }) => name));
  // With `keep_initializers_as_inputs` a weight is an input as well, and would have to be fed if only the weight went.
  const gone = new Set(graph.initializer.map(({ name }) => name).filter((name) => !needed.has(name)));
  const made = new Set(node.flatMap(({ output }) => output));
  return withGraph(model, {
    node,
    input: gone.size === 0 ? graph.input : graph.input.filter(({ name }) => !gone.has(name)),
    initializer: graph.initializer.filter(({ name }) => needed.has(name)),
    sparseInitializer: graph.sparseInitializer.filter(({ values }) => needed.has(values?.name ?? '')),
    valueInfo: graph.valueInfo.filter(({ name }) => made.has(name) && !inputs.has(name)),
    quantizationAnnotation: graph.quantizationAnnotation.filter(({ tensorName }) => needed.has(tensorName)),
  });
}

/** The nodes, in order, that make anything in `needed`, which grows by all that those nodes read. */
export function keepNeeded(nodes: readonly NodeProto[], needed: Set<string>): NodeProto[] {
  const kept: NodeProto[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.output.some((name) => needed.has(name))) continue;
    kept.push(node);
    for (const name of reads(node)) needed.add(name);
  }
  return kept.reverse();
}

/** Names a node reads, those inside its subgraphs included (names made there do no harm). */
export function reads(node: NodeProto): string[] {
  const names = node.input.filter((name) => name !== '');
  for (const graph of subgraphs(node)) {
    for (const inner of graph.node) names.push(...reads(inner));
    names.push(...graph.output.map(({ name }) => name));
  }
  return names;
}
