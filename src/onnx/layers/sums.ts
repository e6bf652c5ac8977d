/** Sums that close a residual block, as layers of their own. */
import type { NodeProto } from 'onnx-buf';
import type { GraphIndex } from '../graph.ts';
import { isStandard } from '../proto.ts';
import { passesThrough } from '../walk.ts';
import { type LayerFacts, mapAt } from './extent.ts';
import { isWeighted } from './weighted.ts';

export interface BlockSum {
  readonly node: NodeProto;
  readonly tensor: string;
  /** What the block is made of, where its sum stands for all of it; empty where its activations are layers too. */
  readonly inside: ReadonlySet<NodeProto>;
}

/** RRDB, the largest published block, has 15; a skip over more joins the ends of a whole trunk. */
const MOST_WEIGHTED = 16;
/** What a shortcut may consist of, besides one convolution: it changes a map's size or channels. */
const RESHAPING =
  /^(Resize|Upsample|Pad|Slice|Split|Concat|DepthToSpace|SpaceToDepth|Transpose|Reshape|Unsqueeze|Squeeze|Expand|Tile|AveragePool|MaxPool|BatchNormalization)$/;
const BY_SHAPE = /^(Shape|Size|RandomNormalLike|RandomUniformLike)$/;

/**
 *   CycleGAN, SRResNet   x ─┬─ Conv ─ Relu ─ Conv ─ Add ─ r       r is the layer, what is inside only makes it
 *                           └──────────────────────┘
 *   SAGAN, WGAN-GP       x ─┬─ Relu ─ Conv ─ Relu ─ Conv ─ Add ─ r    the activations are layers, and so is r,
 *                           └─ Resize ─ Conv ─────────────┘           with which another size or width begins
 *   U-Net with sums      x ─┬─ smaller maps ─ … ─ Add ─ r        no block: all that is between are layers
 *                           └─────────────────┘
 *   VQ, VAE              x ─┬─ Relu ─ Conv ─ Relu ─ Conv ─ Add ─ r    the next activation shows what r is
 *                           └─────────────────────────────┘
 *
 * Sums after the last learnt layer are pictures (StyleGAN2's skips), and those that go on into one activation are its input.
 */
export function blockSums(facts: LayerFacts): BlockSum[] {
  const { graph, activations } = facts;
  const layered = beforeLayers(facts);
  const sums: BlockSum[] = [];
  for (const node of graph.nodes) {
    const [tensor = ''] = node.output;
    if (!isStandard(node) || node.opType !== 'Add' || !layered.has(tensor) || !isMapSum(facts, node))
      continue;
    const next = graph.soleConsumer(tensor);
    if (next !== undefined && activations.has(next)) continue;
    const [a = '', b = ''] = node.input;
    const sum = closing(facts, node, a, b) ?? closing(facts, node, b, a);
    if (sum !== null) sums.push(sum);
  }
  return sums.filter(({ node }) => !sums.some(({ inside }) => inside.has(node)));
}

/** `skip` as the shortcut of a block whose other end is `long`. */
function closing(facts: LayerFacts, node: NodeProto, skip: string, long: string): BlockSum | null {
  const { graph, shapes, activations } = facts;
  const [tensor = ''] = node.output;
  const above = ancestors(graph, long);
  const shortcut = sourcesOf(facts, skip).find(({ tensor: source }) => above.tensors.has(source));
  if (shortcut === undefined) return null;
  const inside = spanOf(graph, shortcut.tensor, above.nodes);
  const within = [...inside];
  if (!within.some((one) => activations.has(one) || one.opType === 'Softmax')) return null;
  if (within.filter((one) => isWeighted(graph, one, shapes)).length > MOST_WEIGHTED) return null;
  if (shortcut.changed) return { node, tensor, inside: new Set() };
  if (goesSmaller(facts, tensor, within)) return null;
  return activatedFirst(facts, shortcut.tensor, inside) ? null : { node, tensor, inside };
}

