/** The shape of noise, as something that runs: the runtime on a CPU cannot even draw half-precision numbers. */
import { create } from '@bufbuild/protobuf';
import { AttributeProtoSchema, type NodeProto, type TensorProto } from 'onnx-buf';
import { copyMessage } from '../../proto.ts';
import { floatTensor, int64Tensor, makeNode, type Names } from '../build.ts';
import type { NoiseShape } from './replace.ts';

/**
 * Nodes that make `output`, a tensor of the given shape that is `value` everywhere.
 *
 *   like ─ Shape ─ ConstantOfShape(value) ─ output
 */
export function steadyNoise(
  output: string,
  shape: NoiseShape,
  value: number,
  names: Names,
): { nodes: NodeProto[]; weights: TensorProto[] } {
  const weights: TensorProto[] = [];
  const nodes: NodeProto[] = [];
  const name = (what: string) => names.fresh(`${output}/${what}`);
  const constant = (values: readonly number[]) => {
    const tensor = int64Tensor(name('size'), values);
    weights.push(tensor);
    return tensor.name;
  };
  const step = (opType: string, input: readonly string[], attributes = {}) => {
    const made = makeNode(opType, input, [name(opType)], attributes);
    nodes.push(made);
    return made.output[0] ?? '';
  };
  let size: string;
  if ('dims' in shape) size = constant(shape.dims);
  else if ('like' in shape) size = step('Shape', [shape.like]);
  else {
    const rows = step('Slice', [step('Shape', [shape.rowsOf]), constant([0]), constant([1])]);
    size = step('Concat', [rows, constant([shape.samples])], { axis: 0n });
  }
  const filled = create(AttributeProtoSchema, { name: 'value', type: 4, t: floatTensor('', [1], [value]) });
  nodes.push(copyMessage(makeNode('ConstantOfShape', [size], [output]), { attribute: [filled] }));
  return { nodes, weights };
}
