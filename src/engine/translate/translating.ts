/** The loop that every translation comes out of: a picture, there, and with a second model back; cancellable between pictures. */
import { gaussianBlur } from '../../algorithms/images/gaussianBlur.ts';
import { meanAbsoluteDifference, type Planes, sameSize } from '../../algorithms/images/planes.ts';
import { asGenscopeError, GenscopeError } from '../../shared/kernel/errors.ts';
import type { TranslatedColumn } from '../../shared/protocol.ts';
import { nextTurn, throwIfCancelled } from '../kernel/queue.ts';
import { planesToPicture } from '../pictures/planes.ts';
import type { PictureStack } from '../runtime/imageCodec.ts';
import { requireFinite } from '../samples/sampling.ts';
import { type PictureFrame, type PreparedPicture, readPicture } from '../translator/pictureInput.ts';
import type { Translator } from '../translator/translator.ts';

export interface TranslatingOptions {
  readonly forth: Translator;
  /** The way back, if there is one. */
  readonly back: Translator | null;
  /** σ in pixels of the blur before the way back. */
  readonly blur: number;
  readonly first: number;
  readonly count: number;
  readonly signal: AbortSignal;
}

export interface TranslatedPicture {
  readonly index: number;
  readonly file: string;
  /** One a column, each at its own size. */
  readonly pictures: readonly PictureStack[];
  /** Mean |x − x̂| on [−1, 1]; null without a way back, and where it is no finite number. */
  readonly cycleError: number | null;
  /** Values that were not finite numbers; they are drawn black. */
  readonly nonFinite: number;
  readonly reduced: boolean;
}

export interface SkippedPicture {
  readonly file: string;
  readonly skipped: string;
}

/** Pictures of any size are taken up to this longer side: one run cannot be cancelled, and larger ones take minutes. */
export const LONGEST_INPUT = 512;
/** The same for what comes out of a model that enlarges. */
export const LONGEST_OUTPUT = 1024;

export function columnsOf(back: boolean, blur: number): TranslatedColumn[] {
  if (!back) return ['input', 'translation'];
  return blur > 0
    ? ['input', 'translation', 'sentBack', 'reconstruction']
    : ['input', 'translation', 'reconstruction'];
}

/**
 * Pictures [first, first + count) of `files`, in order; one that is no picture is passed on as skipped.
 * @throws GenscopeError `request.cancelled` between pictures; `input.invalid` when the two models do not fit each other;
 *         `model.nonFinite` when more than 1 % of a picture is not a number
 */
export async function* translatePictures(
  files: readonly string[],
  options: TranslatingOptions,
): AsyncGenerator<TranslatedPicture | SkippedPicture> {
  const { forth, back, first, count, signal } = options;
  const frame = frameFor(forth, back);
  for (const [i, file] of files.slice(first, first + count).entries()) {
    await nextTurn();
    throwIfCancelled(signal);
    const prepared = await readPicture(file, frame).catch(skippable);
    if (prepared instanceof GenscopeError) yield { file, skipped: prepared.message };
    else yield { index: first + i, file, ...(await translateOne(prepared, options)) };
  }
}

/** A file that is no picture costs its row and nothing else; anything else that goes wrong is no fault of the file. */
function skippable(thrown: unknown): GenscopeError {
  const error = asGenscopeError(thrown);
  if (error.code !== 'input.invalid') throw error;
  return error;
}

/** What pictures have to be like, so that the first model takes them and the second what comes of them. */
function frameFor(forth: Translator, back: Translator | null): PictureFrame {
  const { channels, size, multiple, labels, mask } = forth.imageInput;
  const isMasked = mask !== undefined;
  if (back?.imageInput.mask !== undefined)
    throw new GenscopeError(
      'input.invalid',
      `${back.fileName} takes a mask, which a translation has not.`,
      'Translate without a way back.',
    );
  if (back?.imageInput.labels !== undefined)
    throw new GenscopeError(
      'input.invalid',
      `${back.fileName} takes label maps, which a translation is not.`,
      'Translate without a way back.',
    );
  const maxSide = Math.max(1, Math.min(LONGEST_INPUT, Math.floor(LONGEST_OUTPUT / forth.enlargement)));
  if (size || !back || forth.enlargement !== 1)
    return { channels, size, multiple, maxSide, labels, isMasked };
  // Both are powers of two.
  return {
    channels,
    size: back.imageInput.size,
    multiple: Math.max(multiple, back.imageInput.multiple),
    maxSide,
    labels,
    isMasked,
  };
}

async function translateOne(
  { planes, reduced }: PreparedPicture,
  { forth, back, blur }: TranslatingOptions,
): Promise<Omit<TranslatedPicture, 'index' | 'file'>> {
  const translation = await forth.translate(planes);
  const shown = [planes, translation];
  let reconstruction: Planes | null = null;
  if (back) {
    const sent = gaussianBlur(translation, blur);
    if (blur > 0) shown.push(sent);
    reconstruction = await back.translate(sent);
    if (!sameSize(reconstruction, planes)) throw otherSize(back, reconstruction, planes);
    shown.push(reconstruction);
  }
  const drawn = shown.map(planesToPicture);
  const nonFinite = drawn.reduce((sum, one) => sum + one.nonFinite, 0);
  requireFinite(nonFinite, translation.data.length, forth.fileName);
  return {
    pictures: drawn.map(({ pictures }) => pictures),
    cycleError: reconstruction && finiteOrNull(meanAbsoluteDifference(planes, reconstruction)),
    nonFinite,
    reduced,
  };
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function otherSize(back: Translator, got: Planes, wanted: Planes): GenscopeError {
  const text = ({ width, height, channels }: Planes) => `${width}×${height}×${channels}`;
  return new GenscopeError(
    'input.invalid',
    `${back.fileName} gives pictures of ${text(got)} where ${text(wanted)} went in, so it is no way back.`,
    'Choose the generator of the other direction.',
  );
}