/** A skip around activations of smaller maps is a U-Net's or an hourglass's: between lies the network, not one block. */
function goesSmaller(facts: LayerFacts, sum: string, within: readonly NodeProto[]): boolean {
  const { height = 0 } = mapAt(facts, sum) ?? {};
  return within.some((node) => {
    const map = mapAt(facts, node.output[0] ?? '');
    return map !== null && map.height > 1 && map.height < height && facts.activations.has(node);
  });
}

/** Both operands are maps, of the same size, that depend on the inputs. */
function isMapSum(facts: LayerFacts, node: NodeProto): boolean {
  const { live, shapes } = facts;
  const [a, b] = node.input.map((name) => (live.has(name) ? shapes.get(name) : undefined));
  const map = mapAt(facts, node.input[0] ?? '');
  return map !== null && map.height > 1 && map.width > 1 && `${a}` === `${b}`;
}

/** A tensor and what it was made of by a shortcut's operators, the nearest first. */
function sourcesOf({ graph, live, shapes, activations }: LayerFacts, skip: string) {
  const found = [{ tensor: skip, changed: false }];
  let tensor = skip;
  let changed = false;
  let convolutions = 0;
  for (let i = 0; i < 32; i++) {
    const node = graph.producer(tensor);
    if (node === undefined || activations.has(node)) break;
    if (isWeighted(graph, node, shapes) && node.opType !== 'Gemm' && node.opType !== 'MatMul') convolutions++;
    else if (!RESHAPING.test(node.opType) && !passesThrough(graph, node, true)) break;
    if (convolutions > 1) break;
    changed ||= !passesThrough(graph, node, true);
    const [next] = node.input.filter((name) => live.has(name));
    if (next === undefined) break;
    tensor = next;
    found.push({ tensor, changed });
  }
  return found;
}

function ancestors(graph: GraphIndex, tensor: string) {
  const tensors = new Set([tensor]);
  const nodes = new Set<NodeProto>();
  for (const name of tensors) {
    const node = graph.producer(name);
    if (node === undefined || nodes.has(node) || BY_SHAPE.test(node.opType)) continue;
    nodes.add(node);
    for (const input of node.input) if (input !== '') tensors.add(input);
  }
  return { tensors, nodes };
}

/** Of the nodes above one end of a block, those below the other. */
function spanOf(graph: GraphIndex, source: string, above: ReadonlySet<NodeProto>): Set<NodeProto> {
  const span = new Set<NodeProto>();
  const waiting = [source];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    for (const node of graph.consumers(name)) {
      if (span.has(node) || !above.has(node)) continue;
      span.add(node);
      waiting.push(...node.output);
    }
  }
  return span;
}

/** Whether every path into a block meets an activation before it meets weights. */
function activatedFirst(
  { graph, shapes, activations }: LayerFacts,
  source: string,
  span: ReadonlySet<NodeProto>,
): boolean {
  const waiting = [source];
  const seen = new Set<NodeProto>();
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    for (const node of graph.consumers(name)) {
      if (!span.has(node) || seen.has(node) || activations.has(node)) continue;
      seen.add(node);
      if (isWeighted(graph, node, shapes)) return false;
      waiting.push(...node.output);
    }
  }
  return true;
}

/** Tensors that an activation is still to come of, or a learnt layer, unless they have the channels of pictures. */
function beforeLayers(facts: LayerFacts): Set<string> {
  const { graph, activations, shapes } = facts;
  const active = above(graph, (node) => activations.has(node));
  const learnt = above(graph, (node) => isWeighted(graph, node, shapes));
  for (const name of learnt) if ((mapAt(facts, name)?.units ?? 0) > 4) active.add(name);
  return active;
}

/** What nodes of a kind read, directly or not. */
function above(graph: GraphIndex, isOne: (node: NodeProto) => boolean): Set<string> {
  const found = new Set<string>();
  for (const node of graph.nodes.toReversed())
    if (isOne(node) || node.output.some((name) => found.has(name)))
      for (const name of node.input) found.add(name);
  return found;
}
