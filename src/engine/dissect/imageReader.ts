/** The images of a sample as dissection sees them: feature maps of some layers, and the segmentation of the picture. */
import type { LabelMap } from '../../algorithms/dissection/labelMap.ts';
import { type PlannedLatents, planLatents } from '../../algorithms/latent/plan.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { LatentPlan } from '../../shared/samples/latents.ts';
import type { Generator } from '../generator/generator.ts';
import { type LayerMaps, type LayerPlace, LayerSession } from '../generator/layerSession.ts';
import { toPictures } from '../pictures/pixels.ts';
import type { PictureStack } from '../runtime/imageCodec.ts';
import { requestOf, requireFinite } from '../samples/sampling.ts';

/** What is needed of a segmentation network. */
export interface Labeller {
  /** @param size height and width of the label maps, whatever the size of the pictures */
  segment(pictures: PictureStack, size: readonly [number, number]): Promise<readonly LabelMap[]>;
}

export interface ReadImage {
  /** Place in the sample. */
  readonly index: number;
  /** For each layer float32 [units, h, w], from `offset` on. */
  readonly layers: readonly { readonly maps: Float32Array; readonly offset: number }[];
  /** Null when nobody segments. */
  readonly labels: LabelMap | null;
}

export interface Segmentation {
  readonly labeller: Labeller;
  /** Height and width of the label maps. */
  readonly size: readonly [number, number];
}

/** The images of one sample, as often as they are wanted. */
export interface ImageReading {
  /** Label maps by place in the sample: pictures of which there is one are not segmented again. */
  readonly known: Map<number, LabelMap>;
  /** Milliseconds inside the runtime. */
  readonly runMs: number;
  /** Images `at` … `at + count − 1`, run together where the model can. */
  read(at: number, count: number): AsyncGenerator<ReadImage>;
  release(): Promise<void>;
}

export interface ReaderOptions {
  readonly generator: Generator;
  readonly plan: LatentPlan;
  readonly layers: readonly LayerPlace[];
  /** Without one the graph runs only as far as the layers, and there are no pictures. */
  readonly segmentation: Segmentation | null;
}

export class ImageReader implements ImageReading {
  readonly known = new Map<number, LabelMap>();
  readonly #options: ReaderOptions;
  readonly #planned: PlannedLatents;
  readonly #session: LayerSession;

  private constructor(options: ReaderOptions, session: LayerSession) {
    const { generator, plan } = options;
    this.#options = options;
    this.#planned = planLatents(plan, generator.latentSize, generator.classes);
    this.#session = session;
  }

  /** @throws GenscopeError as opening a session does; `input.invalid` for ψ, which changes the graph */
  static async open(options: ReaderOptions): Promise<ImageReader> {
    const { generator, layers, segmentation, plan } = options;
    if (plan.source.truncation.mode === 'psi') throw psiUnsupported();
    return new ImageReader(options, await LayerSession.open(generator, layers, segmentation !== null));
  }

  get runMs(): number {
    return this.#session.runMs;
  }

  async *read(at: number, count: number): AsyncGenerator<ReadImage> {
    const request = requestOf(this.#planned, this.#options.plan, at, count, 'random');
    for await (const part of this.#session.run(request)) {
      requireNumbers(part.maps, this.#options.generator.fileName);
      const labels = this.#knownLabels(at + part.first, part.count) ?? (await this.#labels(part));
      for (let i = 0; i < part.count; i++) {
        yield {
          index: at + part.first + i,
          layers: part.maps.map((maps) => ({ maps, offset: (maps.length / part.count) * i })),
          labels: labels?.[i] ?? null,
        };
      }
    }
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  /** Null unless all of them are known. */
  #knownLabels(first: number, count: number): readonly LabelMap[] | null {
    const found: LabelMap[] = [];
    for (let i = first; i < first + count; i++) {
      const labels = this.known.get(i);
      if (labels === undefined) return null;
      found.push(labels);
    }
    return found;
  }

  async #labels({ image }: LayerMaps): Promise<readonly LabelMap[] | null> {
    const { segmentation, generator } = this.#options;
    if (segmentation === null || image === null) return null;
    const { pictures, nonFinite } = toPictures(image, generator.imageRole);
    requireFinite(nonFinite, image.data.length, generator.fileName);
    return segmentation.labeller.segment(pictures, segmentation.size);
  }
}

/** A NaN is above no level and would silently leave its unit without a mask. */
export function requireNumbers(maps: readonly Float32Array[], file: string): void {
  for (const values of maps) {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[i] as number;
    // A sum is finite only if all of it is.
    if (Number.isFinite(sum)) continue;
    let bad = 0;
    for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) bad++;
    requireFinite(bad, values.length, file);
  }
}

function psiUnsupported(): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    'Dissection draws its samples without ψ: it is about all the generator makes, not the middle of it.',
    'Switch the truncation off, or use the one that draws components again.',
  );
}
