/** Surgery: intermediate tensors as outputs. */
import { create } from '@bufbuild/protobuf';
import { type ModelProto, ValueInfoProtoSchema } from 'onnx-buf';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { copyMessage } from '../proto.ts';

/**
 * A copy of `model` whose graph also gives out `tensors`, after its own outputs. Weights and nodes are shared with the
 * original, which is not changed.
 *
 *   before   z ─ Gemm ─ a ─ Relu ─ r ─ Conv ─ Tanh ─ image▸
 *   after    z ─ Gemm ─ a ─ Relu ─ r ─ Conv ─ Tanh ─ image▸
 *                                  └──────────────── r▸          (name only: no type, no shape)
 *
 * The runtime fills in type and shape by itself (create the session with optimisation disabled to read them from
 * `outputMetadata`; one run gives concrete sizes). Expose only what is asked for: every exposed tensor stops a fusion.
 *
 * @throws GenscopeError `input.invalid` for a tensor that the graph does not make
 */
export function expose(model: ModelProto, tensors: readonly string[]): ModelProto {
  const { graph } = model;
  const made = new Set(graph?.node.flatMap(({ output }) => output));
  const output = [...(graph?.output ?? [])];
  const present = new Set(output.map(({ name }) => name));
  for (const name of tensors) {
    if (present.has(name)) continue;
    if (name === '' || !made.has(name)) {
      throw new GenscopeError(
        'input.invalid',
        `This model has no tensor called “${name}”.`,
        'Choose one of the layers that it lists.',
      );
    }
    present.add(name);
    output.push(create(ValueInfoProtoSchema, { name }));
  }
  return graph === undefined ? model : copyMessage(model, { graph: copyMessage(graph, { output }) });
}
