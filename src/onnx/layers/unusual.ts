/** Layers without one of the usual activations: bounded, periodic or hand-written ones, and convolutions with none. */
import type { NodeProto } from 'onnx-buf';
import type { GraphIndex } from '../graph.ts';
import { isStandard } from '../proto.ts';
import { elementTypes } from '../surgery/types.ts';
import { passesThrough, scalarFactor } from '../walk.ts';
import type { Activation } from './activations.ts';
import { type LayerFacts, mapAt, narrows } from './extent.ts';
import { isWeighted } from './weighted.ts';

/** Each is an activation only between learnt layers: at the end of a graph they make the picture of it. */
const NONLINEAR = new Set([
  ...[
    'Tanh',
    'Sigmoid',
    'HardSigmoid',
    'Softsign',
    'Clip',
    'Sin',
    'Cos',
    'Atan',
    'Shrink',
    'Abs',
    'Max',
    'Min',
  ],
]);
/** What multiplies its own argument, and is called: x · (1 + tanh(…)) is Gelu. */
const SELF_GATED: Readonly<Record<string, string>> = {
  Sigmoid: 'SiLU',
  Tanh: 'Gelu',
  Clip: 'HardSwish',
  HardSigmoid: 'HardSwish',
};
const BY_ELEMENT = /^(Add|Sub|Mul|Div|Pow|Neg|Identity|Cast)$/;
/** What a layer's output may still go through before its end. */
const NORMALISES =
  /^((Batch|Instance|Group|Layer|Lp|MeanVariance|SimplifiedLayer|RMS)Normalization|QuantizeLinear|DequantizeLinear)$/;
/** Functions of single elements, and the means that a normalisation is spelled out with. */
const OF_ELEMENTS =
  /^(Add|Sub|Mul|Div|Pow|Neg|Abs|Exp|Log|Sqrt|Reciprocal|Sign|Sin|Cos|Tanh|Sigmoid|Erf|Clip|Max|Min|Where|Less|Greater|LessOrEqual|GreaterOrEqual|Equal|Not|And|Or|Cast|Identity|Dropout|Reduce(Mean|Sum|SumSquare|L2))$/;
const CONVOLUTION = /^(Conv|ConvTranspose|DeformConv|ConvInteger|QLinearConv|NhwcConv|FusedConv)$/;
/** Joins keep what is joined as channels of their own. */
const JOINS = /^(Concat)$/;
const FLOATS = new Set([1, 10, 11, 16]);
const MAX_STEPS = 12;

/** The unusual activations between learnt layers, by the node that begins each. */
export function unusualActivations(facts: LayerFacts): Map<NodeProto, Activation> {
  const found = new Map<NodeProto, Activation>();
  // Each is known to those after it, so that of Clip(Tanh(x)) only the first is one.
  const known: LayerFacts = { ...facts, activations: new Set(facts.activations) };
  for (const node of facts.graph.nodes) {
    const activation = known.activations.has(node) ? null : unusualAt(known, node);
    if (activation === null) continue;
    found.set(node, activation);
    (known.activations as Set<NodeProto>).add(node).add(activation.node);
  }
  return found;
}

function unusualAt(facts: LayerFacts, node: NodeProto): Activation | null {
  const { graph, live } = facts;
  if (!isStandard(node) || !NONLINEAR.has(node.opType)) return null;
  const data = node.input.filter((name) => live.has(name));
  const [from = ''] = data;
  const [tensor = ''] = node.output;
  if (data.length !== 1 || !isMap(facts, tensor) || !isOfWeights(facts, from)) return null;
  // Max and Min with anything but a number choose between maps.
  if (
    /^(Max|Min)$/.test(node.opType) &&
    node.input.some((name) => name !== from && graph.scalar(name) === null)
  )
    return null;
  const gate = gateOf(graph, node, from);
  if (gate === 'of another') return null;
  const activation = gate ?? { node, tensor, op: node.opType, from };
  return reach(facts, activation.tensor).weights ? activation : null;
}

/**
 * Whether a squashing function multiplies its own argument, as in x · clip(x + 3, 0, 6) / 6 and ½x · (1 + tanh(a·x + b·x³)),
 * or another tensor, and so is no activation; null where it does neither.
 */
function gateOf(graph: GraphIndex, node: NodeProto, from: string): Activation | 'of another' | null {
  const op = SELF_GATED[node.opType];
  if (op === undefined) return null;
  let tensor = node.output[0] ?? '';
  for (let i = 0; i < MAX_STEPS; i++) {
    const next = graph.soleConsumer(tensor);
    const [out = ''] = next?.output ?? [];
    if (next === undefined || !BY_ELEMENT.test(next.opType) || out === '') return null;
    const other = next.input.find((name) => name !== tensor);
    if (other === undefined || graph.scalar(other) !== null) tensor = out;
    else if (next.opType !== 'Mul') return null;
    else if (graph.weightDims(other) !== null) return null;
    else {
      const own = argumentsOf(graph, from);
      const base = unscaled(graph, other);
      return own.has(base) ? { node: next, tensor: out, op, from: base } : 'of another';
    }
  }
  return null;
}

