/** One side of a comparison from whatever it is given as: pictures, features, statistics, or a generator. */

import path from 'node:path';
import type { Matrix, Side } from '../../algorithms/scores/types.ts';
import type { Edit } from '../../shared/edits/edits.ts';
import { statIfThere } from '../../shared/files/there.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { ModelRef } from '../../shared/protocol.ts';
import type { LatentSource } from '../../shared/samples/latents.ts';
import type {
  ExtractorDescription,
  Quantisation,
  ReferenceDescription,
  ScoreProgress,
  Shard,
} from '../../shared/scores/scores.ts';
import type { Extractor } from '../extractor/extractor.ts';
import { contentKey } from '../kernel/contentKey.ts';
import type { Models } from '../models/models.ts';
import { openFolderSource } from '../pictures/folderSource.ts';
import { type ImageSource, leftOutInWords, type Skipped } from '../pictures/imageSource.ts';
import { holdsPictures, openStackSource } from '../pictures/stackSource.ts';
import { openZipSource } from '../pictures/zipSource.ts';
import { readArraysSide } from './arrays.ts';
import { type PictureFeatures, runFeatures } from './featuresPass.ts';
import { openGeneratorSource } from './generatorSource.ts';
import { openImages } from './imagesSource.ts';
import type { PictureSource } from './pictureSource.ts';
import { type Provenance, provenanceOf } from './provenance.ts';
import { shardOf } from './shard.ts';

/** What a side is asked to be made of. */
export type SideInput =
  | { readonly kind: 'path'; readonly path: string; readonly most: number; readonly seed: number }
  | {
      readonly kind: 'model';
      readonly model: ModelRef;
      readonly samples: number;
      readonly seed: number;
      readonly source: LatentSource;
      readonly classes: 'all' | number;
      readonly quantisation: Quantisation;
      readonly edits?: readonly Edit[];
    };

export interface OpenedSide {
  readonly side: Side;
  readonly description: ReferenceDescription;
  /** Of `description.skipped`, those that had a place in the list of pictures. */
  readonly undecoded: readonly Skipped[];
  /** How its features were made; null where a file does not say. */
  readonly provenance: Provenance | null;
  /** Pictures that the extractor saw for it. */
  readonly made: number;
  /** The whole list of pictures that it is, or is a part of: equal for parts of one list. Empty for arrays. */
  readonly origin: string;
  /** Of the first picture; null where there are none. */
  readonly size: { readonly width: number; readonly height: number } | null;
  readonly warnings: readonly string[];
}

export interface SideContext {
  readonly models: Models;
  readonly cache: string | null;
  readonly phase: 'reference' | 'samples';
  readonly signal: AbortSignal;
  readonly report: (progress: ScoreProgress) => void;
  /** Only this part of the pictures. */
  readonly shard?: Shard;
}

/** `stack`: pictures in an array; `arrays`: features or statistics. */
export type PathKind = 'folder' | 'zip' | 'stack' | 'arrays';

/** @throws GenscopeError `reference.missing`, `reference.invalid` for a file of another kind */
export async function pathKind(given: string): Promise<PathKind> {
  const file = path.resolve(given);
  const stat = statIfThere(file);
  if (!stat) throw new GenscopeError('reference.missing', `There is nothing at ${file}.`, `Choose ${KINDS}.`);
  if (stat.isDirectory()) return 'folder';
  const ending = path.extname(file).toLowerCase();
  if (ending === '.zip') return 'zip';
  if (ending === '.npz' || ending === '.npy') return (await holdsPictures(file)) ? 'stack' : 'arrays';
  const what = ending === '.onnx' ? 'a generator' : `a ${ending || 'nameless'} file`;
  throw new GenscopeError(
    'reference.invalid',
    `${path.basename(file)} is ${what}, and no pictures, features or statistics.`,
    `Choose ${KINDS}.`,
  );
}

const KINDS =
  'a folder of pictures, a .zip of pictures, an .npz of statistics, features or pictures, or an .npy of features or pictures';

/** Pictures of a side, before the extractor has seen them. */
export interface OpenedPictures {
  readonly source: PictureSource;
  readonly kind: 'folder' | 'zip' | 'stack' | 'model';
  readonly name: string;
  readonly sha256: string;
}

