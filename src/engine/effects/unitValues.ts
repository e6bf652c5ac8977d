/** `unitValues`: what the units of a layer do over some samples, and where a concept is: what edits set them to. */
import { ValueSketch } from '../../algorithms/dissection/valueSketch.ts';
import { ConditionalMeans, presence } from '../../algorithms/effects/conditionalMean.ts';
import { TopMeans } from '../../algorithms/effects/topMeans.ts';
import type { UnitValues, UnitValuesParams } from '../../shared/edits/interventions.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { WorkProgress } from '../../shared/protocol.ts';
import type { LatentPlan } from '../../shared/samples/latents.ts';
import type { Labeller } from '../dissect/imageReader.ts';
import { mapSize } from '../dissect/maps.ts';
import { editable } from '../edits/open.ts';
import type { Generator } from '../generator/generator.ts';
import type { LayerMaps } from '../generator/layerSession.ts';
import { workProgress } from '../kernel/progress.ts';
import type { TaskContext } from '../models/context.ts';
import { requireUnchanged } from '../open/modelFile.ts';
import { toPictures } from '../pictures/pixels.ts';
import { layerMaps } from '../samples/layerMaps.ts';

/** Longest side of the label maps. */
const RESOLUTION = 256;

/** @throws GenscopeError `input.invalid` for a layer or concept that is not there, `request.cancelled` between batches */
export async function unitValues(
  params: UnitValuesParams,
  context: TaskContext<WorkProgress>,
): Promise<UnitValues> {
  requireUnchanged(params.model, params.stamp);
  const { generator, found, edited } = await editable(context.models, params.model);
  const { source, seed, samples, tensor } = params;
  const layer = found.named(tensor);
  const labeller = await labellerFor(params, context);
  const plan: LatentPlan = { kind: 'seeds', source, seed, count: samples, classes: 'all' };
  const progress = workProgress(samples, context.report);
  let tally: ValueTally | null = null;
  for await (const { at, part } of layerMaps(generator, { plan, layer }, labeller !== null, context.signal)) {
    const [, units = 0, h = 0, w = 0] = part.shapes[0] ?? [];
    tally ??= new ValueTally(units, h * w, samples);
    const shares = await sharesOf(part, { generator, labeller, cells: [h, w], params });
    for (let i = 0; i < part.count; i++)
      tally.add(part.maps[0] as Float32Array, i * units * h * w, shares[i] ?? NOWHERE);
    progress(at + part.first + part.count);
  }
  if (tally === null) throw new TypeError('A plan has a sample.');
  // Whoever asks for these values is about to edit the layer: the first edit need not wait for its sessions.
  await edited.prepare(tensor);
  return { ...tally.result(params.quantile), samples, seed };
}

const NOWHERE = new Float64Array(0);

async function labellerFor(
  { segmenter, concepts }: UnitValuesParams,
  { models }: TaskContext<WorkProgress>,
): Promise<Labeller | null> {
  if (segmenter === null || concepts.length === 0) return null;
  const opened = await models.segmenter(segmenter);
  const known = opened.description.concepts.length;
  const wrong = concepts.find((concept) => concept >= known);
  if (wrong === undefined) return opened;
  throw new GenscopeError(
    'input.invalid',
    `The segmenter has no concept number ${wrong}.`,
    `Concepts go from 0 to ${known - 1}.`,
  );
}

interface Shares {
  readonly generator: Generator;
  readonly labeller: Labeller | null;
  readonly cells: readonly [number, number];
  readonly params: UnitValuesParams;
}

/** Share of each cell that shows the concepts, for each picture; none without a labeller. */
async function sharesOf(
  { image }: LayerMaps,
  { generator, labeller, cells, params }: Shares,
): Promise<readonly Float64Array[]> {
  if (labeller === null || image === null) return [];
  const { pictures } = toPictures(image, generator.imageRole);
  const maps = await labeller.segment(pictures, mapSize(generator.image, RESOLUTION));
  return maps.map((map) => presence(map, cells, new Set(params.concepts)));
}

class ValueTally {
  readonly #cells: number;
  readonly #means: ConditionalMeans;
  readonly #top: TopMeans;
  readonly #sketches: readonly ValueSketch[];
  #images = 0;
  #shown = 0;

  constructor(units: number, cells: number, images: number) {
    this.#cells = cells;
    this.#means = new ConditionalMeans(units, cells);
    this.#top = new TopMeans(units, cells, images);
    this.#sketches = Array.from({ length: units }, () => new ValueSketch());
  }

  /** @param shares of the concept in each cell; empty where nobody looks */
  add(maps: Float32Array, offset: number, shares: Float64Array): void {
    const weights = shares.length > 0 ? shares : new Float64Array(this.#cells);
    this.#means.add(maps, offset, weights);
    this.#top.add(maps, offset, weights);
    this.#sketches.forEach((sketch, unit) => {
      const from = offset + unit * this.#cells;
      sketch.add(maps.subarray(from, from + this.#cells), this.#cells);
    });
    this.#images++;
    if (weights.some((weight) => weight > 0)) this.#shown++;
  }

  result(quantile: number): Omit<UnitValues, 'samples' | 'seed'> {
    return {
      minimum: Float32Array.from(this.#means.lowest()),
      mean: Float32Array.from(this.#means.everywhere()),
      quantile: Float32Array.from(this.#sketches, (sketch) => sketch.quantile(quantile)),
      conceptMean: this.#means.weight > 0 ? Float32Array.from(this.#means.inside()) : null,
      topMean: this.#top.result(),
      present: this.#shown / Math.max(1, this.#images),
    };
  }
}
