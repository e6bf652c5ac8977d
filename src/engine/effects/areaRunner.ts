/** Segmented areas of the same samples under many edits of one layer: the prefix runs once for all of them. */

import type { LabelMap } from '../../algorithms/dissection/labelMap.ts';
import type { Affine } from '../../algorithms/edits/fold.ts';
import { areasOf } from '../../algorithms/effects/areas.ts';
import { ConditionalMeans, presence } from '../../algorithms/effects/conditionalMean.ts';
import { type PlannedLatents, planLatents } from '../../algorithms/latent/plan.ts';
import type { LayerDescription } from '../../shared/generator/model.ts';
import type { LatentPlan } from '../../shared/samples/latents.ts';
import type { Labeller } from '../dissect/imageReader.ts';
import { ActivationCache } from '../edits/activationCache.ts';
import { CutGenerator } from '../edits/cutGenerator.ts';
import type { FeedRequest } from '../feeds/feeds.ts';
import type { Generator } from '../generator/generator.ts';
import { mapsOf } from '../generator/layerSession.ts';
import { nextTurn, throwIfCancelled } from '../kernel/queue.ts';
import type { TensorShapes } from '../open/shapes.ts';
import { toPictures } from '../pictures/pixels.ts';
import type { TensorValue } from '../runtime/session.ts';
import { requestOf, requireFinite } from '../samples/sampling.ts';

export interface AreaRunnerOptions {
  readonly generator: Generator;
  readonly shapes: TensorShapes;
  readonly layer: LayerDescription;
  readonly labeller: Labeller;
  readonly concepts: number;
  /** Size of the label maps: height, width. */
  readonly maps: readonly [number, number];
  readonly signal: AbortSignal;
  /** Told after each picture segmented. */
  readonly onPictures: (count: number) => void;
}

/** Null: the graph as it is. */
export type Condition = Affine | null;

export interface Visitor {
  condition(i: number): Condition;
  /** @param place in the list of places asked for */
  labels(i: number, place: number, map: LabelMap): void;
}

const BATCH = 16;

export class AreaRunner {
  readonly #options: AreaRunnerOptions;
  readonly #cut: CutGenerator;
  readonly #cache = new ActivationCache();

  private constructor(options: AreaRunnerOptions, cut: CutGenerator) {
    this.#options = options;
    this.#cut = cut;
  }

  static async open(options: AreaRunnerOptions): Promise<AreaRunner> {
    const { generator, layer, shapes } = options;
    return new AreaRunner(
      options,
      await CutGenerator.open(generator, layer.tensor, [layer.tensor], shapes, 1),
    );
  }

  /**
   * Areas of every concept, float64 [samples · concepts] for each condition, over chosen places of a plan.
   * @throws GenscopeError `request.cancelled` between batches, `model.nonFinite`
   */
  async areas(
    plan: LatentPlan,
    places: readonly number[],
    conditions: readonly Condition[],
  ): Promise<Float64Array[]> {
    const { concepts } = this.#options;
    const found = conditions.map(() => new Float64Array(places.length * concepts));
    await this.visit(plan, places, conditions.length, {
      condition: (i) => conditions[i] as Condition,
      labels: (i, at, map) => areasOf(map, concepts, found[i] as Float64Array, at * concepts),
    });
    return found;
  }

  /**
   * Label maps under `count` conditions, batch by batch: each condition in turn, made when it is needed.
   * @throws GenscopeError as `areas`
   */
  async visit(
    plan: LatentPlan,
    places: readonly number[],
    count: number,
    { condition, labels }: Visitor,
  ): Promise<void> {
    for (const [at, batch] of this.#batches(places)) {
      const { request, crossing } = await this.#crossing(plan, batch);
      for (let i = 0; i < count; i++) {
        const maps = await this.#labels(request, crossing, condition(i));
        maps.forEach((map, k) => {
          labels(i, at + k, map);
        });
        await nextTurn();
        throwIfCancelled(this.#options.signal);
      }
    }
  }

  /** What the layer's units do where any of `chosen` is, and everywhere, over the first `count` samples of a plan. */
  async means(plan: LatentPlan, count: number, chosen: readonly number[]): Promise<ConditionalMeans> {
    const { layer } = this.#options;
    const [h, w] = layer.resolution;
    const means = new ConditionalMeans(layer.units, h * w);
    const wanted = new Set(chosen);
    for (const [, batch] of this.#batches(Array.from({ length: count }, (_, i) => i))) {
      const { request, crossing } = await this.#crossing(plan, batch);
      const maps = mapsOf(crossing[layer.tensor] as TensorValue, layer.channelAxis).data;
      const labels = await this.#labels(request, crossing, null);
      labels.forEach((map, k) => {
        means.add(maps, k * layer.units * h * w, presence(map, [h, w], wanted));
      });
      throwIfCancelled(this.#options.signal);
      await nextTurn();
    }
    return means;
  }

  async release(): Promise<void> {
    this.#cache.clear();
    await this.#cut.release();
  }

  *#batches(places: readonly number[]): IterableIterator<[number, readonly number[]]> {
    const size = Math.min(BATCH, this.#options.generator.rowsPerRun);
    for (let at = 0; at < places.length; at += size) yield [at, places.slice(at, at + size)];
  }

  async #crossing(plan: LatentPlan, places: readonly number[]) {
    const { generator } = this.#options;
    const request = pickedRequest(plan, places, generator);
    const key = JSON.stringify([plan, places]);
    const known = this.#cache.get(key)?.[0]?.tensors;
    if (known) return { request, crossing: known };
    const crossing = await this.#cut.crossing(request, [], 1);
    this.#cache.put(key, [{ tensors: crossing }]);
    return { request, crossing };
  }

  async #labels(request: FeedRequest, crossing: Readonly<Record<string, TensorValue>>, condition: Condition) {
    const { generator, labeller, layer, maps, onPictures } = this.#options;
    const stack =
      condition === null ? [] : [{ tensor: layer.tensor, channelAxis: layer.channelAxis, affine: condition }];
    const image = await this.#cut.image(request, crossing, stack, 1);
    const { pictures, nonFinite } = toPictures(image, generator.imageRole);
    requireFinite(nonFinite, image.data.length, generator.fileName);
    onPictures(pictures.count);
    return labeller.segment(pictures, maps);
  }
}

const planned = new WeakMap<LatentPlan, PlannedLatents>();

/** A request for samples that do not follow each other in their plan. */
function pickedRequest(plan: LatentPlan, places: readonly number[], generator: Generator): FeedRequest {
  const first = places[0] ?? 0;
  const isRun = places.every((place, i) => place === first + i);
  if (isRun) {
    const known = planned.get(plan) ?? planLatents(plan, generator.latentSize, generator.classes);
    planned.set(plan, known);
    return requestOf(known, plan, first, places.length, 'random');
  }
  if (plan.kind !== 'seeds') throw new TypeError('Only samples of seeds can be picked.');
  const picks: LatentPlan = { ...plan, kind: 'picks', indices: places };
  const made = planLatents(picks, generator.latentSize, generator.classes);
  return requestOf(made, picks, 0, places.length, 'random');
}
