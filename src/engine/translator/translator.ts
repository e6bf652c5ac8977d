/** A loaded image-to-image model: a picture in, a picture out, whatever its inputs are called. */
import type { ModelProto } from 'onnx-buf';
import type { PictureIn, Planes } from '../../algorithms/images/planes.ts';
import type { GraphIndex } from '../../onnx/graph.ts';
import type { RoleGuesses } from '../../onnx/roles/roles.ts';
import type { BatchMode, ImageInputDescription } from '../../shared/generator/model.ts';
import type { ImageRole, InputRole } from '../../shared/generator/roles.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { NoiseSource } from '../feeds/feeds.ts';
import { firstRowsOf, withAllAxes } from '../feeds/fixedRows.ts';
import type { ModelFile } from '../open/modelFile.ts';
import type { RunnableGraph } from '../open/shapes.ts';
import { imageSize } from '../pictures/pixels.ts';
import { toPlanes } from '../pictures/planes.ts';
import type { Session, TensorValue } from '../runtime/session.ts';
import { type PictureInput, pictureFeeds } from './pictureFeeds.ts';

/** What the model was found to be when it was opened. */
export interface TranslatorParts {
  /** The opened file: every session and every hash of this translator is of its bytes. */
  readonly file: ModelFile;
  readonly threads: number;
  readonly session: Session;
  readonly inputRoles: Readonly<Record<string, InputRole>>;
  readonly input: PictureInput;
  readonly imageInput: ImageInputDescription;
  readonly imageName: string;
  readonly imageRole: ImageRole;
  /** Shape of the output for `sample`. */
  readonly imageShape: readonly number[];
  /** A picture it is known to take. */
  readonly sample: Planes;
  readonly batch: BatchMode;
  readonly batchReason: string;
  /** Rows of a run where the file fixes them; 1 otherwise. */
  readonly fixedRows: number;
  readonly guesses: RoleGuesses;
  /** Inputs that surgery made of random nodes. */
  readonly noise: ReadonlyMap<string, NoiseSource>;
  /** The graph with its noise pinned. */
  readonly model: ModelProto;
  /** A session like `session` on an edit of `model`. */
  readonly open: (model: ModelProto) => Promise<Session>;
  readonly warnings: readonly string[];
}

export class Translator {
  readonly file: ModelFile;
  readonly fileName: string;
  readonly session: Session;
  readonly imageInput: ImageInputDescription;
  readonly batch: BatchMode;
  readonly batchReason: string;
  readonly guesses: RoleGuesses;
  readonly warnings: readonly string[];
  /** Of the output, for the picture that the model was tried with. */
  readonly image: { readonly width: number; readonly height: number; readonly channels: number };
  readonly #parts: TranslatorParts;

  constructor(parts: TranslatorParts) {
    this.#parts = parts;
    this.file = parts.file;
    this.fileName = parts.file.name;
    this.session = parts.session;
    this.imageInput = parts.imageInput;
    this.batch = parts.batch;
    this.batchReason = parts.batchReason;
    this.guesses = parts.guesses;
    this.warnings = parts.warnings;
    const { width, height, channels } = imageSize(parts.imageShape, parts.imageRole.layout);
    this.image = { width, height, channels };
  }

  /** How many times longer the output's longer side is than the input's. */
  get enlargement(): number {
    const { sample } = this.#parts;
    return Math.max(this.image.width, this.image.height) / Math.max(sample.width, sample.height);
  }

  /**
   * The translation of one picture, unclipped: the same picture gives the same numbers.
   * @throws GenscopeError `input.invalid` for a picture of another size or other channels than the model takes
   */
  async translate(picture: PictureIn): Promise<Planes> {
    requireFit(picture, this);
    const outputs = await this.session.run(this.feeds(this.session, [picture]));
    const image = outputs[this.#parts.imageName];
    if (image) return toPlanes(this.pictures(image, 1), this.#parts.imageRole);
    const says = `${this.fileName} has no output named ${this.#parts.imageName}.`;
    throw new GenscopeError('model.rolesUnknown', says, 'Choose the image output again.', {
      next: ['answerRoles'],
    });
  }

  /** The graph with its noise pinned, and one picture for whatever session is made of it. */
  oneSample(): RunnableGraph & { readonly graph: GraphIndex } {
    const { model, sample, threads } = this.#parts;
    const { folder, graph, requireSame } = this.file;
    return {
      ...{ model, folder, graph, guard: requireSame, threads },
      feeds: (session) => this.feeds(session, [sample]),
    };
  }

  get imageName(): string {
    return this.#parts.imageName;
  }

  get imageRole(): ImageRole {
    return this.#parts.imageRole;
  }

  get inputRoles(): Readonly<Record<string, InputRole>> {
    return this.#parts.inputRoles;
  }

  /** The graph with its noise pinned: what surgery starts from. */
  get model(): ModelProto {
    return this.#parts.model;
  }

  /** Rows of a run where the file fixes them; 1 otherwise. */
  get fixedRows(): number {
    return this.#parts.fixedRows;
  }

  /** Of the pictures it was tried with, which its layers were measured at. */
  get size(): { readonly width: number; readonly height: number } {
    const { width, height } = this.#parts.sample;
    return { width, height };
  }

  /** Opens a session like this translator's own on an edit of its graph. */
  open(model: ModelProto): Promise<Session> {
    return this.#parts.open(model);
  }

  /** An image tensor of a run of `count` pictures: with all its axes, and without the rows that only fill it up. */
  pictures(image: TensorValue, count: number): TensorValue {
    const { imageRole, fixedRows } = this.#parts;
    return firstRowsOf(withAllAxes(image, imageRole, Math.max(count, fixedRows)), count, fixedRows);
  }

  /** The rows of any tensor of such a run that belong to the `count` pictures. */
  rows(value: TensorValue, count: number): TensorValue {
    return firstRowsOf(value, count, this.#parts.fixedRows);
  }

  async release(): Promise<void> {
    await this.session.release();
  }

  /** What these pictures, all of one size, are fed as. */
  feeds(session: Session, pictures: readonly PictureIn[]): Record<string, TensorValue> {
    const { inputRoles, input, noise, fixedRows } = this.#parts;
    return pictureFeeds(session, inputRoles, input, pictures, noise, fixedRows);
  }
}

function requireFit(picture: Planes, { fileName, imageInput }: Translator): void {
  const { channels, size, multiple } = imageInput;
  const sizeFits = size
    ? picture.width === size.width && picture.height === size.height
    : picture.width % multiple === 0 && picture.height % multiple === 0;
  if (sizeFits && picture.channels === channels) return;
  const takes = size ? `${size.width}×${size.height}` : `multiples of ${multiple}`;
  throw new GenscopeError(
    'input.invalid',
    `${fileName} takes pictures of ${takes} with ${channelText(channels)}, not ${picture.width}×${picture.height} with ${channelText(picture.channels)}.`,
    'Choose two models that take each other’s pictures.',
  );
}

function channelText(channels: number): string {
  return channels === 1 ? 'one channel' : `${channels} channels`;
}
