/** Edits that were made for another generator, or for an earlier one: what of them fits this one. Pure. */
import type { Edit } from '../../src/shared/edits/edits.ts';
import type { LayerDescription } from '../../src/shared/generator/model.ts';

/** What of an edit does not fit. */
export type Misfit =
  | { readonly kind: 'layer'; readonly name: string; readonly layer: string }
  /** Some of its units are not there; none of them: the edit is left out. */
  | { readonly kind: 'units'; readonly name: string; readonly lost: number; readonly of: number }
  /** Painted in cells of another size. */
  | { readonly kind: 'region'; readonly name: string; readonly layer: string };

export interface Fit {
  readonly edits: readonly Edit[];
  readonly misfits: readonly Misfit[];
}

export function fitted(edits: readonly Edit[], layers: readonly LayerDescription[]): Fit {
  const fits: Edit[] = [];
  const misfits: Misfit[] = [];
  for (const edit of edits) {
    const layer = layerOf(edit, layers);
    if (layer === undefined) {
      misfits.push({ kind: 'layer', name: edit.name, layer: edit.layer });
      continue;
    }
    const [height, width] = layer.resolution;
    const { region } = edit;
    if (region !== null && (region.height !== height || region.width !== width)) {
      misfits.push({ kind: 'region', name: edit.name, layer: layer.name });
      continue;
    }
    const units = edit.units.filter(({ unit }) => unit < layer.units);
    const lost = edit.units.length - units.length;
    if (lost > 0) misfits.push({ kind: 'units', name: edit.name, lost, of: edit.units.length });
    if (units.length === 0 && lost > 0) continue;
    const same = lost === 0 && edit.tensor === layer.tensor && edit.layer === layer.name;
    fits.push(same ? edit : { ...edit, units, tensor: layer.tensor, layer: layer.name });
  }
  return { edits: fits, misfits };
}

/** By tensor, or, in what a person wrote, by the layer's name; the engine finds it the same way. */
export function layerOf(
  { tensor, layer }: Pick<Edit, 'tensor' | 'layer'>,
  layers: readonly LayerDescription[],
): LayerDescription | undefined {
  return (
    layers.find((one) => one.tensor === tensor) ??
    layers.find((one) => one.name === tensor || one.name === layer)
  );
}
