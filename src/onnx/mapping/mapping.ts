/** Mapping networks: where one tensor w of rank 2 stands between the latent and the picture (StyleGAN and its kin). */
import type { GraphIndex } from '../graph.ts';
import { activationNodes } from '../layers/activations.ts';
import { throughScalars } from '../walk.ts';
import { type BakedTruncation, bakedTruncation } from './baked.ts';
import { narrowTensors } from './narrows.ts';

export interface Mapping {
  /** w, [N, d], before the file's own truncation if it has one. */
  readonly tensor: string;
  /** The truncation that is part of the graph; null for a file without. */
  readonly baked: BakedTruncation | null;
}

const PRODUCT = /^(Gemm|MatMul)$/;
/** What hands w on to the layers: one copy or one row each, shifted and scaled. */
const HANDS_ON =
  /^(Unsqueeze|Squeeze|Expand|Tile|Identity|Cast|Slice|Split|Gather|Reshape|Flatten|Concat|Where|ScatterND|Add|Sub|Mul|Div)$/;
/** Of products and activations between the latent and w: fewer are the first layer of any generator. */
const FEWEST_STEPS = 2;

/**
 *   z ─ normalise ─ Gemm ─ LeakyRelu ─ … ─ Gemm ─ LeakyRelu ─ w ─┬─ Gemm (a layer's style) ─ …
 *                                                                ├─ Gemm (the next one's) ─ …
 *
 * w is the first tensor after two or more steps that all paths from the latents to the image go through, and from which
 * two or more products read, each for itself, with nothing but copying, slicing, shifting and scaling between. So no
 * part of a stack of layers is taken for a mapping (its tensors have one reader), nor ProGAN's or BigGAN's first layer (a
 * single product). Null where there is none. That w has rank 2 is for a run to show.
 */
export function findMapping(graph: GraphIndex, latents: readonly string[], image: string): Mapping | null {
  const activations = activationNodes(graph);
  let steps = 0;
  for (const { tensor, nodes } of narrowTensors(graph, latents, image)) {
    steps += nodes.filter((node) => PRODUCT.test(node.opType) || activations.has(node)).length;
    if (steps < FEWEST_STEPS || styles(graph, tensor) < 2) continue;
    const w = throughScalars(graph, tensor);
    return { tensor: w, baked: bakedTruncation(graph, w) };
  }
  return null;
}

/** Products that read a tensor as it is handed on. */
function styles(graph: GraphIndex, tensor: string): number {
  const found = new Set<object>();
  const seen = new Set([tensor]);
  for (const name of seen) {
    for (const node of graph.consumers(name)) {
      if (PRODUCT.test(node.opType)) found.add(node);
      else if (HANDS_ON.test(node.opType)) for (const output of node.output) seen.add(output);
    }
  }
  return found.size;
}
