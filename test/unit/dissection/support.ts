/** Made-up masks, maps and segmentations, and the definitions written down as plainly as can be. */
import fc from 'fast-check';
import { type LabelMap, labelMap, NO_CONCEPT } from '../../../src/algorithms/dissection/labelMap.ts';
import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';

/** The plane of one category: its concepts are `first` … `last`, and some pixels have none. */
export function randomPlane(
  random: NumpyRandom,
  pixels: number,
  first: number,
  last: number,
  none = 0.1,
): Uint16Array {
  const drawn = random.uniforms(pixels * 2);
  return Uint16Array.from({ length: pixels }, (_, i) =>
    (drawn[pixels + i] as number) < none
      ? NO_CONCEPT
      : first + Math.floor((drawn[i] as number) * (last - first + 1)),
  );
}

/** Label maps of `images` pictures; two planes share the concepts between them. */
export function randomLabels(
  seed: number,
  images: number,
  { height = 4, width = 5, concepts = 4, planes = 1 } = {},
): LabelMap[] {
  const random = new NumpyRandom(seed);
  const middle = planes === 2 ? Math.floor(concepts / 2) : concepts;
  return Array.from({ length: images }, () => {
    const made = [randomPlane(random, height * width, 0, middle - 1)];
    if (planes === 2) made.push(randomPlane(random, height * width, middle, concepts - 1));
    return labelMap(height, width, made);
  });
}

/** Masks [images][units], each the list of its pixels. */
export function randomMasks(
  seed: number,
  images: number,
  units: number,
  pixels: number,
  share = 0.3,
): number[][][] {
  const random = new NumpyRandom(seed);
  return Array.from({ length: images }, () =>
    Array.from({ length: units }, (_, unit) =>
      // The last unit is never active.
      unit === units - 1 && units > 1
        ? []
        : [...random.uniforms(pixels)].flatMap((value, i) => (value < share ? [i] : [])),
    ),
  );
}

/** Does pixel `i` show concept `c`? */
export function shows(labels: LabelMap, i: number, c: number): boolean {
  return labels.planes.some((plane) => plane[i] === c);
}

/** Pixels of `mask` that show the concept; of all pixels, when there is no mask. */
export function countOf(labels: LabelMap, c: number, mask?: readonly number[]): number {
  const looked = mask ?? Array.from({ length: labels.pixels }, (_, i) => i);
  return looked.filter((i) => shows(labels, i, c)).length;
}

/** Σ |M ∧ S| / Σ |M ∨ S| over pairs of mask and segmentation. */
export function iouOf(
  pairs: readonly { mask: readonly number[]; labels: LabelMap }[],
  concept: number,
): number {
  let both = 0;
  let either = 0;
  for (const { mask, labels } of pairs) {
    const inside = new Set(mask);
    for (let i = 0; i < labels.pixels; i++) {
      const shown = shows(labels, i, concept);
      if (shown && inside.has(i)) both++;
      if (shown || inside.has(i)) either++;
    }
  }
  return either > 0 ? both / either : 0;
}

/** A mask of ascending pixels as runs, and how many they are. */
export function asSpans(mask: readonly number[]): [Int32Array, number] {
  const begins = mask.filter((pixel, i) => mask[i - 1] !== pixel - 1);
  const ends = mask.filter((pixel, i) => mask[i + 1] !== pixel + 1);
  const spans = begins.flatMap((pixel, i) => [pixel, (ends[i] as number) + 1]);
  // Longer than the mask: only the first n count.
  return [Int32Array.from([...spans, 0, 3]), begins.length];
}

export const anySide = fc.integer({ min: 1, max: 9 });
export const anySeed = fc.integer({ min: 0, max: 2 ** 31 });
