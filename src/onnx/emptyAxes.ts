/** Declared sizes of 0, which some exporters write for “any” and the runtime takes at its word: nothing fits them. */
import type { ModelProto } from 'onnx-buf';

/** Gives such axes of the inputs a name instead, in place. @returns whether there were any */
export function freeEmptyAxes({ graph }: ModelProto): boolean {
  let found = false;
  for (const { name, type } of graph?.input ?? []) {
    if (type?.value.case !== 'tensorType') continue;
    for (const [axis, dim] of (type.value.value.shape?.dim ?? []).entries()) {
      if (dim.value.case !== 'dimValue' || dim.value.value !== 0n) continue;
      dim.value = { case: 'dimParam', value: `${name}_${axis}` };
      found = true;
    }
  }
  return found;
}
