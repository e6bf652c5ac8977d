/** The files of `genscope translate`: a grid of rows, and the translations as an array. */
import path from 'node:path';
import { NpyWriter } from '../engine/files/npy.ts';
import { requireFits } from '../engine/kernel/pictureBudget.ts';
import { asGrid, withoutAlpha } from '../engine/pictures/pixels.ts';
import { encodePng, type PictureStack } from '../engine/runtime/imageCodec.ts';
import { alike, padded } from '../engine/samples/rows.ts';
import type { TranslatedPicture } from '../engine/translate/translating.ts';
import { writeFileAtomic } from '../shared/files/atomic.ts';
import { GenscopeError } from '../shared/kernel/errors.ts';
import { badOption } from './options.ts';
import { prepare } from './sampleWriters.ts';

export class TranslationWriters {
  readonly files: { out?: string; npy?: string } = {};
  /** One stack a row; rows of free-size models may differ in size. */
  readonly #rows: PictureStack[] = [];
  /** At the model's own size. How many there will be is known only at the end: a file may be no picture. */
  readonly #translations: PictureStack[] = [];

  /** Places that cannot be written are refused before any work. */
  constructor({ out, npy }: { readonly out?: string | undefined; readonly npy?: string | undefined }) {
    if (out !== undefined) {
      if (path.extname(out).toLowerCase() !== '.png')
        throw badOption(`--out takes a .png file, not “${out}”.`);
      this.files.out = prepare(out);
    }
    if (npy !== undefined) this.files.npy = prepare(npy);
  }

  /** @param total how many rows there may be: too many for one file are refused at the first */
  add({ pictures }: TranslatedPicture, total: number): void {
    if (this.files.out !== undefined) {
      const row = alike(pictures);
      if (this.#rows.length === 0) requireFits(total * row.count, row);
      this.#rows.push(row);
    }
    const translation = pictures[1];
    if (this.files.npy === undefined || !translation) return;
    const [first] = this.#translations;
    if (!first) requireFits(total, translation);
    else if (first.width !== translation.width || first.height !== translation.height)
      throw new GenscopeError(
        'input.invalid',
        `--npy takes pictures of one size; there are ${first.width}×${first.height} and ${translation.width}×${translation.height}.`,
        'Translate those of one size at a time, or leave --npy out.',
      );
    this.#translations.push(translation);
  }

  async finish(): Promise<void> {
    const { out, npy } = this.files;
    if (npy !== undefined) this.#writeArray(npy);
    if (out === undefined) return;
    const width = Math.max(...this.#rows.map((row) => row.width));
    const height = Math.max(...this.#rows.map((row) => row.height));
    const rows = this.#rows.map((row) => padded(row, width, height));
    writeFileAtomic(out, await encodePng(asGrid(rows, rows[0]?.count ?? 1)));
  }

  /** uint8 [N, H, W, 3]. */
  #writeArray(npy: string): void {
    const [first] = this.#translations;
    if (!first) return;
    const writer = new NpyWriter(npy, '|u1', [this.#translations.length, first.height, first.width, 3]);
    try {
      for (const translation of this.#translations) writer.append(withoutAlpha(translation));
    } catch (thrown) {
      writer.abandon();
      throw thrown;
    }
    writer.close();
  }
}
