/** A loaded generator: latents and classes in, image tensors out, whatever its inputs are called. */
import type { ModelProto } from 'onnx-buf';
import type { GraphIndex } from '../../onnx/graph.ts';
import type { RoleGuesses } from '../../onnx/roles/roles.ts';
import type { BatchMode, MappingDescription } from '../../shared/generator/model.ts';
import type { ImageRole, InputRole } from '../../shared/generator/roles.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { Embeddings } from '../feeds/embeddings.ts';
import {
  buildFeeds,
  classCount,
  type FeedRequest,
  type LatentInput,
  latentInputs,
  type NoiseSource,
} from '../feeds/feeds.ts';
import { firstRowsOf, withAllAxes } from '../feeds/fixedRows.ts';
import { firstRows } from '../feeds/probe.ts';
import type { ModelFile } from '../open/modelFile.ts';
import type { RunnableGraph } from '../open/shapes.ts';
import { imageSize } from '../pictures/pixels.ts';
import type { Session, TensorValue, ValueInfo } from '../runtime/session.ts';
import type { ExaminedMapping, MappedGraph } from './mapping.ts';
import { noMapping, PsiTruncation } from './truncation.ts';

/** What the generator was found to be when it was opened. */
export interface GeneratorParts {
  /** The opened file: every session and every hash of this generator is of its bytes. */
  readonly file: ModelFile;
  /** Threads inside one operator, for sessions beside its own; 0 lets the runtime decide. */
  readonly threads: number;
  readonly session: Session;
  readonly inputRoles: Readonly<Record<string, InputRole>>;
  readonly imageName: string;
  readonly imageRole: ImageRole;
  readonly batch: BatchMode;
  readonly batchReason: string;
  /** Rows of a run of `running`, and of one of `model`, where they are fixed; 1 otherwise. */
  readonly fixedRows: number;
  readonly fileRows: number;
  readonly guesses: RoleGuesses;
  readonly classNames: readonly string[];
  /** Inputs that surgery made of random nodes. */
  readonly noise: ReadonlyMap<string, NoiseSource>;
  /** Rows for the inputs that another network would feed. */
  readonly embeddings: Embeddings;
  /** The graph with its noise pinned, at the batch the file has: what surgery starts from. */
  readonly model: ModelProto;
  /** The graph that `session` runs: `model`, or one with its batch freed. */
  readonly running: ModelProto;
  /** A session like `session` on an edit of `running`. */
  readonly open: (model: ModelProto) => Promise<Session>;
  /** Where w stands between latent and picture; null without a mapping network, or before it was looked for. */
  readonly mapping: ExaminedMapping | null;
  readonly warnings: readonly string[];
}

export class Generator {
  readonly file: ModelFile;
  readonly fileName: string;
  readonly imageName: string;
  readonly imageRole: ImageRole;
  readonly inputRoles: Readonly<Record<string, InputRole>>;
  readonly batch: BatchMode;
  readonly batchReason: string;
  /** Samples that one run can make. */
  readonly rowsPerRun: number;
  /** The guesses behind the roles, with what the first run showed. */
  readonly guesses: RoleGuesses;
  /** From the sidecar; empty where nobody named the classes. */
  readonly classNames: readonly string[];
  readonly latents: readonly LatentInput[];
  /** Length of the latent that one sample is made from: the sum over latent inputs, in graph order. */
  readonly latentSize: number;
  /** Classes, or rows of an embedding where there are no classes. */
  readonly classes: number;
  readonly session: Session;
  readonly noise: ReadonlyMap<string, NoiseSource>;
  readonly embeddings: Embeddings;
  readonly model: ModelProto;
  readonly #parts: GeneratorParts;
  readonly #shape: readonly number[];
  readonly #image: { width: number; height: number; channels: number };
  readonly #psi: PsiTruncation | null;
  readonly #attached: { release(): Promise<void> }[] = [];

  constructor(parts: GeneratorParts, imageShape: readonly number[]) {
    this.#parts = parts;
    this.#shape = imageShape;
    this.file = parts.file;
    this.fileName = parts.file.name;
    this.session = parts.session;
    this.imageName = parts.imageName;
    this.imageRole = parts.imageRole;
    this.inputRoles = parts.inputRoles;
    this.batch = parts.batch;
    this.batchReason = parts.batchReason;
    this.rowsPerRun =
      parts.batch === 'free' ? Number.POSITIVE_INFINITY : parts.batch === 'fixed' ? parts.fixedRows : 1;
    this.guesses = parts.guesses;
    this.classNames = parts.classNames;
    this.noise = parts.noise;
    this.embeddings = parts.embeddings;
    this.model = parts.model;
    this.latents = latentInputs(parts.session, parts.inputRoles, parts.file.name, parts.fileRows);
    this.latentSize = this.latents.reduce((sum, input) => sum + input.size, 0);
    this.classes = classCount(parts.inputRoles, parts.embeddings);
    const { width, height, channels } = imageSize(imageShape, parts.imageRole.layout, parts.imageRole.size);
    this.#image = { width, height, channels };
    this.#psi = parts.mapping === null ? null : new PsiTruncation(this.mapped, parts.mapping);
  }

