/** A stack of edits as what the graph takes: one A and B for each edited layer, in graph order. */
import { type Affine, foldEdits } from '../../algorithms/edits/fold.ts';
import type { Edit } from '../../shared/edits/edits.ts';
import type { LayerDescription } from '../../shared/generator/model.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { LatentKey } from '../../shared/samples/latents.ts';

export interface EditedLayer {
  readonly tensor: string;
  /** Of the tensor; A and B are [N, C, h, w] whatever it is, and turned round where they go into the graph. */
  readonly channelAxis: 1 | 3;
  readonly affine: Affine;
}

/**
 * An edit of strength 0 is among them, so that a slider on its way through 0 finds the sessions it had.
 *
 * @param layers the generator's, in graph order
 * @param samples which sample each row is; null between keys of an interpolation
 * @throws GenscopeError `input.invalid` for an edit of a layer, unit or region that this generator has not
 */
export function editedLayers(
  edits: readonly Edit[],
  layers: readonly LayerDescription[],
  samples: readonly (LatentKey | null)[],
): readonly EditedLayer[] {
  const active = edits.filter(({ muted, units }) => !muted && units.length > 0);
  for (const edit of active)
    if (!layers.some((layer) => isOfLayer(layer, edit))) throw noSuchLayer(edit, layers);
  return layers.flatMap((layer) => {
    const own = active.filter((edit) => isOfLayer(layer, edit));
    if (own.length === 0) return [];
    const { units, resolution, tensor, channelAxis } = layer;
    try {
      return [{ tensor, channelAxis, affine: foldEdits(own, { units, resolution, samples }) }];
    } catch (thrown) {
      throw doesNotFit(layer, thrown);
    }
  });
}

/** By tensor, or, in what a person wrote, by the layer's name. */
export function isOfLayer({ name, tensor }: LayerDescription, edit: Edit): boolean {
  return edit.tensor === tensor || edit.tensor === name;
}

/** Two stacks with the same text give the same picture: what cached feature maps are found by. */
export function textOf(stack: readonly EditedLayer[]): string {
  return stack
    .map(({ tensor, affine: { shape, scale, shift } }) =>
      [tensor, shape.join(), base64(scale), base64(shift)].join('|'),
    )
    .join('\n');
}

/** Short, for finding out which layer a person has just changed: two edits with the same one may, rarely, differ. */
export function fingerprint({ tensor, affine: { shape, scale, shift } }: EditedLayer): string {
  return [tensor, shape.join(), checksum(scale), checksum(shift)].join('|');
}

/** FNV-1a, over words. */
function checksum(values: Float32Array): number {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let hash = 0x811c9dc5;
  for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ (words[i] as number), 0x01000193);
  return hash >>> 0;
}

function base64(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}

function noSuchLayer({ name, layer }: Edit, layers: readonly LayerDescription[]): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    `The edit “${name}” is of a layer “${layer}”, which this generator has not.`,
    `Its layers are ${layers.map((one) => one.name).join(', ')}: choose one of them, or remove the edit.`,
  );
}

function doesNotFit({ name }: LayerDescription, thrown: unknown): GenscopeError {
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  return new GenscopeError(
    'input.invalid',
    `An edit of ${name} does not fit it: ${why}`,
    'It was made for another generator: make it anew on this one.',
  );
}
