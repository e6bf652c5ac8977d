/** The tensors worth dissecting: what units are (EXPORTS.md, rules 11 to 13). */
import type { GraphIndex } from './graph.ts';
import { activationAt } from './layers/activations.ts';
import { layerName } from './layers/names.ts';
import { randomNodes } from './noise.ts';
import { liveTensors, throughScalars } from './walk.ts';

/** A tensor at which the graph may be cut. Its shape is known only once the graph has run. */
export interface LayerCandidate {
  /** Unique in the graph: "synthesis.b32.conv1"; a second activation of one module gets ".2". */
  readonly name: string;
  readonly tensor: string;
  /** "Relu", "SiLU", "GLU" … */
  readonly op: string;
}

/**
 * Activations in graph order, each extended through the scalar gains and clips that follow it. Tensors of other ranks
 * than 4, or of one pixel, are among them (a mapping network's): the engine drops those when it has seen the shapes.
 */
export function candidateLayers(graph: GraphIndex): LayerCandidate[] {
  const live = liveTensors(graph, new Set(randomNodes(graph).map(({ op }) => op)));
  const found = new Map<string, { name: string; op: string }>();
  for (const node of graph.nodes) {
    const activation = activationAt(graph, node);
    if (activation === null || !live.has(activation.tensor)) continue;
    const tensor = throughScalars(graph, activation.tensor);
    // What leaves the graph is the picture (or w), not a layer to look into.
    if (graph.isOutput(tensor) || found.has(tensor)) continue;
    const name =
      layerName(graph, activation.node, activation.from) ?? `${activation.op.toLowerCase()}${found.size + 1}`;
    found.set(tensor, { name, op: activation.op });
  }
  return unique([...found].map(([tensor, layer]) => ({ ...layer, tensor })));
}

function unique(layers: readonly LayerCandidate[]): LayerCandidate[] {
  const taken = new Set<string>();
  return layers.map((layer) => {
    let { name } = layer;
    for (let i = 2; taken.has(name); i++) name = `${layer.name}.${i}`;
    taken.add(name);
    return { ...layer, name };
  });
}
