/** The layers worth dissecting, with the sizes that one run shows and what an edit at each costs. */
import type { GraphIndex } from '../onnx/graph.ts';
import { suffixCosts } from '../onnx/layers/cost.ts';
import { candidateLayers } from '../onnx/layers.ts';
import type { LayerDescription } from '../shared/model.ts';
import { type RunnableGraph, type TensorShapes, tensorShapes } from './shapes.ts';

export interface LayerSource extends RunnableGraph {
  /** The graph as the file has it, whose names people know. */
  readonly graph: GraphIndex;
}

/** Layers in graph order, [1, C, h, w] each with h and w above 1. @param known sizes, where a run has shown them already */
export async function discoverLayers(
  source: LayerSource,
  known?: TensorShapes,
): Promise<readonly LayerDescription[]> {
  const { graph } = source;
  const shapes = known ?? (await tensorShapes(source));
  const maps = candidateLayers(graph, shapes).flatMap((layer) => {
    const shape = shapes.get(layer.tensor) ?? [];
    const [, units, height, width] = shape;
    if (shape.length !== 4 || !units || !height || !width || height < 2 || width < 2) return [];
    return [{ ...layer, shape: [1, units, height, width], units, resolution: [height, width] as const }];
  });
  const costs = suffixCosts(
    graph,
    maps.map(({ tensor }) => tensor),
    shapes,
  );
  return maps.map((layer, i) => ({ ...layer, suffixCost: costs[i] ?? 0 }));
}
