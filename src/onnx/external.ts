/** What a tensor says of bytes that lie outside the model. */
import type { TensorProto } from 'onnx-buf';
import { EXTERNAL } from './proto.ts';

/** The value of one external_data entry; undefined for tensors that live inside the model. */
export function externalEntry(
  tensor: TensorProto,
  key: 'location' | 'offset' | 'length',
): string | undefined {
  if (tensor.dataLocation !== EXTERNAL) return undefined;
  return tensor.externalData.find((entry) => entry.key === key)?.value;
}
