/** Generators that are open, so that the next request finds its session warm. */
import type { ModelRef } from '../shared/protocol.ts';
import type { Generator } from './generator.ts';
import { loadGenerator } from './loadGenerator.ts';
import { modelStamp, openModelFile } from './modelFile.ts';

/** Sessions hold their weights in memory; two let a person compare without loading back and forth. */
const MOST_OPEN = 2;

export interface ModelsOptions {
  readonly threads: number;
}

export class Models {
  readonly threads: number;
  /** Least recently used first. */
  readonly #open = new Map<string, Promise<Generator>>();

  constructor(options: ModelsOptions) {
    this.threads = options.threads;
  }

  /**
   * The generator of a file, opened at most once for as long as the file stays what it is.
   * @throws GenscopeError as opening does
   */
  async generator(ref: ModelRef): Promise<Generator> {
    const stamp = modelStamp(ref);
    const known = this.#open.get(stamp);
    this.#open.delete(stamp);
    const opening = known ?? loadGenerator(openModelFile(ref), { threads: this.threads });
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

async function release(opening: Promise<Generator>): Promise<void> {
  const generator = await opening.catch(() => null);
  await generator?.release();
}
