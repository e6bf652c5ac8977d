/** The tensors worth dissecting: what units are (EXPORTS.md, rules 11 to 13). */
import type { NodeProto } from 'onnx-buf';
import type { GraphIndex } from '../graph.ts';
import { randomNodes } from '../noise.ts';
import type { KnownShapes } from '../surgery/split/costs.ts';
import { liveTensors } from '../walk.ts';
import { activationAt, activationNodes } from './activations.ts';
import { channelAxes } from './axes.ts';
import { type LayerFacts, leavingTensor } from './extent.ts';
import { humanNames, type Origin } from './names.ts';
import { blockSums } from './sums.ts';
import { bareLayers, unusualActivations } from './unusual.ts';

/** A tensor at which the graph may be cut. */
export interface LayerCandidate {
  /** Unique in the graph, without spaces: "synthesis.b32.conv1"; a second activation of one module gets ".2". */
  readonly name: string;
  readonly tensor: string;
  /** "Relu", "SiLU", "GLU" … of the activation that the layer comes of; "Sum" where a residual block closes. */
  readonly op: string;
  /** The axis that its units lie on, 1 in [N, C, h, w], 3 in [N, h, w, C]; null where it cannot be told. */
  readonly channelAxis: number | null;
}

/**
 * Activations in graph order, or where a layer has none its convolution, each extended through the scalar gains and clips that follow it and, where shapes are
 * known, to where its layer ends; then also the sums that close residual blocks. Tensors of other ranks than 4, or of one
 * pixel, are among them (a mapping network's): the engine drops those.
 */
export function candidateLayers(graph: GraphIndex, shapes: KnownShapes = new Map()): LayerCandidate[] {
  const usual: LayerFacts = {
    graph,
    shapes,
    activations: activationNodes(graph),
    live: liveTensors(graph, new Set(randomNodes(graph).map(({ op }) => op))),
    axes: channelAxes(graph, shapes),
    order: new Map(graph.nodes.map((node, i) => [node, i])),
  };
  const unusual = unusualActivations(usual);
  const begun = [...unusual].flatMap(([node, activation]) => [node, activation.node]);
  const facts = { ...usual, activations: new Set([...usual.activations, ...begun]) };
  const bare = new Map(bareLayers(facts).map((layer) => [layer.node, layer]));
  const sums = blockSums(facts);
  const inside = new Set(sums.flatMap((sum) => [...sum.inside]));
  const found = new Map<string, Omit<Origin, 'leaving'>>();
  for (const node of graph.nodes) {
    const sum = sums.find((one) => one.node === node);
    if (sum) found.set(sum.tensor, { node, from: sum.tensor, op: 'Sum' });
    const activation = inside.has(node)
      ? null
      : (activationAt(graph, node) ?? unusual.get(node) ?? bare.get(node) ?? null);
    if (activation === null || !facts.live.has(activation.tensor)) continue;
    const tensor = bare.has(node)
      ? activation.tensor
      : leavingTensor(facts, activation.from, activation.tensor);
    // What leaves the graph is the picture (or w), not a layer to look into.
    if (!graph.isOutput(tensor) && !found.has(tensor)) found.set(tensor, activation);
  }
  const layers = [...found].sort(([a], [b]) => place(facts, a) - place(facts, b));
  const names = humanNames(
    graph,
    layers.map(([leaving, origin]) => ({ ...origin, leaving })),
  );
  return layers.map(([tensor, { op }], i) => ({
    ...{ name: names[i] as string, tensor, op },
    channelAxis: facts.axes.get(tensor) ?? null,
  }));
}

function place({ graph, order }: LayerFacts, tensor: string): number {
  return order.get(graph.producer(tensor) as NodeProto) ?? 0;
}
