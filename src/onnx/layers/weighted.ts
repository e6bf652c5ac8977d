/** Which nodes carry a network's learnt weights, and how many multiply-adds each is. */
import type { NodeProto } from 'onnx-buf';
import type { GraphIndex } from '../graph.ts';
import { isStandard } from '../proto.ts';
import type { KnownShapes } from '../surgery/split/costs.ts';

const CONVOLUTION = /^(Conv|ConvTranspose|DeformConv|ConvInteger|QLinearConv)$/;
const PRODUCT = /^(Gemm|MatMul|Einsum|FusedMatMul|MatMulInteger|QLinearMatMul)$/;

/**
 * Convolutions that mix channels, and matrix products. One that treats every channel alone, [C, 1, k, k] or [1, 1, k, k],
 * is a filter: it resamples or blurs.
 */
export function isWeighted(graph: GraphIndex, node: NodeProto, shapes: KnownShapes): boolean {
  if (PRODUCT.test(node.opType)) return true;
  if (!CONVOLUTION.test(node.opType)) return false;
  return dimsOf(graph, node.input[1] ?? '', shapes)?.[1] !== 1;
}

export function isFilter(graph: GraphIndex, node: NodeProto, shapes: KnownShapes): boolean {
  return CONVOLUTION.test(node.opType) && !isWeighted(graph, node, shapes);
}

/** Multiply-adds at the sizes of one run; 0 for all but convolutions and matrix products. */
export function multiplyAdds(graph: GraphIndex, node: NodeProto, shapes: KnownShapes): number {
  if (!isStandard(node)) return 0;
  const [a = [], b = [], out = []] = [node.input[0], node.input[1], node.output[0]].map(
    (name) => dimsOf(graph, name ?? '', shapes) ?? [],
  );
  // [O, I / groups, k, k] and [I, O / groups, k, k]: one product for each element of the output, or of the input.
  if (node.opType === 'Conv') return product(out) * product(b.slice(1));
  if (node.opType === 'ConvTranspose') return product(a) * product(b.slice(1));
  const n = out.at(-1);
  // Of the second factor's elements, those that one column of the output takes.
  if ((node.opType === 'Gemm' || node.opType === 'MatMul') && n && b.length > 0)
    return product(out) * (product(b.slice(-2)) / (b.length > 1 ? n : 1));
  return 0;
}

function dimsOf(graph: GraphIndex, tensor: string, shapes: KnownShapes): readonly number[] | null {
  return shapes.get(tensor) ?? graph.weightDims(tensor);
}

function product(sizes: readonly number[]): number {
  return sizes.length === 0 ? 0 : sizes.reduce((a, b) => a * b, 1);
}
