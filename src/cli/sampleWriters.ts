/** The files of `genscope sample`, filled batch by batch. Places that cannot be written are refused before any work. */
import path from 'node:path';
import { NpyWriter } from '../engine/files/npy.ts';
import type { Generator } from '../engine/generator/generator.ts';
import { requireFits, zoomFor } from '../engine/kernel/pictureBudget.ts';
import { asGrid, joinPictures, withoutAlpha } from '../engine/pictures/pixels.ts';
import { encodeAnimation, encodePng, enlarge, type PictureStack } from '../engine/runtime/imageCodec.ts';
import type { SampledBatch } from '../engine/samples/sampling.ts';
import { makeFolder, writeFileAtomic } from '../shared/files/atomic.ts';
import { badOption } from './options.ts';
import type { SampleValues } from './samplePlan.ts';

const ANIMATION_SIDE = 256;
const FRAMES_PER_SECOND = 12;

export class SampleWriters {
  readonly files: { out?: string; npy?: string; latents?: string } = {};
  readonly #stacks: PictureStack[] = [];
  readonly #images: NpyWriter | undefined;
  readonly #latents: NpyWriter | undefined;
  readonly #format: string;

  constructor(
    private readonly generator: Generator,
    private readonly total: number,
    values: SampleValues,
    private readonly columns: number | undefined,
  ) {
    const { width, height } = generator.image;
    const { out, npy, latents } = values;
    this.#format = out === undefined ? '' : path.extname(out).toLowerCase();
    if (out !== undefined) {
      if (!['.png', '.gif', '.webp'].includes(this.#format))
        throw badOption(`--out takes a .png, .gif or .webp file, not “${out}”.`);
      requireFits(
        total,
        generator.image,
        this.#format === '.png' ? 1 : zoomFor(generator.image, ANIMATION_SIDE),
      );
      this.files.out = prepare(out);
    }
    if (latents !== undefined && generator.latentSize === 0)
      throw badOption('--latents: this generator has no latent to write.');
    if (npy !== undefined) {
      this.files.npy = prepare(npy);
      this.#images = new NpyWriter(this.files.npy, '|u1', [total, height, width, 3]);
    }
    if (latents === undefined) return;
    try {
      this.files.latents = prepare(latents);
      this.#latents = new NpyWriter(this.files.latents, '<f4', [total, generator.latentSize]);
    } catch (thrown) {
      this.#images?.abandon();
      throw thrown;
    }
  }

  add(batch: SampledBatch): void {
    if (this.files.out !== undefined) this.#stacks.push(batch.pictures);
    this.#images?.append(withoutAlpha(batch.pictures));
    this.#latents?.append(batch.latents);
  }

  async finish(): Promise<void> {
    this.#images?.close();
    this.#latents?.close();
    const { out } = this.files;
    if (out === undefined) return;
    writeFileAtomic(out, this.#format === '.png' ? await this.#grid() : await this.#animation());
  }

  abandon(): void {
    this.#images?.abandon();
    this.#latents?.abandon();
  }

  #grid(): Promise<Uint8Array> {
    return encodePng(asGrid(this.#stacks, this.columns ?? Math.ceil(Math.sqrt(this.total))));
  }

  #animation(): Promise<Uint8Array> {
    const zoom = zoomFor(this.generator.image, ANIMATION_SIDE);
    const format = this.#format === '.gif' ? 'gif' : 'webp';
    return encodeAnimation(enlarge(joinPictures(this.#stacks), zoom), format, 1000 / FRAMES_PER_SECOND);
  }
}

/** The full path of a file to write, its folder made. */
export function prepare(file: string): string {
  const full = path.resolve(file);
  makeFolder(path.dirname(full));
  return full;
}
