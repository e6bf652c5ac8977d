/** The truncation that an export may carry inside: w̄ + ψ (w − w̄), with w̄ a weight of the file (EXPORTS.md, rule 7). */
import type { NodeProto } from 'onnx-buf';
import type { GraphIndex } from '../graph.ts';

export interface BakedTruncation {
  /** The weight w̄, of as many elements as w has components. */
  readonly average: string;
  /** Its ψ; null where the graph takes ψ as an input. */
  readonly psi: number | null;
  /** Only some layers' styles are drawn in. */
  readonly partly: boolean;
}

const COPIES = /^(Unsqueeze|Squeeze|Expand|Tile|Identity|Cast|Slice|Reshape)$/;

/**
 *   w ─ Unsqueeze ─ Tile ─ Sub ─ Mul ─ Add ─ styles
 *                    w̄ ────┘  ψ ─┘  w̄ ┘
 */
export function bakedTruncation(graph: GraphIndex, w: string): BakedTruncation | null {
  const seen = new Set([w]);
  let sliced = false;
  for (const name of seen) {
    for (const node of graph.consumers(name)) {
      const found = node.opType === 'Sub' ? around(graph, node, name) : null;
      if (found !== null) return { ...found, partly: found.partly || sliced };
      if (!COPIES.test(node.opType) || node.input[0] !== name) continue;
      sliced ||= node.opType === 'Slice';
      for (const output of node.output) seen.add(output);
    }
  }
  return null;
}

function around(graph: GraphIndex, sub: NodeProto, w: string): BakedTruncation | null {
  const [from, average = ''] = sub.input;
  if (from !== w || (graph.weightDims(average)?.at(-1) ?? 0) < 2) return null;
  for (const mul of graph.consumers(sub.output[0] ?? '')) {
    if (mul.opType !== 'Mul') continue;
    const factor = mul.input[0] === sub.output[0] ? mul.input[1] : mul.input[0];
    const isBack = graph
      .consumers(mul.output[0] ?? '')
      .some(({ opType, input }) => opType === 'Add' && input.includes(average));
    if (isBack && factor !== undefined) return { average, ...factorOf(graph, factor) };
  }
  return null;
}

/** One ψ for all layers, or one for each with 1 where a layer is left alone. */
function factorOf(graph: GraphIndex, factor: string): { psi: number | null; partly: boolean } {
  const values = graph.values(factor);
  if (values === null || values.length === 0) return { psi: null, partly: false };
  const acting = values.filter((value) => value !== 1);
  return { psi: acting[0] ?? 1, partly: acting.length < values.length };
}
