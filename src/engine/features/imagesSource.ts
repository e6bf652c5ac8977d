/** Real pictures to extract features of: decoded on the runtime's idle threads while the pictures before them are run. */
import { createRandom } from '../../algorithms/latent/draw.ts';
import { asGenscopeError } from '../../shared/kernel/errors.ts';
import type { ImageSource } from '../pictures/imageSource.ts';
import { decodeLikePil, type PictureStack } from '../runtime/imageCodec.ts';
import { NO_LABEL, type PictureBatch, type PictureSource, SKIPPED } from './pictureSource.ts';

export interface ImageChoice {
  /** 0: all. */
  readonly most: number;
  readonly seed: number;
}

/** @throws GenscopeError `request.cancelled` */
export async function openImages(
  images: ImageSource,
  choice: ImageChoice,
  signal: AbortSignal,
): Promise<PictureSource & { readonly sha256: string }> {
  const sha256 = await images.sha256(signal);
  const chosen = choice.most > 0 && choice.most < images.names.length ? choice : 'all';
  return { ...openRows(images, choice), sha256, key: { kind: 'images', sha256, chosen } };
}

/** The pictures without their hash, which takes as long as reading all of them. */
export function openRows(images: ImageSource, choice: ImageChoice): Omit<PictureSource, 'key'> {
  const rows = chosenRows(images.names.length, choice);
  const waiting = new Map<number, Promise<PictureStack | null>>();
  const picture = (row: number): Promise<PictureStack | null> => {
    const known = waiting.get(row) ?? decode(images, rows[row] as number);
    waiting.set(row, known);
    return known;
  };
  return {
    count: rows.length,
    rowsPerRun: Number.POSITIVE_INFINITY,
    warnings: images.warnings,
    leftOut: images.leftOut,
    nameOf: (row) => images.names[rows[row] as number] as string,
    async read(first, count, ahead) {
      const own = Array.from({ length: count }, (_, i) => picture(first + i));
      const last = Math.min(rows.length, first + count + ahead);
      for (let row = first + count; row < last; row++) void picture(row);
      const pictures = await Promise.all(own);
      for (let row = first; row < first + count; row++) waiting.delete(row);
      const labels = Int32Array.from(pictures, (found, i) =>
        found === null ? SKIPPED : (images.labels?.[rows[first + i] as number] ?? NO_LABEL),
      );
      return { stacks: stacked(pictures), labels };
    },
    size: () => picture(0),
    reasonOf: (row) => reasonOf(images, rows[row] as number),
    close: () => images.close(),
  };
}

async function decode(images: ImageSource, i: number): Promise<PictureStack | null> {
  try {
    return await decodeLikePil(await images.read(i));
  } catch (thrown) {
    // The machine's fault is no fault of the picture's.
    if (asGenscopeError(thrown).code !== 'input.invalid') throw thrown;
    return null;
  }
}

async function reasonOf(images: ImageSource, i: number): Promise<string> {
  try {
    await decodeLikePil(await images.read(i));
    return 'It could not be decoded.';
  } catch (thrown) {
    return asGenscopeError(thrown).message;
  }
}

/** Neighbours of one size become one stack. */
function stacked(pictures: readonly (PictureStack | null)[]): PictureBatch['stacks'] {
  const groups: PictureStack[][] = [];
  for (const picture of pictures) {
    if (picture === null) continue;
    const last = groups.at(-1);
    const [first] = last ?? [];
    if (first && first.width === picture.width && first.height === picture.height) last?.push(picture);
    else groups.push([picture]);
  }
  return groups.map((group) => {
    const [first] = group as [PictureStack];
    if (group.length === 1) return first;
    const data = new Uint8Array(first.data.length * group.length);
    for (const [i, { data: own }] of group.entries()) data.set(own, i * first.data.length);
    return { ...first, count: group.length, data };
  });
}

/** Which pictures, in their order: a seeded draw without replacement (the beginning of a Fisher–Yates shuffle). */
function chosenRows(count: number, { most, seed }: ImageChoice): Int32Array {
  const all = Int32Array.from({ length: count }, (_, i) => i);
  if (most <= 0 || most >= count) return all;
  const uniforms = createRandom('numpy', seed).uniforms(most);
  for (let i = 0; i < most; i++) {
    const other = i + Math.floor((uniforms[i] as number) * (count - i));
    const mine = all[i] as number;
    all[i] = all[other] as number;
    all[other] = mine;
  }
  return all.slice(0, most).sort();
}
