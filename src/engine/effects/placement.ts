/** `placement`: where a concept can be put, by location and by what was there before (arXiv 1811.10597, section 4.4). */

import type { LabelMap } from '../../algorithms/dissection/labelMap.ts';
import { type Affine, foldEdits } from '../../algorithms/edits/fold.ts';
import { PlacementTally, type Tile, tilesOf } from '../../algorithms/effects/placement.ts';
import type { EffectProgress, Placement, PlacementParams } from '../../shared/effects/effects.ts';
import type { LayerDescription } from '../../shared/generator/model.ts';
import type { TaskContext } from '../models/context.ts';
import { checkedUnits, Study } from './study.ts';

/** @throws GenscopeError `input.invalid` for a layer, unit or concept that is not there; `request.cancelled` between batches */
export async function placement(
  params: PlacementParams,
  context: TaskContext<EffectProgress>,
): Promise<Placement> {
  const started = performance.now();
  const { settings } = params;
  const study = await Study.open(params, context);
  try {
    const { layer } = study;
    const units = checkedUnits(settings.units, layer.units);
    const means = await study.means();
    const tally = await tryAll(study, units, means.inside(), params);
    const [height, width] = layer.resolution;
    return {
      ...{ schema: 1, ...(await study.about()), settings, layer: layer.name, concept: study.concept, units },
      map: { height, width, gained: tally.gained() },
      table: tally.table().map(({ before, tries, taken }) => ({
        ...{ before: study.names[before] ?? '', tries, taken },
      })),
      ...{ ms: performance.now() - started, warnings: study.warnings(means) },
    };
  } finally {
    await study.release();
  }
}

/** Every sample with the units inserted into every tile of the layer, one after the other. */
async function tryAll(
  study: Study,
  units: readonly number[],
  values: Float64Array,
  { settings: { samples, seed, patch } }: PlacementParams,
): Promise<PlacementTally> {
  const { layer, runner, chosen, progress } = study;
  const tiles = tilesOf(layer.resolution, patch);
  const tally = new PlacementTally(layer.resolution, chosen, samples);
  progress.begin('measuring', samples * (1 + tiles.length));
  const before = new Map<number, LabelMap>();
  const places = Array.from({ length: samples }, (_, i) => i);
  await runner.visit(study.plan(seed, samples), places, 1 + tiles.length, {
    condition: (i) => (i === 0 ? null : insertedInto(tiles[i - 1] as Tile, layer, units, values)),
    labels: (i, image, map) => {
      if (i === 0) before.set(image, map);
      else tally.add(image, tiles[i - 1] as Tile, before.get(image) as LabelMap, map);
      if (i === tiles.length) before.delete(image);
    },
  });
  return tally;
}

function insertedInto(
  { top, bottom, left, right }: Tile,
  { resolution: [height, width], units: count }: LayerDescription,
  units: readonly number[],
  values: Float64Array,
): Affine {
  const inside = (cell: number) => {
    const [y, x] = [Math.floor(cell / width), cell % width];
    return y >= top && y < bottom && x >= left && x < right;
  };
  const weights = Array.from({ length: height * width }, (_, cell) => (inside(cell) ? 1 : 0));
  return foldEdits(
    [
      {
        ...{ id: '', name: '', layer: '', tensor: '', strength: 1, muted: false, samples: null },
        intent: { kind: 'insert', from: 'conceptMean' },
        units: units.map((unit) => ({ unit, scale: 0, shift: values[unit] as number })),
        region: { height, width, weights },
      },
    ],
    { units: count, resolution: [height, width], samples: [] },
  );
}
