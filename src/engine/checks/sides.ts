/** The two sides of a look: features from the cache where they are there, and the pictures behind them. */
import type { Matrix } from '../../algorithms/scores/types.ts';
import type { VarietySettings } from '../../shared/checks/looks.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { ModelRef } from '../../shared/protocol.ts';
import type { ScoreProgress } from '../../shared/scores/scores.ts';
import type { Extractor } from '../extractor/extractor.ts';
import type { PictureSource } from '../features/pictureSource.ts';
import { type OpenedSide, openPictures, openSide, pathKind } from '../features/side.ts';
import type { TaskContext } from '../models/context.ts';
import type { PictureStack } from '../runtime/imageCodec.ts';

export interface LookInput {
  readonly model: ModelRef;
  readonly samples: number;
  readonly settings: Omit<VarietySettings, 'reference' | 'referenceSamples'>;
  readonly cache: string | null;
}

export interface OpenedLook extends OpenedSide {
  readonly features: Matrix;
}

/** Samples of the generator, with their features. */
export function openSamples(
  { model, samples, settings, cache }: LookInput,
  extractor: Extractor,
  context: TaskContext<ScoreProgress>,
): Promise<OpenedLook> {
  const { seed, source, classes, quantisation } = settings;
  const input = { kind: 'model', model, samples, seed, source, classes, quantisation } as const;
  return open(input, extractor, cache, 'samples', context);
}

/** @throws GenscopeError `input.invalid` for arrays, and for pictures that cannot be read: every place is to be a picture */
export async function openReal(
  { reference, referenceSamples, seed }: Pick<VarietySettings, 'reference' | 'referenceSamples' | 'seed'>,
  extractor: Extractor,
  cache: string | null,
  context: TaskContext<ScoreProgress>,
): Promise<OpenedLook> {
  if ((await pathKind(reference)) === 'arrays') throw noPictures(reference);
  const input = { kind: 'path', path: reference, most: referenceSamples, seed } as const;
  const opened = await open(input, extractor, cache, 'reference', context);
  if (opened.undecoded.length > 0) throw unreadable(opened);
  return opened;
}

async function open(
  input: Parameters<typeof openSide>[0],
  extractor: Extractor,
  cache: string | null,
  phase: 'reference' | 'samples',
  { models, signal, report }: TaskContext<ScoreProgress>,
): Promise<OpenedLook> {
  const own = async () => extractor;
  const opened = await openSide(input, own, extractor.description, { models, cache, signal, report, phase });
  const { features } = opened.side;
  if (features === null) throw noPictures(opened.description.name);
  return { ...opened, features };
}

/** The pictures of a side again, to be drawn: close it after. */
export async function openPicturesOf(
  input: Parameters<typeof openPictures>[0],
  context: TaskContext<ScoreProgress>,
): Promise<PictureSource> {
  return (await openPictures(input, context)).source;
}

/** One stack a picture, in the order asked for. */
export async function picturesAt(source: PictureSource, rows: readonly number[]): Promise<PictureStack[]> {
  const pictures: PictureStack[] = [];
  for (const row of rows) {
    const { stacks } = await source.read(row, 1, 0);
    if (stacks[0]) pictures.push(stacks[0]);
  }
  return pictures;
}

function noPictures(name: string): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    `${name} holds no pictures to look at.`,
    'Name the folder, .zip or array of the images that the generator was trained on.',
  );
}

function unreadable({ description, undecoded }: OpenedSide): GenscopeError {
  const [first] = undecoded;
  return new GenscopeError(
    'input.invalid',
    `${undecoded.length} picture(s) of ${description.name} cannot be read: ${first?.file} (${first?.reason})`,
    'Take them out, so that every place is a picture.',
  );
}
