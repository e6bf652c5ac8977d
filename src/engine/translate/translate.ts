/** `translate`: rows of input, translation and way back, each sent as soon as it is done. */
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { Frames, Translated, TranslateParams, TranslateResult } from '../../shared/protocol.ts';
import type { TaskContext } from '../models/context.ts';
import { openModelFile, requireUnchanged } from '../open/modelFile.ts';
import { findImages } from '../pictures/imageFolder.ts';
import { encodeWebp, shrink } from '../runtime/imageCodec.ts';
import { alike } from '../samples/rows.ts';
import { takesMasks } from '../translator/loadTranslator.ts';
import { withoutMasks } from '../translator/masks.ts';
import { columnsOf, type TranslatedPicture, translatePictures } from './translating.ts';
import { TranslationTally } from './translationTally.ts';

/** WebP's own limit on a side; the pictures of a row travel stacked. */
const WEBP_SIDE = 16_383;

export async function translate(
  params: TranslateParams,
  context: TaskContext<Translated>,
): Promise<TranslateResult> {
  const started = performance.now();
  requireUnchanged(params.model, params.stamp);
  const { first, count, blur } = params;
  const all = await findImages(params.inputs, context.signal);
  const { leftOut, warnings: listing } = all;
  const files = takesMasks(openModelFile(params.model)) ? withoutMasks(all.files) : all.files;
  const columns = columnsOf(params.back !== undefined, blur);
  const found = files.length;
  // Who asks for none wants to know how many there are.
  if (count === 0)
    return {
      columns,
      found,
      skipped: leftOut,
      cycle: null,
      ms: performance.now() - started,
      warnings: listing,
    };
  if (found === 0) throw noPictures(params.inputs);
  const forth = await context.models.translator(params.model);
  const back = params.back ? await context.models.translator(params.back) : null;
  const tally = new TranslationTally(forth, back);
  for await (const step of translatePictures(files, {
    forth,
    back,
    blur,
    first,
    count,
    signal: context.signal,
  })) {
    if ('skipped' in step) tally.skip(step);
    else {
      tally.add(step);
      const { index, file, cycleError } = step;
      context.report({ index, file, frames: await framesOf(step, params), cycleError });
    }
  }
  return {
    columns,
    found,
    skipped: [...leftOut, ...tally.skipped],
    cycle: tally.cycle,
    ms: performance.now() - started,
    warnings: [...listing, ...tally.warnings()],
  };
}

async function framesOf(
  { pictures }: TranslatedPicture,
  { maxSide, encoding }: TranslateParams,
): Promise<Frames> {
  const most = encoding === 'webp' ? Math.floor(WEBP_SIDE / pictures.length) : maxSide;
  const row = await shrink(alike(pictures), Math.min(maxSide, most));
  const { count, width, height } = row;
  const data = encoding === 'webp' ? await encodeWebp(row) : row.data;
  return { offset: 0, count, width, height, encoding, data };
}

export function noPictures(inputs: readonly string[]): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    `There are no pictures in ${inputs.join(', ')}.`,
    'Choose a folder with PNG, JPEG, WebP, GIF, TIFF, AVIF, BMP, PPM or TGA files.',
  );
}
