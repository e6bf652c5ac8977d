/** Where activations are in a graph: single operators, and the small patterns that exporters break others into. */
import type { NodeProto } from 'onnx-buf';
import type { GraphIndex } from '../graph.ts';
import { isStandard } from '../proto.ts';
import { scalarFactor } from '../walk.ts';

export interface Activation {
  /** The node that makes the activated tensor. */
  readonly node: NodeProto;
  readonly tensor: string;
  /** "Relu", "SiLU", "GLU" … */
  readonly op: string;
  /** The tensor that goes in, whose maker gives a name where the activation has none. */
  readonly from: string;
}

const SINGLE = new Set([
  'Relu',
  'LeakyRelu',
  'PRelu',
  'Elu',
  'Selu',
  'Celu',
  'Softplus',
  'Gelu',
  'Swish',
  'HardSwish',
  'Mish',
  'ThresholdedRelu',
]);

/** The nodes with which activations of a graph begin and end: beyond them a map is another one. */
export function activationNodes(graph: GraphIndex): Set<NodeProto> {
  const found = new Set<NodeProto>();
  for (const node of graph.nodes) {
    const activation = activationAt(graph, node);
    if (activation !== null) found.add(node).add(activation.node);
  }
  return found;
}

/** The activation that `node` begins, if it does. */
export function activationAt(graph: GraphIndex, node: NodeProto): Activation | null {
  const [tensor = ''] = node.output;
  const [from = ''] = node.input;
  if (!isStandard(node) || tensor === '') return null;
  if (node.opType === 'Sigmoid') return gate(graph, from, tensor);
  if (node.opType === 'Softplus' && graph.soleConsumer(tensor)?.opType === 'Tanh')
    return mish(graph, from, tensor);
  if (node.opType === 'Erf') return erfGelu(graph, node);
  return SINGLE.has(node.opType) ? { node, tensor, op: node.opType, from } : null;
}

/**
 *   x ─┬───────────┐                    Split ─ a ─────────┐
 *      └─ Sigmoid ─ Mul ─ r   (SiLU)         └─ b ─ Sigmoid ─ Mul ─ r   (GLU)
 *
 * A Sigmoid that gates any other tensor (squeeze-and-excitation) is no activation of its own.
 */
function gate(graph: GraphIndex, from: string, sigmoid: string): Activation | null {
  const mul = graph.soleConsumer(sigmoid);
  const [tensor = ''] = mul?.output ?? [];
  if (mul === undefined || mul.opType !== 'Mul' || tensor === '') return null;
  const other = mul.input[0] === sigmoid ? mul.input[1] : mul.input[0];
  if (other === undefined) return null;
  if (other === from) return { node: mul, tensor, op: 'SiLU', from };
  return halvesOfOne(graph, other, from) ? { node: mul, tensor, op: 'GLU', from } : null;
}

function halvesOfOne(graph: GraphIndex, a: string, b: string): boolean {
  const one = graph.producer(a);
  const two = graph.producer(b);
  if (one === undefined || two === undefined) return false;
  if (one === two) return one.opType === 'Split';
  return one.opType === 'Slice' && two.opType === 'Slice' && one.input[0] === two.input[0];
}

/** x · tanh(softplus(x)). */
function mish(graph: GraphIndex, from: string, softplus: string): Activation | null {
  const mul = graph.soleConsumer(graph.soleConsumer(softplus)?.output[0] ?? '');
  const [tensor = ''] = mul?.output ?? [];
  return mul?.opType === 'Mul' && mul.input.includes(from) && tensor !== ''
    ? { node: mul, tensor, op: 'Mish', from }
    : null;
}

/** x · (1 + erf(x / √2)), before or after the factor ½, as opsets below 20 spell Gelu. */
function erfGelu(graph: GraphIndex, erf: NodeProto): Activation | null {
  const scale = graph.producer(erf.input[0] ?? '');
  const from = scale === undefined || scalarFactor(graph, scale) === null ? erf.input[0] : scale.input[0];
  const add = graph.soleConsumer(erf.output[0] ?? '');
  let mul = graph.soleConsumer(add?.output[0] ?? '');
  if (from === undefined || add?.opType !== 'Add') return null;
  if (mul !== undefined && !mul.input.includes(from) && scalarFactor(graph, mul) !== null) {
    mul = graph.soleConsumer(mul.output[0] ?? '');
  }
  const [tensor = ''] = mul?.output ?? [];
  return mul?.opType === 'Mul' && mul.input.includes(from) && tensor !== ''
    ? { node: mul, tensor, op: 'Gelu', from }
    : null;
}
