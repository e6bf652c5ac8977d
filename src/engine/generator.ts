/** A loaded generator: latents and classes in, image tensors out, whatever its inputs are called. */
import type { ModelProto } from 'onnx-buf';
import type { RoleGuesses } from '../onnx/roles.ts';
import { GenscopeError } from '../shared/errors.ts';
import type { ImageRole, InputRole } from '../shared/roles.ts';
import {
  buildFeeds,
  classCount,
  type FeedRequest,
  type LatentInput,
  latentInputs,
  type NoiseSource,
} from './feeds.ts';
import { imageSize } from './pixels.ts';
import type { Session, TensorValue } from './runtime/session.ts';

/** What the generator was found to be when it was opened. */
export interface GeneratorParts {
  readonly fileName: string;
  readonly session: Session;
  readonly inputRoles: Readonly<Record<string, InputRole>>;
  readonly imageName: string;
  readonly imageRole: ImageRole;
  readonly batch: 'free' | 'loop';
  readonly batchReason: string;
  readonly guesses: RoleGuesses;
  readonly classNames: readonly string[];
  /** Inputs that surgery made of random nodes. */
  readonly noise: ReadonlyMap<string, NoiseSource>;
  /** The graph with its noise pinned, at the batch the file has: what surgery starts from. */
  readonly model: ModelProto;
  readonly warnings: readonly string[];
}

export class Generator {
  readonly fileName: string;
  readonly imageName: string;
  readonly imageRole: ImageRole;
  readonly inputRoles: Readonly<Record<string, InputRole>>;
  readonly batch: 'free' | 'loop';
  readonly batchReason: string;
  /** The guesses behind the roles, with what the first run showed. */
  readonly guesses: RoleGuesses;
  /** From the sidecar; empty where nobody named the classes. */
  readonly classNames: readonly string[];
  readonly warnings: readonly string[];
  readonly latents: readonly LatentInput[];
  /** Length of the latent that one sample is made from: the sum over latent inputs, in graph order. */
  readonly latentSize: number;
  readonly classes: number;
  readonly session: Session;
  readonly noise: ReadonlyMap<string, NoiseSource>;
  readonly model: ModelProto;
  readonly #parts: GeneratorParts;
  readonly #shape: readonly number[];
  readonly #image: { width: number; height: number; channels: number };

  constructor(parts: GeneratorParts, imageShape: readonly number[]) {
    this.#parts = parts;
    this.#shape = imageShape;
    this.fileName = parts.fileName;
    this.session = parts.session;
    this.imageName = parts.imageName;
    this.imageRole = parts.imageRole;
    this.inputRoles = parts.inputRoles;
    this.batch = parts.batch;
    this.batchReason = parts.batchReason;
    this.guesses = parts.guesses;
    this.classNames = parts.classNames;
    this.noise = parts.noise;
    this.model = parts.model;
    this.warnings = parts.warnings;
    this.latents = latentInputs(parts.session, parts.inputRoles, parts.fileName);
    this.latentSize = this.latents.reduce((sum, input) => sum + input.size, 0);
    this.classes = classCount(parts.inputRoles);
    const { width, height, channels } = imageSize(imageShape, parts.imageRole.layout);
    this.#image = { width, height, channels };
  }

  /** The same generator with another explanation of its batch. */
  with(batchReason: string): Generator {
    return new Generator({ ...this.#parts, batchReason }, this.#shape);
  }

  get image(): { readonly width: number; readonly height: number; readonly channels: number } {
    return this.#image;
  }

  /** Milliseconds spent inside the runtime so far. */
  get runMs(): number {
    return this.session.runMs;
  }

  /** Image tensors [count, …] for latents [count, latentSize]; one run when the batch is free, else one a sample. */
  async run(request: FeedRequest): Promise<TensorValue> {
    if (this.batch === 'free' || request.count === 1) return this.#runOnce(request);
    const images: TensorValue[] = [];
    for (let i = 0; i < request.count; i++) images.push(await this.#runOnce(rowOf(request, i, this)));
    return concatenate(images);
  }

  async release(): Promise<void> {
    await this.session.release();
  }

  /** Every output of one run. */
  async runAll(request: FeedRequest): Promise<Record<string, TensorValue>> {
    return this.session.run(buildFeeds(this.session, this.inputRoles, this.latents, request, this.noise));
  }

  async #runOnce(request: FeedRequest): Promise<TensorValue> {
    const outputs = await this.runAll(request);
    const image = outputs[this.imageName];
    if (!image) {
      throw new GenscopeError(
        'model.rolesUnknown',
        `The model has no output named ${this.imageName}.`,
        'Choose the image output again.',
        {
          next: ['answerRoles'],
        },
      );
    }
    return image;
  }
}

function rowOf(request: FeedRequest, i: number, generator: Generator): FeedRequest {
  const { latentSize, classes } = generator;
  return {
    ...request,
    count: 1,
    latents: request.latents.subarray(i * latentSize, (i + 1) * latentSize),
    classWeights: request.classWeights.subarray(i * classes, (i + 1) * classes),
    seeds: request.seeds.slice(i, i + 1),
  };
}

function concatenate(tensors: readonly TensorValue[]): TensorValue {
  const [first] = tensors;
  if (!first)
    throw new GenscopeError('input.invalid', 'There is nothing to run.', 'Ask for at least one sample.');
  const Data = first.data.constructor as new (length: number) => TensorValue['data'];
  const data = new Data(tensors.reduce((sum, tensor) => sum + tensor.data.length, 0));
  let at = 0;
  for (const tensor of tensors) {
    // Same constructor for all: they are the same output of the same session.
    (data as Float32Array).set(tensor.data as Float32Array, at);
    at += tensor.data.length;
  }
  return { dtype: first.dtype, shape: [tensors.length, ...first.shape.slice(1)], data };
}