/** What a tensor is computed of element by element, with itself. */
function argumentsOf(graph: GraphIndex, tensor: string): ReadonlySet<string> {
  const found = new Set([tensor]);
  for (const name of found) {
    const maker = graph.producer(name);
    if (maker === undefined || !BY_ELEMENT.test(maker.opType) || found.size > MAX_STEPS) continue;
    for (const input of maker.input) if (input !== '' && graph.weightDims(input) === null) found.add(input);
  }
  return found;
}

function unscaled(graph: GraphIndex, tensor: string): string {
  const maker = graph.producer(tensor);
  if (maker === undefined || scalarFactor(graph, maker) === null) return tensor;
  return maker.input.find((name) => graph.scalar(name) === null) ?? tensor;
}

/** Whether learnt weights make a tensor, with no activation since. */
function isOfWeights(facts: LayerFacts, tensor: string): boolean {
  const { graph, live, shapes, activations } = facts;
  const waiting = [tensor];
  const seen = new Set<string>(waiting);
  for (let name = waiting.pop(); name !== undefined && seen.size < 64; name = waiting.pop()) {
    const maker = graph.producer(name);
    if (maker === undefined) continue;
    if (activations.has(maker)) {
      // A bound behind an activation belongs to it.
      if (passesBack(graph, tensor, name)) return false;
      continue;
    }
    if (isWeighted(graph, maker, shapes)) {
      if (maker.input.some((input) => !live.has(input) && input !== '')) return true;
      continue;
    }
    for (const input of maker.input)
      if (live.has(input) && !seen.has(input)) {
        seen.add(input);
        waiting.push(input);
      }
  }
  return false;
}

/** Whether only scalars lie between `from`, further up, and `tensor`. */
function passesBack(graph: GraphIndex, tensor: string, from: string): boolean {
  let current = tensor;
  for (let i = 0; i < MAX_STEPS; i++) {
    if (current === from) return true;
    const maker = graph.producer(current);
    if (maker === undefined || !passesThrough(graph, maker, true)) return false;
    current = maker.input.find((name) => graph.scalar(name) === null) ?? '';
  }
  return false;
}

/**
 * Convolutions whose output goes into the next learnt layer as it is, or only normalised, quantised or resized: the tensor
 * that leaves each.
 *
 *   Conv ─ BatchNormalization ─ r ─ Resize ─ Conv        Conv ─ QuantizeLinear ─ DequantizeLinear ─ r ─ Conv
 */
export function bareLayers(facts: LayerFacts): Activation[] {
  const { graph, live, shapes, activations } = facts;
  const types = elementTypes(graph);
  return graph.nodes.flatMap((node) => {
    const [from = ''] = node.output;
    if (!CONVOLUTION.test(node.opType) || !isWeighted(graph, node, shapes)) return [];
    if (!live.has(from) || activations.has(node)) return [];
    const tensor = normalised(facts, from);
    if (!isMap(facts, tensor) || !FLOATS.has(types.get(tensor) ?? 1)) return [];
    const { weights, others } = reach(facts, tensor);
    return weights && !others ? [{ node, tensor, op: node.opType, from }] : [];
  });
}

/** Through what normalises or quantises a map, and through functions of it that are spelled out: x / (1 + |x|). */
function normalised(facts: LayerFacts, from: string): string {
  const { shapes } = facts;
  let leaving = from;
  for (const { tensor, nodes } of narrows(facts, from)) {
    const isOwn = nodes.every(({ opType }) => NORMALISES.test(opType) || OF_ELEMENTS.test(opType));
    if (!isOwn || `${shapes.get(tensor)}` !== `${shapes.get(from)}`) break;
    leaving = tensor;
  }
  return leaving;
}

/** What reads a tensor, directly or through what neither learns nor bends: learnt layers, and anything else. */
function reach(facts: LayerFacts, start: string): { weights: boolean; others: boolean } {
  const { graph, live, shapes, activations } = facts;
  const made = new Set([start]);
  let weights = false;
  let others = graph.isOutput(start);
  // In their order, so that what a node joins has been seen.
  for (const node of graph.nodes) {
    if (!node.input.some((name) => made.has(name)) || /^(Shape|Size)$/.test(node.opType)) continue;
    const joined = node.input.some((name) => live.has(name) && !made.has(name) && isMap(facts, name));
    if (activations.has(node) || (joined && !JOINS.test(node.opType))) others = true;
    else if (isWeighted(graph, node, shapes)) weights = true;
    else for (const out of node.output) if (out !== '') made.add(out);
  }
  return { weights, others: others || [...made].some((name) => graph.isOutput(name)) };
}

/** Of more than one row and column. */
function isMap(facts: LayerFacts, tensor: string): boolean {
  const map = mapAt(facts, tensor);
  return map !== null && map.height > 1 && map.width > 1;
}
