/** `editCode`: Python that makes a plan's samples under edits. */
import { appliesTo } from '../../algorithms/edits/fold.ts';
import { type EditedLayerCode, editedGraphCode } from '../../algorithms/edits/pythonEdits.ts';
import { latentCode } from '../../algorithms/latent/code.ts';
import { planLatents } from '../../algorithms/latent/plan.ts';
import { elementTypes } from '../../onnx/surgery/types.ts';
import { activeEdits, type Edit } from '../../shared/edits/edits.ts';
import type { EditCodeParams } from '../../shared/edits/interventions.ts';
import type { LatentKey } from '../../shared/samples/latents.ts';
import type { TaskContext } from '../models/context.ts';
import { codeOptions } from '../samples/latentCodeOptions.ts';
import { editable } from './open.ts';
import { editedLayers, isOfLayer } from './stack.ts';

/** @throws GenscopeError as `latentCode`; `input.invalid` for edits that do not fit the generator */
export async function editCode(
  { model, plan, edits }: EditCodeParams,
  context: TaskContext<never>,
): Promise<{ text: string }> {
  const { generator, found } = await editable(context.models, model);
  const planned = planLatents(plan, generator.latentSize, generator.classes);
  const keys = Array.from({ length: planned.count }, (_, i) => {
    const { seed, classIndex } = planned.describe(i);
    return seed === null ? null : { seed, classIndex };
  });
  const active = activeEdits(edits);
  const layers = found.forEdits(active);
  // Says what does not fit, in words, before a script does in a traceback.
  const edited = new Set(editedLayers(active, layers, keys).map(({ tensor }) => tensor));
  const types = elementTypes(generator.file.graph);
  const code = layers
    .filter(({ tensor }) => edited.has(tensor))
    .map(
      (layer): EditedLayerCode => ({
        ...{ layer: layer.name, tensor: layer.tensor, units: layer.units, resolution: layer.resolution },
        channelAxis: layer.channelAxis,
        type: TYPES[types.get(layer.tensor) ?? 1] ?? 'FLOAT',
        edits: active
          .filter((edit) => isOfLayer(layer, edit))
          .map((edit) => ({ edit, places: placesOf(edit, keys) })),
      }),
    );
  const graph = editedGraphCode(code, model.path);
  return { text: latentCode(plan, { ...codeOptions(generator, { model, plan }), graph }) };
}

/** By TensorProto.DataType. */
const TYPES: Readonly<Record<number, EditedLayerCode['type']>> = {
  1: 'FLOAT',
  10: 'FLOAT16',
  11: 'DOUBLE',
  16: 'BFLOAT16',
};

function placesOf(edit: Edit, keys: readonly (LatentKey | null)[]): number[] | null {
  return edit.samples && keys.flatMap((key, i) => (appliesTo(edit, key) ? [i] : []));
}
