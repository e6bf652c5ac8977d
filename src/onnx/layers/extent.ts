/** How far a layer goes on after its activation: through what normalises the map, and back from an oversampled one. */
import type { NodeProto } from 'onnx-buf';
import type { GraphIndex } from '../graph.ts';
import type { KnownShapes } from '../surgery/split/costs.ts';
import { throughScalars } from '../walk.ts';
import { type ChannelAxes, type MapSize, mapSizeOf } from './axes.ts';
import { isFilter, isWeighted } from './weighted.ts';

const NORMALISATION = /^(Instance|Group|Layer|Lp|MeanVariance|SimplifiedLayer|RMS)Normalization$/;
const REDUCTION = /^Reduce(Mean|Sum|SumSquare|L2)$|^GlobalAveragePool$/;
/** Noise and styles are added and multiplied in; none of these changes which unit is which. */
const AFFINE = new Set(['Add', 'Sub', 'Mul', 'Div', 'Cast', 'Identity', 'Clip']);
/** Operators that a filter's exporter lays around it. */
const AROUND_FILTERS =
  /^(Reshape|Pad|Slice|Transpose|Unsqueeze|Squeeze|Concat|Resize|Upsample|Flatten|Expand)$/;
/** Of nodes between one learnt layer and the next; StyleGAN3 has about forty. */
const MAX_NODES = 96;

export interface LayerFacts {
  readonly graph: GraphIndex;
  readonly live: ReadonlySet<string>;
  /** Where activations begin and end. */
  readonly activations: ReadonlySet<NodeProto>;
  readonly shapes: KnownShapes;
  readonly axes: ChannelAxes;
  readonly order: ReadonlyMap<NodeProto, number>;
}

/**
 * The tensor that leaves the layer whose activated tensor is given.
 *
 *   ProGAN      Conv ─ LeakyRelu ─ a ─ a / √mean(a²) ─ r ─ Conv
 *   StyleGAN    Conv ─ LeakyRelu ─ a ─ InstanceNormalization ─ Mul(style) ─ Add(style) ─ r ─ Conv
 *   StyleGAN3   Conv ─ filter (×2) ─ LeakyRelu ─ a ─ filter (÷2) ─ r ─ Conv      units live at the map's own size
 */
export function leavingTensor(facts: LayerFacts, from: string, activated: string): string {
  const start = throughScalars(facts.graph, activated);
  let leaving = start;
  let normalised = false;
  for (const { tensor, nodes } of narrows(facts, start)) {
    if (nodes.some(({ opType }) => NORMALISATION.test(opType) || REDUCTION.test(opType))) {
      if (!sameSize(facts.shapes, tensor, start)) break;
      normalised = true;
    } else if (!normalised || !nodes.every(({ opType }) => AFFINE.has(opType))) break;
    leaving = tensor;
  }
  if (leaving === start) leaving = backToSize(facts, from, start) ?? start;
  return throughScalars(facts.graph, leaving);
}

/** Where a map that was made larger for its activation alone is made smaller again; null for all others. */
function backToSize(facts: LayerFacts, from: string, start: string): string | null {
  const before = sizeBefore(facts, from);
  const width = mapAt(facts, start)?.width;
  if (before === null || width === undefined || before >= width) return null;
  let found = start;
  let filtered = false;
  for (const { tensor, nodes } of narrows(facts, start)) {
    const filters = nodes.some((node) => isFilter(facts.graph, node, facts.shapes));
    if (!filters && !nodes.every(({ opType }) => AROUND_FILTERS.test(opType) || opType === 'Identity')) break;
    filtered ||= filters;
    const map = mapAt(facts, tensor);
    const smaller = map !== null && map.width < width && map.units === mapAt(facts, start)?.units;
    // A Reshape that changes nothing belongs to the layer after.
    if (smaller && !sameSize(facts.shapes, tensor, found)) found = tensor;
  }
  return filtered && found !== start ? found : null;
}

/** The width that the learnt layer before an activation put out; null where it is not known, or nothing was resampled since. */
function sizeBefore(facts: LayerFacts, from: string): number | null {
  const { graph, shapes, live } = facts;
  let tensor = from;
  let filtered = false;
  for (let i = 0; i < MAX_NODES; i++) {
    const node = graph.producer(tensor);
    if (node === undefined) return null;
    if (isWeighted(graph, node, shapes)) return filtered ? (mapAt(facts, tensor)?.width ?? null) : null;
    filtered ||= isFilter(graph, node, shapes);
    const maps = node.input.filter((name) => live.has(name) && (shapes.get(name)?.length ?? 0) >= 4);
    tensor = maps[0] ?? node.input[0] ?? '';
  }
  return null;
}

interface Narrow {
  /** All that comes of the start so far goes through this one tensor. */
  readonly tensor: string;
  /** What lies between it and the one before. */
  readonly nodes: readonly NodeProto[];
}

/**
 * The tensors one after the other that all paths from `start` go through, up to where the next learnt layer or
 * activation begins, another map joins, or the graph ends.
 */
export function* narrows(facts: LayerFacts, start: string): Generator<Narrow> {
  const { graph, order } = facts;
  const made = new Set([start]);
  const done = new Set<NodeProto>();
  let between: NodeProto[] = [];
  for (let i = 0; i < MAX_NODES; i++) {
    const open = [...made].filter((name) => readers(graph, name).some((node) => !done.has(node)));
    if (open.length === 1 && open[0] !== start && between.length > 0) {
      yield { tensor: open[0] as string, nodes: between };
      between = [];
    }
    const waiting = open.flatMap((name) => readers(graph, name)).filter((node) => !done.has(node));
    const next = waiting.reduce<NodeProto | null>(
      (first, node) => (first === null || (order.get(node) ?? 0) < (order.get(first) ?? 0) ? node : first),
      null,
    );
    if (next === null || ends(facts, next, made)) return;
    done.add(next);
    between.push(next);
    for (const name of next.output) {
      if (graph.isOutput(name)) return;
      if (name !== '') made.add(name);
    }
  }
}

/** Readers by value: how large a tensor is, everything may ask. */
function readers(graph: GraphIndex, tensor: string): readonly NodeProto[] {
  return graph
    .consumers(tensor)
    .filter(({ opType }) => !/^(Shape|Size|RandomNormalLike|RandomUniformLike)$/.test(opType));
}

function ends(facts: LayerFacts, node: NodeProto, made: ReadonlySet<string>): boolean {
  const { graph, live, shapes, activations } = facts;
  if (isWeighted(graph, node, shapes) || activations.has(node)) return true;
  return node.input.some((name) => live.has(name) && !made.has(name) && isMap(facts, name));
}

function isMap(facts: LayerFacts, tensor: string): boolean {
  const shape = facts.shapes.get(tensor);
  if (shape === undefined) return true;
  const map = mapAt(facts, tensor);
  if (map !== null) return map.height > 1 && map.width > 1;
  return shape.length >= 4 && (shape.at(-1) ?? 0) > 1 && (shape.at(-2) ?? 0) > 1;
}

/** Channels first where nothing tells; null for what is no map, or of no known size. */
export function mapAt({ shapes, axes }: LayerFacts, tensor: string): MapSize | null {
  return mapSizeOf(shapes.get(tensor), axes.get(tensor) ?? 1);
}

function sameSize(shapes: KnownShapes, a: string, b: string): boolean {
  return `${shapes.get(a)}` === `${shapes.get(b)}`;
}
