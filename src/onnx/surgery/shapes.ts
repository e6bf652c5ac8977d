/** Surgery: sizes of tensors as outputs, without the tensors. */
import type { ModelProto, NodeProto } from 'onnx-buf';
import { GraphIndex } from '../graph.ts';
import { copyMessage } from '../proto.ts';
import { liveTensors } from '../walk.ts';
import { BFLOAT16, DOUBLE, FLOAT, FLOAT16, INT64, makeNode, makeValue, Names, withGraph } from './build.ts';
import { elementTypes } from './types.ts';

/** Operators whose outputs may be lists of tensors, which have no Shape. */
const LISTS = /Sequence|Optional|^(If|Loop|Scan)$/;

/** Float types of feature maps; what shapes are computed of is small, and some operators want it as a constant. */
const MAPS: ReadonlySet<number> = new Set([FLOAT, FLOAT16, DOUBLE, BFLOAT16]);

/**
 * A copy of `model` that gives out the size of its inputs and of everything its nodes make, in place of its outputs. A
 * map of 1024² with 32 channels is 134 MB, its size 32 bytes: one run shows them all in the memory it takes anyway.
 *
 *   before   z ─ Gemm ─ a ─ Conv ─ image▸
 *   after    z ─┬─ Gemm ─ a ─┬────────── Reshape ─ a′ ─ Conv ─ image ─ Shape ─ genscope_size_2▸
 *               │            └─ Shape ─┬─┘
 *               │                      └─ genscope_size_1▸
 *               └─ Shape ─ genscope_size_0▸
 *
 * Each large map goes on through a Reshape to its own size, which copies nothing: Shape nodes at the side are run when
 * all else is done (the runtime's default order), and every map would be kept until then.
 *
 * @returns the model, and for each of its outputs the tensor whose size it is
 */
export function exposeShapes(model: ModelProto): { model: ModelProto; sizes: ReadonlyMap<string, string> } {
  const index = new GraphIndex(model);
  const types = elementTypes(index);
  const names = new Names(model);
  const sizes = new Map<string, string>();
  const live = liveTensors(index, RANDOM);
  const inner = readInside(index);
  const chained = new Map<string, string>();
  const add = (tensor: string): NodeProto[] => {
    if (tensor === '' || !types.has(tensor)) return [];
    const size = names.fresh(`genscope_size_${sizes.size}`);
    sizes.set(size, tensor);
    const shape = makeNode('Shape', [tensor], [size]);
    const isMap = live.has(tensor) && MAPS.has(types.get(tensor) ?? 0);
    if (!isMap || inner.has(tensor) || index.consumers(tensor).length === 0) return [shape];
    const same = names.fresh(`genscope_same_${sizes.size}`);
    chained.set(tensor, same);
    return [shape, makeNode('Reshape', [tensor, size], [same])];
  };
  const node = [
    ...index.inputs.flatMap(({ name }) => add(name)),
    ...index.nodes.flatMap((own) => {
      const input = own.input.map((name) => chained.get(name) ?? name);
      const moved = own.input.some((name) => chained.has(name)) ? copyMessage(own, { input }) : own;
      return [moved, ...(LISTS.test(own.opType) ? [] : own.output.flatMap(add))];
    }),
  ];
  const output = [...sizes.keys()].map((size) => makeValue(size, INT64));
  return { model: withGraph(model, { node, output }), sizes };
}

/** Tensors that a branch or a loop's body reads from outside: there they keep their names. */
function readInside({ nodes }: GraphIndex): Set<string> {
  const found = new Set<string>();
  const visit = (node: NodeProto, isInside: boolean): void => {
    if (isInside) for (const name of node.input) found.add(name);
    for (const { g, graphs } of node.attribute)
      for (const graph of g === undefined ? graphs : [g, ...graphs]) {
        for (const { name } of graph.output) found.add(name);
        for (const own of graph.node) visit(own, true);
      }
  };
  for (const node of nodes) visit(node, false);
  return found;
}

const RANDOM: ReadonlySet<string> = new Set([
  ...['RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike', 'Bernoulli', 'Multinomial'],
]);
