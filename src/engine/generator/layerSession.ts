/** A generator opened at some of its layers: feature maps of samples, with their pictures if wanted. */

import { upTo } from '../../onnx/surgery/upTo.ts';
import type { LayerDescription } from '../../shared/generator/model.ts';
import { channelsFirst } from '../../shared/kernel/channels.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { FeedRequest } from '../feeds/feeds.ts';
import { asNumbers } from '../pictures/pixels.ts';
import type { Session, TensorValue } from '../runtime/session.ts';
import { type Generator, partsOf } from './generator.ts';

/** Feature maps of the samples `first` … `first + count − 1` of a request. */
export interface LayerMaps {
  readonly first: number;
  readonly count: number;
  /** float32 [count, units, h, w] of each layer, in the order they were asked for. */
  readonly maps: readonly Float32Array[];
  /** [count, units, h, w] of each, whatever the order in the graph. */
  readonly shapes: readonly (readonly number[])[];
  readonly image: TensorValue | null;
}

/** Where feature maps are in a graph. */
export type LayerPlace = Pick<LayerDescription, 'tensor' | 'channelAxis'>;

export class LayerSession {
  readonly #generator: Generator;
  readonly #layers: readonly LayerPlace[];
  readonly #session: Session;

  private constructor(generator: Generator, layers: readonly LayerPlace[], session: Session) {
    this.#generator = generator;
    this.#layers = layers;
    this.#session = session;
  }

  /**
   * @param withPicture false runs the graph only as far as the deepest of the layers
   * @throws GenscopeError `input.invalid` for a layer that is not there, else as creating a session does
   */
  static async open(
    generator: Generator,
    layers: readonly LayerPlace[],
    withPicture: boolean,
  ): Promise<LayerSession> {
    const { running, open } = generator.mapped;
    const tensors = layers.map(({ tensor }) => tensor);
    const wanted = withPicture ? [...tensors, generator.imageName] : tensors;
    return new LayerSession(generator, layers, await open(upTo(running, wanted)));
  }

  get runMs(): number {
    return this.#session.runMs;
  }

  /** One run when the generator's batch is free, else as many as it takes. */
  async *run(request: FeedRequest): AsyncGenerator<LayerMaps> {
    for (const part of partsOf(request, this.#generator)) yield await this.#runOnce(part.request, part.first);
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  async #runOnce(request: FeedRequest, first: number): Promise<LayerMaps> {
    const generator = this.#generator;
    const outputs = await this.#session.run(generator.mapped.feeds(this.#session, request));
    const image = outputs[generator.imageName];
    const maps = this.#layers.map(({ tensor, channelAxis }) => {
      const value = outputs[tensor];
      if (value === undefined) throw noLayer(tensor);
      return mapsOf(generator.rows(value, request.count), channelAxis);
    });
    return {
      first,
      count: request.count,
      maps: maps.map(({ data }) => data),
      shapes: maps.map(({ shape }) => shape),
      image: image === undefined ? null : generator.pictures(image, request.count),
    };
  }
}

/** A layer's value as float32 [N, C, h, w]. */
export function mapsOf(
  { data, dtype, shape }: TensorValue,
  channelAxis: 1 | 3,
): { data: Float32Array; shape: readonly number[] } {
  const numbers = asNumbers(data, dtype);
  if (channelAxis === 1) return { data: asFloats(numbers), shape };
  const [rows = 1, h = 1, w = 1, units = 1] = shape;
  return { data: channelsFirst(numbers, shape), shape: [rows, units, h, w] };
}

function asFloats(numbers: ArrayLike<number>): Float32Array {
  return numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
}

function noLayer(name: string): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    `The model did not give out its layer “${name}”.`,
    'Choose one of the layers that it lists.',
  );
}
