/** What features were made with, kept in their file, so that those of two networks are never compared. */
import { GenscopeError } from '../../shared/errors.ts';
import type { ExtractorDescription, Shard } from '../../shared/scores.ts';
import type { NpzArchive, NpzValue } from '../runtime/npz.ts';

export interface Provenance {
  readonly extractor: string;
  readonly sha256: string;
  readonly resize: string;
}

export async function readProvenance(npz: NpzArchive): Promise<Provenance | null> {
  const sha256 = await npz.text('extractor_sha256');
  if (sha256 === null) return null;
  return {
    sha256,
    extractor: (await npz.text('extractor')) ?? 'another extractor',
    resize: (await npz.text('resize')) ?? '',
  };
}

export function provenanceArrays({ name, sha256, resize }: ExtractorDescription): Record<string, string> {
  return { extractor: name, extractor_sha256: sha256, resize };
}

/** Which part of which whole a file holds. */
export interface PartOf extends Shard {
  readonly origin: string;
}

export function shardArrays(part: PartOf | null): Record<string, NpzValue> {
  if (part === null) return {};
  return { shard: { shape: [2], values: Int32Array.of(part.index, part.of) }, shard_origin: part.origin };
}

/** Null for a file that is no part of anything. */
export async function readPart(npz: NpzArchive): Promise<PartOf | null> {
  const origin = await npz.text('shard_origin');
  if (origin === null || !npz.names.includes('shard')) return null;
  const [index = -1, of = 0] = (await npz.read('shard')).values;
  return { origin, index, of };
}

/**
 * What to warn of where a file was made another way.
 * @throws GenscopeError `reference.mismatch` for features of another network
 */
export function checkProvenance(
  file: string,
  made: Provenance | null,
  wanted: ExtractorDescription | null,
): readonly string[] {
  if (made === null || wanted === null) return [];
  if (made.sha256 !== wanted.sha256)
    throw new GenscopeError(
      'reference.mismatch',
      `${file} was made with the extractor ${made.extractor} (${made.sha256.slice(0, 12)}…), not with ${wanted.name} (${wanted.sha256.slice(0, 12)}…).`,
      'Choose that extractor, or make the file again with this one.',
    );
  if (made.resize === wanted.resize) return [];
  return [
    `${file} was made with pictures resized by “${made.resize}”, here it is “${wanted.resize}”: scores of the two do not compare.`,
  ];
}
