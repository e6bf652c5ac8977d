/** Models that are open, so that the next request finds its session warm. */
import type { ModelRef } from '../../shared/protocol.ts';
import type { ExtractorRef } from '../../shared/scores/scores.ts';
import { type Extractor, openExtractor } from '../extractor/extractor.ts';
import { extractorStamp } from '../extractor/stamp.ts';
import type { Generator } from '../generator/generator.ts';
import { loadGenerator } from '../generator/loadGenerator.ts';
import { modelStamp, openModelFile } from '../open/modelFile.ts';
import { openSegmenter, type Segmenter } from '../segmenter/segmenter.ts';
import { segmenterStamp } from '../segmenter/stamp.ts';
import { loadTranslator } from '../translator/loadTranslator.ts';
import type { Translator } from '../translator/translator.ts';

/** Sessions hold their weights in memory; two of a kind let a person compare, or go there and back. */
const MOST_OPEN = 2;

export interface ModelsOptions {
  readonly threads: number;
  /** Pictures an extractor is given at once; 0: as suits the machine. */
  readonly batchSize?: number;
}

export class Models {
  readonly threads: number;
  readonly batchSize: number;
  readonly #generators = new Warm<Generator>();
  readonly #translators = new Warm<Translator>();
  readonly #segmenters = new Warm<Segmenter>();
  readonly #extractors = new Warm<Extractor>();

  constructor(options: ModelsOptions) {
    this.threads = options.threads;
    this.batchSize = options.batchSize ?? 0;
  }

  /**
   * The generator of a file, opened at most once for as long as the file stays what it is.
   * @throws GenscopeError as opening does
   */
  generator(ref: ModelRef): Promise<Generator> {
    return this.#generators.open(modelStamp(ref), () =>
      loadGenerator(openModelFile(ref), { threads: this.threads }),
    );
  }

  /**
   * The same for a model that makes pictures of pictures.
   * @throws GenscopeError as opening does
   */
  translator(ref: ModelRef): Promise<Translator> {
    return this.#translators.open(modelStamp(ref), () =>
      loadTranslator(openModelFile(ref), { threads: this.threads }),
    );
  }

  /**
   * The segmentation network of a folder.
   * @throws GenscopeError as opening does
   */
  segmenter(folder: string): Promise<Segmenter> {
    return this.#segmenters.open(segmenterStamp(folder), () =>
      openSegmenter(folder, { threads: this.threads }),
    );
  }

  /**
   * The network that makes features of pictures.
   * @throws GenscopeError as opening does
   */
  extractor(ref: ExtractorRef): Promise<Extractor> {
    return this.#extractors.open(extractorStamp(ref), () => openExtractor(ref, { threads: this.threads }));
  }

  async releaseAll(): Promise<void> {
    await this.#extractors.releaseAll();
    await this.#generators.releaseAll();
    await this.#translators.releaseAll();
    await this.#segmenters.releaseAll();
  }
}

interface Releasable {
  release(): Promise<void>;
}

class Warm<T extends Releasable> {
  /** By stamp, least recently used first. */
  readonly #open = new Map<string, Promise<T>>();

  async open(stamp: string, load: () => Promise<T>): Promise<T> {
    const known = this.#open.get(stamp);
    this.#open.delete(stamp);
    const opening = known ?? load();
    this.#open.set(stamp, opening);
    // A failure is not worth remembering: the person may have mended the file.
    opening.catch(() => this.#open.delete(stamp));
    await this.#makeRoom();
    return opening;
  }

  async releaseAll(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const opening of open) await release(opening);
  }

  async #makeRoom(): Promise<void> {
    while (this.#open.size > MOST_OPEN) {
      const [oldest] = this.#open;
      if (!oldest) return;
      this.#open.delete(oldest[0]);
      await release(oldest[1]);
    }
  }
}

async function release(opening: Promise<Releasable>): Promise<void> {
  const model = await opening.catch(() => null);
  await model?.release();
}
