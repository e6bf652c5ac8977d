/** The pictures of a report: for each unit its top samples with its mask, and what the segmenter sees in some samples. */
import { Bilinear } from '../../algorithms/dissection/bilinear.ts';
import { planLatents } from '../../algorithms/latent/plan.ts';
import type { LatentPlan } from '../../shared/samples/latents.ts';
import type { DissectedUnit, Dissection } from '../../shared/units/dissection.ts';
import type { Generator } from '../generator/generator.ts';
import { type LayerPlace, LayerSession } from '../generator/layerSession.ts';
import { nextTurn, throwIfCancelled } from '../kernel/queue.ts';
import { asGrid, toPictures } from '../pictures/pixels.ts';
import { encodeSmallPng, enlarge, type PictureStack, shrink } from '../runtime/imageCodec.ts';
import { requestOf } from '../samples/sampling.ts';
import { outlined } from './outline.ts';

/** Top samples shown of each unit. */
export const SHOWN = 5;
/** Longest side of a thumbnail in pixels. */
const SIDE = 96;
const BATCH = 16;

/** One PNG of pictures side by side. */
export interface Strip {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Strips by layer (its place in the dissection) and unit. */
export type Strips = ReadonlyMap<string, Strip>;

export function stripKey(layer: number, unit: number): string {
  return `${layer}/${unit}`;
}

/** A unit whose pictures are wanted. */
export interface WantedUnit {
  readonly layer: number;
  readonly unit: DissectedUnit;
}

/** The samples of the agreement pass at these places. */
export function picksOf({ settings }: Dissection, indices: readonly number[]): LatentPlan {
  const { source, seed, samples, classes } = settings;
  return { kind: 'picks', source, seed, count: samples, classes, indices };
}

/** Pictures made as large as a thumbnail: smaller with Lanczos, larger by whole numbers. */
export async function thumbnails(pictures: PictureStack): Promise<PictureStack> {
  const small = await shrink(pictures, SIDE);
  return enlarge(small, Math.floor(SIDE / Math.max(small.width, small.height)));
}

export async function stripOf(pictures: readonly PictureStack[]): Promise<Strip> {
  const { width, height, data } = asGrid(
    pictures,
    pictures.reduce((sum, { count }) => sum + count, 0),
  );
  return { png: await encodeSmallPng({ count: 1, width, height, data }), width, height };
}

/** Where in the strips a sample is wanted. */
interface Place extends WantedUnit {
  readonly slot: number;
}

/**
 * Each sample is made once, however many units it tops.
 * @param layers of the generator, those of the dissection in its order
 * @throws GenscopeError `request.cancelled` between batches
 */
export async function unitStrips(
  generator: Generator,
  { dissection, layers }: { readonly dissection: Dissection; readonly layers: readonly LayerPlace[] },
  wanted: readonly WantedUnit[],
  run: { readonly signal: AbortSignal; readonly progress: (done: number, total: number) => void },
): Promise<Strips> {
  const places = placesOf(wanted);
  const indices = [...places.keys()].sort((a, b) => a - b);
  const strips = new StripCollector();
  if (indices.length === 0) return strips.done;
  const plan = picksOf(dissection, indices);
  const planned = planLatents(plan, generator.latentSize, generator.classes);
  const session = await LayerSession.open(generator, layers, true);
  try {
    for (let at = 0; at < indices.length; at += BATCH) {
      throwIfCancelled(run.signal);
      const count = Math.min(BATCH, indices.length - at);
      for await (const part of session.run(requestOf(planned, plan, at, count, 'random'))) {
        if (part.image === null) continue;
        const pictures = await thumbnails(toPictures(part.image, generator.imageRole).pictures);
        const enlargers = dissection.layers.map(
          ({ resolution }) => new Bilinear(resolution, [pictures.height, pictures.width]),
        );
        for (let i = 0; i < part.count; i++) {
          for (const place of places.get(indices[at + part.first + i] as number) ?? []) {
            const maps = part.maps[place.layer] as Float32Array;
            const { cells } = enlargers[place.layer] as Bilinear;
            const offset = (maps.length / part.count) * i + place.unit.unit * cells;
            const map = { maps, offset, level: place.unit.level };
            await strips.add(place, outlined(pictures, i, enlargers[place.layer] as Bilinear, map));
          }
        }
      }
      run.progress(at + count, indices.length);
      await nextTurn();
    }
  } finally {
    await session.release();
  }
  return strips.done;
}

function placesOf(wanted: readonly WantedUnit[]): Map<number, Place[]> {
  const places = new Map<number, Place[]>();
  for (const { layer, unit } of wanted)
    unit.top.slice(0, SHOWN).forEach(({ index }, slot) => {
      const there = places.get(index);
      const place = { layer, unit, slot };
      if (there) there.push(place);
      else places.set(index, [place]);
    });
  return places;
}

/** Pictures of a unit wait until all are there, and are then kept as PNG alone. */
class StripCollector {
  readonly done = new Map<string, Strip>();
  readonly #open = new Map<string, PictureStack[]>();

  async add({ layer, unit, slot }: Place, picture: PictureStack): Promise<void> {
    const key = stripKey(layer, unit.unit);
    const row = this.#open.get(key) ?? [];
    row[slot] = picture;
    this.#open.set(key, row);
    if (row.filter(Boolean).length < Math.min(SHOWN, unit.top.length)) return;
    this.done.set(key, await stripOf(row));
    this.#open.delete(key);
  }
}
