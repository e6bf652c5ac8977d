/** Surgery: sizes of tensors as outputs, without the tensors. */
import type { ModelProto } from 'onnx-buf';
import { GraphIndex } from '../graph.ts';
import { INT64, makeNode, makeValue, Names, withGraph } from './build.ts';
import { elementTypes } from './types.ts';

/** Operators whose outputs may be lists of tensors, which have no Shape. */
const LISTS = /Sequence|Optional|^(If|Loop|Scan)$/;

/**
 * A copy of `model` that gives out the size of its inputs and of everything its nodes make, in place of its outputs. A
 * map of 1024² with 32 channels is 134 MB, its size 32 bytes: one run shows them all in the memory it takes anyway.
 *
 *   before   z ─ Gemm ─ a ─ Conv ─ image▸
 *   after    z ─┬─ Gemm ─ a ─┬─ Conv ─ image ─ Shape ─ genscope_size_2▸
 *               │            └─ Shape ─ genscope_size_1▸
 *               └─ Shape ─ genscope_size_0▸
 *
 * @returns the model, and for each of its outputs the tensor whose size it is
 */
export function exposeShapes(model: ModelProto): { model: ModelProto; sizes: ReadonlyMap<string, string> } {
  const index = new GraphIndex(model);
  const types = elementTypes(index);
  const names = new Names(model);
  const sizes = new Map<string, string>();
  const made = index.nodes.filter(({ opType }) => !LISTS.test(opType)).flatMap(({ output }) => output);
  for (const tensor of [...index.inputs.map(({ name }) => name), ...made])
    if (tensor !== '' && types.has(tensor)) sizes.set(names.fresh(`genscope_size_${sizes.size}`), tensor);
  const node = [...index.nodes, ...[...sizes].map(([size, tensor]) => makeNode('Shape', [tensor], [size]))];
  const output = [...sizes.keys()].map((size) => makeValue(size, INT64));
  return { model: withGraph(model, { node, output }), sizes };
}
