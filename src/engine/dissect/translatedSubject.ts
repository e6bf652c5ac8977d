/** An image-to-image model as dissection sees it: the pictures of a folder go in, and what comes out is segmented. */
import { createHash } from 'node:crypto';
import type { LabelMap } from '../../algorithms/dissection/labelMap.ts';
import { NumpyRandom } from '../../algorithms/latent/numpyRandom.ts';
import { upTo } from '../../onnx/surgery/upTo.ts';
import { asGenscopeError, GenscopeError } from '../../shared/kernel/errors.ts';
import type { DissectSettings } from '../../shared/units/dissection.ts';
import { type LayerPlace, mapsOf } from '../generator/layerSession.ts';
import { nextTurn, throwIfCancelled } from '../kernel/queue.ts';
import { layersIn } from '../open/layers.ts';
import { readPictureFile } from '../pictures/folderSource.ts';
import { toPictures } from '../pictures/pixels.ts';
import type { Session } from '../runtime/session.ts';
import { requireFinite } from '../samples/sampling.ts';
import { maskOf } from '../translator/masks.ts';
import { readPicture } from '../translator/pictureInput.ts';
import type { Translator } from '../translator/translator.ts';
import { type ImageReading, type ReadImage, requireNumbers, type Segmentation } from './imageReader.ts';
import type { DissectSubject } from './subject.ts';

/** Images per run where the batch is free: they share one size, the one that the layers were measured at. */
const ROWS = 16;

/** The pictures of the two samples, in the order they are read, by place among the files. */
interface Drawn {
  readonly agreement: readonly string[];
  readonly levels: readonly string[];
}

/**
 * @param files the pictures found, sorted; `settings.samples` of them are drawn for each sample
 * @throws GenscopeError `input.invalid` for too few pictures, or one that cannot be read
 */
export async function translatedSubject(
  translator: Translator,
  files: readonly string[],
  settings: DissectSettings,
  signal: AbortSignal,
): Promise<DissectSubject> {
  const { samples, seed, levelSeed } = settings;
  if (files.length < samples)
    throw new GenscopeError(
      'input.invalid',
      `There are ${files.length} pictures, and ${samples} samples were asked for.`,
      `Ask for ${files.length} samples or fewer (--samples ${files.length}), or give more pictures.`,
    );
  const drawn = draw(files, samples, seed, levelSeed);
  const inAgreement = new Set(drawn.agreement);
  const shared = drawn.levels.filter((file) => inAgreement.has(file)).length;
  const warnings = [...translator.warnings];
  if (shared > 0 && seed !== levelSeed)
    warnings.push(
      `${shared} of the ${samples} pictures that levels are chosen on are also among those that agreement is measured on: there are ${files.length} in all, and twice the samples would be needed.`,
    );
  const { file, fileName, image, inputRoles, imageRole, imageInput, size } = translator;
  const isMasked = imageInput.mask !== undefined;
  const pictures = { found: files.length, sha256: await hashPictures(drawn, isMasked, signal) };
  return {
    ...{ file, fileName, image, warnings, pictures },
    classes: 0,
    rowsPerRun: translator.batch === 'free' ? ROWS : translator.fixedRows,
    identity: {
      ...{ inputRoles, imageRole, size, labels: imageInput.labels ?? null },
      pictures: pictures.sha256,
    },
    layers: () => layersIn(translator),
    open: async ({ isLevels }, layers, segmentation) =>
      TranslatedReader.open(translator, isLevels ? drawn.levels : drawn.agreement, layers, segmentation),
  };
}

/**
 * Both samples from one permutation, agreement from its beginning and levels from its end: with pictures enough they have
 * none in common. Equal seeds ask for the same sample twice.
 */
function draw(files: readonly string[], samples: number, seed: number, levelSeed: number): Drawn {
  const order = [...new NumpyRandom(seed).permutation(files.length)].map((at) => files[at] as string);
  const agreement = order.slice(0, samples);
  if (seed === levelSeed) return { agreement, levels: agreement };
  const rest = order.slice(Math.min(samples, files.length - samples));
  const picked = new NumpyRandom(levelSeed).permutation(rest.length).slice(0, samples);
  return { agreement, levels: [...picked].map((at) => rest[at] as string) };
}

