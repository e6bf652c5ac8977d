/** Walking a graph along operators that change a tensor's scale or type, but not what it means. */
import type { NodeProto } from 'onnx-buf';
import type { GraphIndex } from './graph.ts';
import { isStandard } from './proto.ts';

/** No published generator has chains near this; a damaged file may have cycles. */
const MAX_STEPS = 64;

/** Mul or Div of a live tensor with a constant of one element. */
export function scalarFactor(graph: GraphIndex, node: NodeProto): number | null {
  const [a = '', b = ''] = node.input;
  if (node.opType === 'Mul') return graph.scalar(b) ?? graph.scalar(a);
  if (node.opType !== 'Div') return null;
  const divisor = graph.scalar(b);
  return divisor === null || divisor === 0 ? null : 1 / divisor;
}

/** Whether a node passes its tensor on element by element: scalar Mul, Clip, Identity, Dropout, and Cast if asked for. */
export function passesThrough(graph: GraphIndex, node: NodeProto, casts = false): boolean {
  if (!isStandard(node)) return false;
  if (['Clip', 'Identity', 'Dropout'].includes(node.opType)) return true;
  if (node.opType === 'Cast') return casts;
  return scalarFactor(graph, node) !== null;
}

/**
 * The tensor that `tensor` has become after all its single-consumer scalar Mul, Clip, Identity and Dropout.
 *
 *   LeakyRelu ─ t ─ Mul(√2) ─ Clip(±256) ─ r ─┬─ Conv        t → r
 *                                             └─ Conv
 */
export function throughScalars(graph: GraphIndex, tensor: string, casts = false): string {
  let current = tensor;
  for (let i = 0; i < MAX_STEPS; i++) {
    const next = graph.soleConsumer(current);
    const output = next?.output[0];
    if (next === undefined || output === undefined || output === '' || !passesThrough(graph, next, casts))
      return current;
    // Clip(min = t) reads the tensor as a bound, not as the data.
    if (next.opType !== 'Mul' && next.input[0] !== current) return current;
    current = output;
  }
  return current;
}

/** Tensors that depend on an input or on chance by value. Shape arithmetic is left out: it is the same for every sample. */
export function liveTensors(graph: GraphIndex, randomOps: ReadonlySet<string> = new Set()): Set<string> {
  const live = new Set(graph.inputs.map((input) => input.name));
  // Nodes of a valid graph are in topological order.
  for (const node of graph.nodes) {
    if (isStandard(node) && (node.opType === 'Shape' || node.opType === 'Size')) continue;
    const isLive = randomOps.has(node.opType) || node.input.some((name) => live.has(name));
    if (isLive) for (const output of node.output) if (output !== '') live.add(output);
  }
  return live;
}
