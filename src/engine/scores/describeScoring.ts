/** What can be chosen before a score is run: extractors, references, and the scores themselves. */
import fs from 'node:fs';
import path from 'node:path';
import type {
  ExtractorDescription,
  ExtractorRef,
  ReferenceDescription,
  ReferenceRef,
  ScoreDescription,
} from '../../shared/scores/scores.ts';
import { readArraysSide } from '../features/arrays.ts';
import { openPictures, pathKind } from '../features/side.ts';
import type { TaskContext } from '../models/context.ts';
import { hashModel, openModelFile } from '../open/modelFile.ts';
import { leftOutInWords } from '../pictures/imageSource.ts';
import { scoreDescriptions } from './choose.ts';

export async function describeExtractor(
  { extractor }: { readonly extractor: ExtractorRef },
  { models }: TaskContext<never>,
): Promise<{ extractor: ExtractorDescription; warnings: readonly string[] }> {
  const { description, warnings } = await models.extractor(extractor);
  return { extractor: description, warnings };
}

/** Counted and hashed; which pictures cannot be decoded is known only once they have been. */
export async function describeReference(
  { reference }: { readonly reference: ReferenceRef },
  { models, signal }: TaskContext<never>,
): Promise<{ reference: ReferenceDescription; warnings: readonly string[] }> {
  if (reference.kind === 'model') {
    const file = openModelFile(reference.model);
    const sha256 = await hashModel(file, signal);
    const described = { kind: 'model', name: file.name, sha256, count: 0, skipped: [] } as const;
    return { reference: described, warnings: [] };
  }
  const name = path.basename(reference.path);
  if ((await pathKind(reference.path)) === 'arrays') {
    const { kind, sha256, count, warnings } = await readArraysSide(fs.realpathSync(reference.path), null);
    return { reference: { kind, name, sha256, count, skipped: [] }, warnings };
  }
  const opened = await openPictures(
    { kind: 'path', path: reference.path, most: 0, seed: 0 },
    { models, signal },
  );
  const { source, kind, sha256 } = opened;
  source.close();
  const described = { kind, name: opened.name, sha256, count: source.count, skipped: source.leftOut };
  const leftOut = source.leftOut.length === 0 ? [] : [leftOutInWords(source.leftOut)];
  return { reference: described, warnings: [...source.warnings, ...leftOut] };
}

export async function describeScores(): Promise<readonly ScoreDescription[]> {
  return scoreDescriptions();
}