  /** The same generator, with more known about it. */
  with(more: Partial<GeneratorParts>): Generator {
    return new Generator({ ...this.#parts, ...more }, this.#shape);
  }

  get warnings(): readonly string[] {
    return [...this.#parts.warnings, ...(this.#psi?.warnings ?? [])];
  }

  get mapping(): MappingDescription | null {
    return this.#parts.mapping?.description ?? null;
  }

  /** What its mapping network, if it has one, is made of. */
  get mapped(): MappedGraph {
    const { running, open } = this.#parts;
    const { inputRoles, latentSize, classes, imageName } = this;
    return {
      ...{ running, open, inputRoles, latentSize, classes, imageName },
      latentNames: this.latents.map(({ name }) => name),
      feeds: (session, request) => this.#feeds(session, request),
      ownRows: (value, count) => this.rows(value, count),
      fixedRows: this.#parts.fixedRows,
      rows: firstRows(this.latents, inputRoles, this.embeddings),
    };
  }

  get image(): { readonly width: number; readonly height: number; readonly channels: number } {
    return this.#image;
  }

  /** Milliseconds spent inside the runtime so far. */
  get runMs(): number {
    return this.session.runMs + (this.#psi?.runMs ?? 0);
  }

  /**
   * Gets ready for w ← w̄ + ψ (w − w̄): the first time that may take seconds, for w̄ and a second session.
   * @throws GenscopeError `input.invalid` without a mapping network, `request.cancelled`
   */
  async preparePsi(psi: number, signal: AbortSignal): Promise<void> {
    if (this.#psi === null) throw noMapping(this.fileName);
    if (psi !== 1) await this.#psi.prepare(signal);
  }

  /**
   * Image tensors [count, …] for latents [count, latentSize]; one run when the batch is free, else as many as it takes.
   * @param psi 1 runs the graph as it is; for others `preparePsi` comes first
   */
  async run(request: FeedRequest, psi = 1): Promise<TensorValue> {
    const images: TensorValue[] = [];
    for (const part of partsOf(request, this)) images.push(await this.#runOnce(part.request, psi));
    return concatenate(images);
  }

  /** An image tensor of a run for `count` samples: with all its axes, and without the rows that only fill it up. */
  pictures(image: TensorValue, count: number): TensorValue {
    const { fixedRows } = this.#parts;
    return firstRowsOf(withAllAxes(image, this.imageRole, Math.max(count, fixedRows)), count, fixedRows);
  }

  /** The rows of any tensor of such a run that belong to the `count` samples. */
  rows(value: TensorValue, count: number): TensorValue {
    return firstRowsOf(value, count, this.#parts.fixedRows);
  }

  /** Rows of a run where they are fixed; 1 otherwise. */
  get fixedRows(): number {
    return this.#parts.fixedRows;
  }

  /** Rows of a run of the file as it is, where it fixes them; 1 otherwise. */
  get fileRows(): number {
    return this.#parts.fileRows;
  }

  /** Ties something made from this generator (a session on its graph, cut open) to its life. */
  attach(part: { release(): Promise<void> }): void {
    this.#attached.push(part);
  }

  async release(): Promise<void> {
    for (const part of this.#attached.splice(0)) await part.release();
    await this.session.release();
    await this.#psi?.release();
  }

  /** Every output of one run. */
  async runAll(request: FeedRequest, psi = 1): Promise<Record<string, TensorValue>> {
    if (psi === 1) return this.session.run(this.#feeds(this.session, request));
    if (this.#psi === null) throw noMapping(this.fileName);
    const { session, feeds } = this.#psi.edit(psi);
    return session.run({ ...this.#feeds(session, request), ...feeds });
  }

  /**
   * The graph that is run under this ψ, and what to feed besides the ordinary inputs; for ψ other than 1 `preparePsi`
   * comes first.
   */
  graphAt(psi: number): { model: ModelProto; extra: Readonly<Record<string, TensorValue>> } {
    if (psi === 1) return { model: this.#parts.running, extra: {} };
    if (this.#psi === null) throw noMapping(this.fileName);
    const { model, feeds } = this.#psi.edit(psi);
    return { model, extra: feeds };
  }

  /** Opens a session like this generator's own on an edit of one of its graphs. */
  open(model: ModelProto): Promise<Session> {
    return this.#parts.open(model);
  }

  /** What these inputs are fed with for some samples; those that no role names get zeros. */
  feedsOf(inputs: readonly ValueInfo[], request: FeedRequest): Record<string, TensorValue> {
    return this.#feeds({ inputs }, request);
  }

  /** The graph with its noise pinned, and the sample of seed 0 for whatever session is made of it. */
  oneSample(): RunnableGraph & { readonly graph: GraphIndex } {
    const request = firstRows(this.latents, this.inputRoles, this.embeddings)(0, 1);
    const { folder, graph, requireSame } = this.file;
    return {
      ...{ model: this.model, folder, graph, guard: requireSame, threads: this.#parts.threads },
      feeds: (session) => this.#feeds(session, request, this.#parts.fileRows),
    };
  }

  #feeds(
    session: Pick<Session, 'inputs'>,
    request: FeedRequest,
    fixedRows = this.#parts.fixedRows,
  ): Record<string, TensorValue> {
    const { inputRoles, latents, noise, embeddings } = this;
    return buildFeeds(session, inputRoles, latents, { ...request, fixedRows }, noise, embeddings);
  }

  async #runOnce(request: FeedRequest, psi: number): Promise<TensorValue> {
    const outputs = await this.runAll(request, psi);
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
    return this.pictures(image, request.count);
  }
}

/** Samples `first` … `first + count − 1` of a request. */
export interface RequestPart {
  readonly first: number;
  readonly count: number;
  readonly request: FeedRequest;
}

/** A request in the parts that a run each can make: all at once, as many as the file fixes, or one by one. */
export function partsOf(request: FeedRequest, generator: Generator): RequestPart[] {
  const size = generator.rowsPerRun;
  if (request.count <= size) return [{ first: 0, count: request.count, request }];
  return Array.from({ length: Math.ceil(request.count / size) }, (_, i) => {
    const first = i * size;
    const count = Math.min(size, request.count - first);
    return { first, count, request: stretchOf(request, first, count, generator) };
  });
}

function stretchOf(request: FeedRequest, first: number, count: number, generator: Generator): FeedRequest {
  const { latentSize, classes } = generator;
  const end = first + count;
  return {
    ...request,
    count,
    latents: request.latents.subarray(first * latentSize, end * latentSize),
    classWeights: request.classWeights.subarray(first * classes, end * classes),
    seeds: request.seeds.slice(first, end),
    ...(request.nearestSeeds && { nearestSeeds: request.nearestSeeds.slice(first, end) }),
  };
}

/** Some rows of a request, in this order. */
export function pickRows(request: FeedRequest, rows: readonly number[], generator: Generator): FeedRequest {
  const { latentSize, classes } = generator;
  const picked = (values: Float32Array, size: number) => {
    const out = new Float32Array(rows.length * size);
    rows.forEach((row, i) => {
      out.set(values.subarray(row * size, (row + 1) * size), i * size);
    });
    return out;
  };
  const { seeds, nearestSeeds } = request;
  return {
    ...request,
    count: rows.length,
    latents: picked(request.latents, latentSize),
    classWeights: picked(request.classWeights, classes),
    seeds: rows.map((row) => seeds[row] as (typeof seeds)[number]),
    ...(nearestSeeds && { nearestSeeds: rows.map((row) => nearestSeeds[row] as number) }),
  };
}

function concatenate(tensors: readonly TensorValue[]): TensorValue {
  const [first] = tensors;
  if (!first)
    throw new GenscopeError('input.invalid', 'There is nothing to run.', 'Ask for at least one sample.');
  if (tensors.length === 1) return first;
  const Data = first.data.constructor as new (length: number) => TensorValue['data'];
  const data = new Data(tensors.reduce((sum, tensor) => sum + tensor.data.length, 0));
  let at = 0;
  for (const tensor of tensors) {
    // Same constructor for all: they are the same output of the same session.
    (data as Float32Array).set(tensor.data as Float32Array, at);
    at += tensor.data.length;
  }
  const rows = tensors.reduce((sum, { shape }) => sum + (shape[0] as number), 0);
  return { dtype: first.dtype, shape: [rows, ...first.shape.slice(1)], data };
}
