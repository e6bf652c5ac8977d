/** What an input is first used for, seen through everything that only reshapes or rescales it (EXPORTS.md, rule 1). */
import type { NodeProto } from 'onnx-buf';
import type { GraphIndex } from '../graph.ts';
import { isStandard } from '../proto.ts';
import { scalarFactor } from '../walk.ts';

export interface Use {
  readonly node: NodeProto;
  /** Which of the node's inputs it is. */
  readonly slot: number;
  /** The tensor as it arrives there. */
  readonly tensor: string;
  /** Operators on the way, in order. */
  readonly via: readonly string[];
}

/** Bounds the look on graphs where an input fans out into hundreds of nodes; the first uses decide. */
const MAX_USES = 256;

const SEE_THROUGH = new Set([
  'Identity',
  'Cast',
  'Reshape',
  'Flatten',
  'Unsqueeze',
  'Squeeze',
  'Transpose',
  'Dropout',
  'Clip',
  'Round',
  'Floor',
  'Slice',
  'Split',
]);
const SQUARES = new Set(['Pow', 'ReduceL2', 'ReduceSumSquare', 'LpNormalization']);

export function firstUses(graph: GraphIndex, input: string): Use[] {
  const uses: Use[] = [];
  const seen = new Set<string>();
  const queue: { tensor: string; via: readonly string[] }[] = [{ tensor: input, via: [] }];
  while (queue.length > 0 && uses.length < MAX_USES && seen.size < MAX_USES) {
    const { tensor, via } = queue.shift() as (typeof queue)[number];
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    const normalised = isNormalised(graph, tensor);
    for (const node of graph.consumers(tensor)) {
      const slot = node.input.indexOf(tensor);
      if (slot === 0 && node.opType === 'Shape') continue;
      if (normalised && isSquare(node, tensor)) continue;
      const rescales = normalised && (node.opType === 'Div' || node.opType === 'Mul');
      if (rescales || passesOn(graph, node, slot)) {
        const step = rescales ? 'normalisation' : node.opType;
        for (const output of node.output)
          if (output !== '') queue.push({ tensor: output, via: [...via, step] });
      } else {
        uses.push({ node, slot, tensor, via });
      }
    }
  }
  return uses;
}

function passesOn(graph: GraphIndex, node: NodeProto, slot: number): boolean {
  if (!isStandard(node)) return false;
  if (SEE_THROUGH.has(node.opType)) return slot === 0;
  if (scalarFactor(graph, node) !== null) return node.opType === 'Mul' || slot === 0;
  const other = node.input[1 - slot];
  return (
    (node.opType === 'Add' || node.opType === 'Sub') && other !== undefined && graph.scalar(other) !== null
  );
}

/** z / |z|: squared, averaged and divided by, so that only its direction matters (rule 5). */
function isNormalised(graph: GraphIndex, tensor: string): boolean {
  return graph.consumers(tensor).some((node) => isSquare(node, tensor));
}

function isSquare(node: NodeProto, tensor: string): boolean {
  if (node.opType === 'Mul') return node.input[0] === tensor && node.input[1] === tensor;
  return SQUARES.has(node.opType) && node.input[0] === tensor;
}

/** The use that says most about an input; arithmetic says less than a layer with weights. */
export function leadingUse(uses: readonly Use[]): Use | undefined {
  const telling = ['Gather', 'OneHot', 'Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'Concat', 'Equal'];
  for (const op of telling) {
    const found = uses.find((use) => use.node.opType === op);
    if (found !== undefined) return found;
  }
  return uses[0];
}