/** @throws GenscopeError as opening fails; `reference.invalid` for arrays, which are no pictures */
export async function openPictures(
  input: SideInput,
  { models, signal }: Pick<SideContext, 'models' | 'signal'>,
): Promise<OpenedPictures> {
  if (input.kind === 'model') {
    const { model, samples: count, seed, source, classes, quantisation, edits = [] } = input;
    const plan = { kind: 'seeds', source, seed, count, classes } as const;
    const opened = await openGeneratorSource({ models, model, plan, quantisation, edits, signal });
    return { source: opened, kind: 'model', name: opened.file, sha256: opened.sha256 };
  }
  const images = await openImageSource(input.path, signal);
  try {
    const source = await openImages(images, { most: input.most, seed: input.seed }, signal);
    return { source, kind: images.kind, name: images.name, sha256: source.sha256 };
  } catch (thrown) {
    images.close();
    throw thrown;
  }
}

/** @throws GenscopeError `reference.invalid` for arrays, which are no pictures */
export async function openImageSource(given: string, signal: AbortSignal): Promise<ImageSource> {
  const kind = await pathKind(given);
  if (kind === 'folder') return openFolderSource(given, signal);
  if (kind === 'zip') return openZipSource(path.resolve(given));
  if (kind === 'stack') return openStackSource(path.resolve(given));
  throw new GenscopeError(
    'reference.invalid',
    `${path.basename(given)} holds arrays, not pictures.`,
    'Choose a folder or a .zip of pictures.',
  );
}

/**
 * @param extractor asked for only where there are pictures
 * @param wanted what arrays have to fit; null: they stand for themselves
 * @throws GenscopeError `reference.*`, or as opening models and extracting fail
 */
export async function openSide(
  input: SideInput,
  extractor: () => Promise<Extractor>,
  wanted: ExtractorDescription | null,
  context: SideContext,
): Promise<OpenedSide> {
  if (input.kind === 'path' && (await pathKind(input.path)) === 'arrays') {
    const found = await readArraysSide(path.resolve(input.path), wanted);
    const { kind, side, count, sha256, warnings } = found;
    const name = path.basename(input.path);
    const description = { kind, name, sha256, count, skipped: [] };
    if (context.shard !== undefined) throw arraysHaveNoParts(name);
    return {
      ...{ side, description, provenance: found.made, made: 0 },
      ...{ undecoded: [], origin: '', size: null, warnings },
    };
  }
  const { source: whole, kind, name, sha256 } = await openPictures(input, context);
  const origin = contentKey({ key: whole.key, count: whole.count });
  try {
    const source = context.shard === undefined ? whole : shardOf(whole, context.shard);
    const own = await extractor();
    const size = await source.size();
    const { phase, cache, signal, report } = context;
    const { batchSize } = context.models;
    const found = await runFeatures({
      ...{ source, extractor: own, cache, phase, signal, report, batchSize },
    });
    const { count, made } = found;
    const skipped = [...source.leftOut, ...found.skipped];
    if (count === 0) throw noneDecoded(name, found);
    return {
      side: sideOf(found, own.description),
      description: { kind, name, sha256, count, skipped },
      undecoded: found.skipped,
      ...{ provenance: provenanceOf(own.description), made, origin, size },
      warnings: [...found.warnings, ...skippedWarning(name, skipped, count)],
    };
  } finally {
    whole.close();
  }
}

function arraysHaveNoParts(name: string): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    `${name} holds features or statistics that are made already.`,
    'Leave --shard out, or name pictures or a model.',
  );
}

function sideOf(
  { features, logits, labels, count }: PictureFeatures,
  { features: d, classes }: ExtractorDescription,
): Side {
  const matrix = (values: Float32Array, columns: number): Matrix => ({ rows: count, columns, values });
  return {
    features: matrix(features, d),
    statistics: null,
    logits: classes > 0 ? matrix(logits, classes) : null,
    labels: labels.every((label) => label >= 0) ? labels : null,
  };
}

function skippedWarning(name: string, skipped: readonly Skipped[], count: number): string[] {
  if (skipped.length === 0) return [];
  const all = skipped.length + count;
  const which = leftOutInWords(skipped).replace(/^.*? left out: /, '');
  return [
    `${skipped.length.toLocaleString('en')} of the ${all.toLocaleString('en')} pictures of ${name} are left out: ${which}`,
  ];
}

function noneDecoded(name: string, { skipped }: PictureFeatures): GenscopeError {
  const [first] = skipped;
  return new GenscopeError(
    'reference.invalid',
    `None of the ${skipped.length} pictures of ${name} can be read: ${first?.file} (${first?.reason})`,
    'Save them as PNG or JPEG.',
  );
}
