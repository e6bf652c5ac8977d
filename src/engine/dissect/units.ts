/** `activity`, `unitPictures`, `unitsAt`: what units do, before and after anybody names them. */
import { Bilinear } from '../../algorithms/dissection/bilinear.ts';
import { TopSamples } from '../../algorithms/dissection/topSamples.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { Frames, WorkProgress } from '../../shared/protocol.ts';
import { planCount } from '../../shared/samples/latents.ts';
import type {
  ActivityParams,
  UnitActivity,
  UnitPictures,
  UnitPicturesParams,
  UnitsAt,
  UnitsAtParams,
} from '../../shared/units/dissection.ts';
import type { LayerMaps } from '../generator/layerSession.ts';
import { workProgress } from '../kernel/progress.ts';
import type { TaskContext } from '../models/context.ts';
import { layersIn } from '../open/layers.ts';
import { requireUnchanged } from '../open/modelFile.ts';
import { joinPictures, toPictures } from '../pictures/pixels.ts';
import { type PictureStack, shrink } from '../runtime/imageCodec.ts';
import { layerMaps } from '../samples/layerMaps.ts';

export async function activity(
  params: ActivityParams,
  context: TaskContext<WorkProgress>,
): Promise<UnitActivity> {
  requireUnchanged(params.model, params.stamp);
  const { generator, layer } = await layerOf(params, context);
  const { plan } = params;
  const total = planCount(plan);
  const progress = workProgress(total, context.report);
  let tally: Tally | null = null;
  for await (const { at, part } of layerMaps(generator, { plan, layer }, false, context.signal)) {
    tally ??= new Tally(part, params.k);
    for (let i = 0; i < part.count; i++) tally.add(at + part.first + i, part, i);
    progress(at + part.first + part.count);
  }
  if (tally === null) throw nothing();
  return tally.result(params.tensor, total);
}

async function layerOf(
  { model, tensor }: ActivityParams | UnitPicturesParams | UnitsAtParams,
  { models }: TaskContext<never>,
) {
  const generator = await models.generator(model);
  return { generator, layer: (await layersIn(generator)).named(tensor) };
}

/** Sums over a layer's maps, unit by unit. */
class Tally {
  readonly #cells: number;
  readonly #units: number;
  readonly #sum: Float64Array;
  readonly #above: Float64Array;
  readonly #peak: Float32Array;
  readonly #top: TopSamples;

  constructor({ shapes }: LayerMaps, k: number) {
    const [, units = 0, height = 0, width = 0] = shapes[0] ?? [];
    this.#units = units;
    this.#cells = height * width;
    this.#sum = new Float64Array(units);
    this.#above = new Float64Array(units);
    this.#peak = new Float32Array(units).fill(-Infinity);
    this.#top = new TopSamples(units, k);
  }

  add(index: number, { maps }: LayerMaps, i: number): void {
    const values = maps[0] as Float32Array;
    for (let unit = 0; unit < this.#units; unit++) {
      const from = (i * this.#units + unit) * this.#cells;
      let sum = 0;
      let above = 0;
      let peak = -Infinity;
      for (let at = from; at < from + this.#cells; at++) {
        const value = values[at] as number;
        sum += value;
        if (value > 0) above++;
        if (value > peak) peak = value;
      }
      this.#sum[unit] = (this.#sum[unit] as number) + sum;
      this.#above[unit] = (this.#above[unit] as number) + above;
      if (peak > (this.#peak[unit] as number)) this.#peak[unit] = peak;
      this.#top.add(unit, index, peak);
    }
  }

  result(layer: string, samples: number): UnitActivity {
    const cells = samples * this.#cells;
    return {
      ...{ layer, samples, k: this.#top.k },
      mean: Float32Array.from(this.#sum, (sum) => sum / cells),
      peak: this.#peak,
      active: Float32Array.from(this.#above, (count) => count / cells),
      top: this.#top.indices,
      topValues: Float32Array.from(this.#top.values),
    };
  }
}

export async function unitPictures(
  params: UnitPicturesParams,
  context: TaskContext<never>,
): Promise<UnitPictures> {
  requireUnchanged(params.model, params.stamp);
  const { generator, layer } = await layerOf(params, context);
  const { plan } = params;
  const total = planCount(plan);
  const stacks: PictureStack[] = [];
  let maps = new Float32Array(0);
  let size: readonly [number, number] = [0, 0];
  for await (const { at, part } of layerMaps(
    generator,
    { plan, layer },
    params.maxSide > 0,
    context.signal,
  )) {
    const [, units = 0, height = 0, width = 0] = part.shapes[0] ?? [];
    const cells = height * width;
    if (maps.length === 0) {
      size = [height, width];
      maps = new Float32Array(total * cells);
    }
    for (let i = 0; i < part.count; i++) {
      const index = at + part.first + i;
      const unit = requireUnit(params.units[index], units);
      const from = (i * units + unit) * cells;
      maps.set((part.maps[0] as Float32Array).subarray(from, from + cells), index * cells);
    }
    if (part.image) stacks.push(toPictures(part.image, generator.imageRole).pictures);
  }
  const frames = stacks.length > 0 ? await framesOf(stacks, params.maxSide) : null;
  return { frames, maps, height: size[0], width: size[1] };
}

export async function unitsAt(params: UnitsAtParams, context: TaskContext<never>): Promise<UnitsAt> {
  requireUnchanged(params.model, params.stamp);
  const { generator, layer } = await layerOf(params, context);
  const { plan } = params;
  const { width, height } = generator.image;
  const x = Math.min(width - 1, Math.max(0, Math.floor(params.x * width)));
  const y = Math.min(height - 1, Math.max(0, Math.floor(params.y * height)));
  for await (const { part } of layerMaps(generator, { plan, layer }, false, context.signal)) {
    const [, units = 0, h = 0, w = 0] = part.shapes[0] ?? [];
    const bilinear = new Bilinear([h, w], [height, width]);
    const map = new Float32Array(bilinear.pixels);
    return {
      values: Float32Array.from({ length: units }, (_, unit) => {
        bilinear.enlarge(part.maps[0] as Float32Array, unit * h * w, map);
        return map[y * width + x] as number;
      }),
    };
  }
  throw nothing();
}

async function framesOf(stacks: readonly PictureStack[], maxSide: number): Promise<Frames> {
  const { count, width, height, data } = await shrink(joinPictures(stacks), maxSide);
  return { offset: 0, count, width, height, encoding: 'rgba', data };
}

function requireUnit(unit: number | undefined, units: number): number {
  if (unit !== undefined && Number.isInteger(unit) && unit >= 0 && unit < units) return unit;
  throw new GenscopeError('input.invalid', `There is no unit ${unit}.`, `Units go from 0 to ${units - 1}.`);
}

function nothing(): GenscopeError {
  return new GenscopeError('input.invalid', 'There are no samples in this plan.', 'Ask for one or more.');
}