/** Of their bytes, in the order they are read: a picture that changes is another dissection. */
async function hashPictures(
  { agreement, levels }: Drawn,
  isMasked: boolean,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  for (const file of [...agreement, ...levels]) {
    throwIfCancelled(signal);
    for (const one of isMasked ? [file, maskOf(file)] : [file])
      hash.update(createHash('sha256').update(readPictureFile(one)).digest());
    await nextTurn();
  }
  return hash.digest('hex');
}

class TranslatedReader implements ImageReading {
  readonly known = new Map<number, LabelMap>();
  readonly #translator: Translator;
  readonly #files: readonly string[];
  readonly #layers: readonly LayerPlace[];
  readonly #segmentation: Segmentation | null;
  readonly #session: Session;

  private constructor(
    translator: Translator,
    files: readonly string[],
    layers: readonly LayerPlace[],
    segmentation: Segmentation | null,
    session: Session,
  ) {
    this.#translator = translator;
    this.#files = files;
    this.#layers = layers;
    this.#segmentation = segmentation;
    this.#session = session;
  }

  static async open(
    translator: Translator,
    files: readonly string[],
    layers: readonly LayerPlace[],
    segmentation: Segmentation | null,
  ): Promise<TranslatedReader> {
    const tensors = layers.map(({ tensor }) => tensor);
    const wanted = segmentation === null ? tensors : [...tensors, translator.imageName];
    const session = await translator.open(upTo(translator.model, wanted));
    return new TranslatedReader(translator, files, layers, segmentation, session);
  }

  get runMs(): number {
    return this.#session.runMs;
  }

  async *read(at: number, count: number): AsyncGenerator<ReadImage> {
    const { batch, fixedRows } = this.#translator;
    const rows = batch === 'free' ? count : fixedRows;
    for (let first = at; first < at + count; first += rows)
      yield* this.#run(first, Math.min(rows, at + count - first));
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  async *#run(at: number, count: number): AsyncGenerator<ReadImage> {
    const translator = this.#translator;
    const { channels, labels, mask } = translator.imageInput;
    const isMasked = mask !== undefined;
    const frame = {
      channels,
      labels,
      isMasked,
      size: translator.size,
      multiple: 1,
      maxSide: Number.POSITIVE_INFINITY,
    };
    const pictures = await Promise.all(
      this.#files.slice(at, at + count).map(async (file) => {
        const { planes } = await readPicture(file, frame).catch((thrown: unknown) => {
          throw unreadable(file, thrown);
        });
        return planes;
      }),
    );
    const outputs = await this.#session.run(translator.feeds(this.#session, pictures));
    const maps = this.#layers.map(({ tensor, channelAxis }) => {
      const value = outputs[tensor];
      if (value === undefined) throw new RangeError(`The graph did not give out ${tensor}.`);
      return mapsOf(translator.rows(value, count), channelAxis).data;
    });
    requireNumbers(maps, translator.fileName);
    const found = await this.#labels(outputs[translator.imageName], at, count);
    for (let i = 0; i < count; i++)
      yield {
        index: at + i,
        layers: maps.map((values) => ({ maps: values, offset: (values.length / count) * i })),
        labels: found?.[i] ?? null,
      };
  }

  async #labels(
    image: Awaited<ReturnType<Session['run']>>[string] | undefined,
    at: number,
    count: number,
  ): Promise<readonly LabelMap[] | null> {
    if (this.#segmentation === null || image === undefined) return null;
    const known = Array.from({ length: count }, (_, i) => this.known.get(at + i));
    if (known.every((labels) => labels !== undefined)) return known;
    const translator = this.#translator;
    const { pictures, nonFinite } = toPictures(translator.pictures(image, count), translator.imageRole);
    requireFinite(nonFinite, image.data.length, translator.fileName);
    const { labeller, size } = this.#segmentation;
    return labeller.segment(pictures, size);
  }
}

/** A picture left out would make it another sample than the one that was asked for. */
function unreadable(file: string, thrown: unknown): GenscopeError {
  const { code, message, detail } = asGenscopeError(thrown);
  return new GenscopeError(
    code,
    `${file} cannot be read: ${message}`,
    'Take it out of the folder, or mend it.',
    {
      ...(detail !== undefined && { detail }),
    },
  );
}
