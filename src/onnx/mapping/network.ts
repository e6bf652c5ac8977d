/** Surgery: the mapping network alone. */
import type { ModelProto } from 'onnx-buf';
import { graphOf, makeNode, Names, withGraph } from '../surgery/build.ts';
import { expose } from '../surgery/expose.ts';
import { prune, reads } from '../surgery/prune.ts';

/**
 *   before   z ─ Gemm ─ … ─ w ─ Sub ─ Mul ─ Add ─ … ─ image▸        after   z ─ Gemm ─ … ─ w▸
 *                               w̄ ──┘                                       w̄ ─ Identity ─ genscope_average▸
 *
 * @param average a weight to give out as well
 * @returns with the name of the output that carries it
 */
export function networkTo(
  model: ModelProto,
  w: string,
  average?: string,
): { model: ModelProto; average: string | null } {
  const given = average === undefined ? null : new Names(model).fresh('genscope_average');
  const node = given === null ? [] : [makeNode('Identity', [average as string], [given])];
  const extended = withGraph(model, { node: [...graphOf(model).node, ...node] });
  const wanted = given === null ? [w] : [w, given];
  const output = graphOf(expose(extended, wanted)).output.filter(({ name }) => wanted.includes(name));
  const pruned = prune(withGraph(extended, { output }));
  const read = new Set(graphOf(pruned).node.flatMap(reads));
  const input = graphOf(pruned).input.filter(({ name }) => read.has(name));
  return { model: withGraph(pruned, { input }), average: given };
}
