/** Published extractors, set up once: fetched from the hub or found in a folder, tried out, and pinned by their hash. */
import path from 'node:path';
import { makeFolder } from '../../shared/files/atomic.ts';
import { readKept, writeSealed } from '../../shared/files/sealed.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { WorkProgress } from '../../shared/protocol.ts';
import { PUBLISHED_EXTRACTORS, type PublishedExtractor } from '../../shared/scores/extractors.ts';
import type { ExtractorDescription, ExtractorRef } from '../../shared/scores/scores.ts';
import { downloadFromHub } from '../hub/hub.ts';
import type { Models } from './models.ts';

/** What is kept of one that is set up. */
interface Pin {
  readonly schema: 1;
  readonly id: string;
  readonly folder: string;
  /** Of model and settings, as they were tried out: what is used later has to be the same. */
  readonly sha256: string;
  /** The commit that it was fetched from; null for a folder that was there. */
  readonly commit: string | null;
}

export interface PublishedRequest {
  readonly extractor: PublishedExtractor;
  /** A folder that holds it already; null: the hub, which the person has agreed to. */
  readonly folder: string | null;
  readonly repo: string;
  readonly revision: string;
  readonly endpoint?: string | undefined;
  readonly hubCache?: string | undefined;
  /** Where the pin is kept. */
  readonly cache: string;
}

/** @throws GenscopeError as the hub and opening fail; `extractor.unsuitable` for another network */
export async function setUpPublished(
  { extractor, folder, repo, revision, endpoint, hubCache, cache }: PublishedRequest,
  {
    models,
    signal,
    report,
  }: {
    readonly models: Models;
    readonly signal: AbortSignal;
    readonly report: (progress: WorkProgress) => void;
  },
): Promise<{
  readonly folder: string;
  readonly description: ExtractorDescription;
  readonly commit: string | null;
}> {
  const fetched =
    folder === null
      ? await downloadFromHub({
          ...{ id: repo, revision, files: ['config.json', 'preprocessor_config.json', ...extractor.models] },
          ...(endpoint !== undefined && { endpoint }),
          ...(hubCache !== undefined && { cacheDir: hubCache }),
          signal,
          onProgress: ({ file, loaded, total }) => report({ done: loaded, total, message: file }),
        })
      : null;
  const place = fetched?.folder ?? path.resolve(folder ?? '');
  // It is run once here: better said now than in the middle of a score.
  const { description } = await models.extractor({ path: place });
  if (description.features !== extractor.features)
    throw new GenscopeError(
      'extractor.unsuitable',
      `That is not ${extractor.name}: it gives ${description.features} features, not ${extractor.features}.`,
      'Name the repository or folder of that network’s own ONNX export.',
    );
  const commit = fetched?.commit ?? null;
  const pin: Pin = { schema: 1, id: extractor.id, folder: place, sha256: description.sha256, commit };
  makeFolder(path.join(cache, 'extractors'));
  writeSealed(pinFile(cache, extractor.id), pin);
  return { folder: place, description, commit };
}

/** One that is set up, as scores take it; null where it is not. */
export function publishedExtractor(cache: string, id: string): ExtractorRef | null {
  if (!PUBLISHED_EXTRACTORS.some((one) => one.id === id)) return null;
  const kept = readKept(pinFile(cache, id));
  if (kept.state !== 'whole') return null;
  const { schema, folder, sha256 } = kept.value as Partial<Pin>;
  return schema === 1 && typeof folder === 'string' && typeof sha256 === 'string'
    ? { path: folder, sha256 }
    : null;
}

function pinFile(cache: string, id: string): string {
  return path.join(cache, 'extractors', `${id}.json`);
}
