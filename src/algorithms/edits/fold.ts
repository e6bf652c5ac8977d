/** A stack of edits of one layer as two tensors: r′ = A·r + B (the form that `surgery/intervene` adds to a graph). */
import type { Edit } from '../../shared/edits/edits.ts';
import type { LatentKey } from '../../shared/samples/latents.ts';

/** float32, of a shape that broadcasts to [N, units, h, w]; dimensions that nothing varies along are 1. */
export interface Affine {
  readonly shape: readonly [number, number, number, number];
  readonly scale: Float32Array;
  readonly shift: Float32Array;
}

export interface FoldTarget {
  readonly units: number;
  readonly resolution: readonly [number, number];
  /** Which sample each row is; null along interpolations, where edits of chosen samples do not apply. */
  readonly samples: readonly (LatentKey | null)[];
}

/**
 * With weight m of an edit at a place (its region's weight, 0 in samples it leaves out) and strength a, one edit is
 *
 *   r ← (1 − a·m)·r + a·m·(s·r + t)
 *
 * and the stack is their composition, first edit first. Edits are taken as they are: leave out muted ones before.
 *
 * @throws RangeError for a unit or a region that the layer has not
 */
export function foldEdits(edits: readonly Edit[], target: FoldTarget): Affine {
  const { units, resolution, samples } = target;
  const [h, w] = resolution;
  const rows = edits.some((edit) => edit.samples !== null) ? samples.length : 1;
  const isLocal = edits.some(({ region }) => region !== null);
  const cells = isLocal ? h * w : 1;
  const scale = new Float64Array(rows * units * cells).fill(1);
  const shift = new Float64Array(scale.length);
  for (const edit of edits) {
    const weights = weightsOf(edit, cells, resolution);
    for (let row = 0; row < rows; row++) {
      if (!appliesTo(edit, samples[row])) continue;
      for (const change of edit.units) {
        if (change.unit < 0 || change.unit >= units) throw new RangeError(`There is no unit ${change.unit}.`);
        const base = (row * units + change.unit) * cells;
        for (let cell = 0; cell < cells; cell++) {
          const share = edit.strength * (weights === null ? 1 : (weights[cell] as number));
          const s = 1 + share * (change.scale - 1);
          const at = base + cell;
          scale[at] = s * (scale[at] as number);
          shift[at] = s * (shift[at] as number) + share * change.shift;
        }
      }
    }
  }
  return {
    shape: isLocal ? [rows, units, h, w] : [rows, units, 1, 1],
    // Not `from`, which goes through an iterator: a brush at a large layer has millions of values.
    scale: new Float32Array(scale),
    shift: new Float32Array(shift),
  };
}

/** The region's weights for each cell; null where the edit holds everywhere. */
function weightsOf(
  { region, layer }: Edit,
  cells: number,
  [h, w]: readonly [number, number],
): readonly number[] | null {
  if (region === null) return null;
  if (region.height !== h || region.width !== w || region.weights.length !== cells)
    throw new RangeError(`${layer} has ${h}×${w} cells, not ${region.height}×${region.width}.`);
  return region.weights;
}

/** Null, a place between keys of an interpolation, is among no chosen samples. */
export function appliesTo({ samples }: Edit, sample: LatentKey | null | undefined): boolean {
  if (samples === null) return true;
  if (!sample) return false;
  return samples.some(({ seed, classIndex }) => seed === sample.seed && classIndex === sample.classIndex);
}

/** Whether the two tensors change nothing. */
export function isIdentity({ scale, shift }: Affine): boolean {
  return isFilledWith(scale, 1) && isFilledWith(shift, 0);
}

/** As `every`, without a call for each of them. */
function isFilledWith(values: Float32Array, value: number): boolean {
  for (let i = 0; i < values.length; i++) if (values[i] !== value) return false;
  return true;
}
