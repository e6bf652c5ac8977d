/** What features were made with, kept in their file, so that those of two networks are never compared. */
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { ExtractorDescription, Shard } from '../../shared/scores/scores.ts';
import type { NpzArchive, NpzValue } from '../files/npz.ts';

export interface Provenance {
  readonly extractor: string;
  readonly sha256: string;
  readonly resize: string;
  /** The tensor taken instead of the declared features; '' for these. */
  readonly layer: string;
  /** Black and white as the network was given them; '' where the file does not say. */
  readonly values: string;
}

export async function readProvenance(npz: NpzArchive): Promise<Provenance | null> {
  const sha256 = await npz.text('extractor_sha256');
  if (sha256 === null) return null;
  return {
    sha256,
    extractor: (await npz.text('extractor')) ?? 'another extractor',
    resize: (await npz.text('resize')) ?? '',
    layer: (await npz.text('layer')) ?? '',
    values: (await npz.text('values')) ?? '',
  };
}

export function provenanceArrays(made: Provenance): Record<string, string> {
  const { extractor, sha256, resize, values, layer } = made;
  return { extractor, extractor_sha256: sha256, resize, values, ...(layer !== '' && { layer }) };
}

/** Of what is made now. */
export function provenanceOf(description: ExtractorDescription): Provenance {
  const { name, sha256, resize, values = '', layer = '' } = description;
  return { extractor: name, sha256, resize, values, layer };
}

/** Two sides of one score, by name; null where a file does not say how it was made. */
export interface NamedProvenance {
  readonly name: string;
  readonly made: Provenance | null;
}

/**
 * What to warn of where the two sides were made in different ways, or one does not say how.
 * @throws GenscopeError `reference.mismatch` for features of two networks
 */
export function compareSides(a: NamedProvenance, b: NamedProvenance): readonly string[] {
  const silent = [a, b].filter(({ made }) => made === null).map(({ name }) => name);
  if (a.made === null || b.made === null)
    return [
      `${silent.join(' and ')} ${silent.length === 1 ? 'does' : 'do'} not say with which extractor, resize and values ${silent.length === 1 ? 'it was' : 'they were'} made (unknown): the score holds only where they are the same on both sides.`,
    ];
  if (a.made.sha256 !== b.made.sha256)
    throw new GenscopeError(
      'reference.mismatch',
      `${a.name} was made with the extractor ${a.made.extractor} (${a.made.sha256.slice(0, 12)}…), ${b.name} with ${b.made.extractor} (${b.made.sha256.slice(0, 12)}…).`,
      'Make both with one extractor.',
    );
  if (a.made.layer !== b.made.layer) throw otherLayers(a.name, a.made.layer, b.name, b.made.layer);
  return (['resize', 'values'] as const).flatMap((what) => {
    const [one, other] = [a.made?.[what] ?? '', b.made?.[what] ?? ''];
    if (one === other && one !== '') return [];
    if (one === '' || other === '') return [notSaid(one === '' ? a.name : b.name, what)];
    return [`${a.name} was made with ${WORDS[what]} “${one}”, ${b.name} with “${other}”: ${NOT_COMPARABLE}`];
  });
}

function otherLayers(a: string, layer: string, b: string, other: string): GenscopeError {
  const words = (one: string) => (one === '' ? 'the network’s own features' : `the tensor “${one}”`);
  return new GenscopeError(
    'reference.mismatch',
    `${a} is of ${words(layer)}, ${b} of ${words(other)}.`,
    'Make both with the same --layer.',
  );
}

const WORDS = { resize: 'the resize', values: 'the values' } as const;
const NOT_COMPARABLE = 'scores of the two do not compare.';

function notSaid(name: string, what: 'resize' | 'values'): string {
  return `${name} does not say with ${WORDS[what]} of what kind it was made (unknown).`;
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
  if (made.layer !== (wanted.layer ?? ''))
    throw otherLayers(file, made.layer, wanted.name, wanted.layer ?? '');
  return [
    ...(made.resize === '' || made.resize === wanted.resize
      ? []
      : [
          `${file} was made with pictures resized by “${made.resize}”, here it is “${wanted.resize}”: ${NOT_COMPARABLE}`,
        ]),
    ...(made.values === '' || made.values === wanted.values
      ? []
      : [
          `${file} was made with the values ${made.values} for black and white, here they are ${wanted.values}: ${NOT_COMPARABLE}`,
        ]),
  ];
}
