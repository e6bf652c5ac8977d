/**
 * StyleGAN's `dataset.json`: `{"labels": [["00000/img00000000.png", 3], …]}`, or `"labels": null`. Classes are whole numbers,
 * or one-hot rows of them.
 */
import path from 'node:path';

export interface FileLabels {
  /** One a picture, in the order of the names; null when there are none, or they cannot be used. */
  readonly labels: Int32Array | null;
  readonly warnings: readonly string[];
}

/** Where StyleGAN's data sets keep their classes, at the top or in a folder of their own. */
export const LISTING = 'dataset.json';
/** ImageNet's has 50 MB. */
export const MOST_LISTING_BYTES = 256 * 2 ** 20;
/** More classes than any data set has: a number above is an id, or damage, and tables of classes would take all memory. */
export const MOST_CLASSES = 2 ** 20;

export interface Listing {
  /** As the pictures are named: `mydata/dataset.json`. */
  readonly name: string;
  /** Null where it could not be read, which is said elsewhere. */
  readonly text: string | null;
}

/** Classes are a help, not the reference itself: what is wrong with them is said, and they are left out. */
export function readLabels(listings: readonly Listing[], names: readonly string[]): FileLabels {
  const byName = new Map<string, number>();
  const known = new Set(names);
  let said = false;
  for (const { name: place, text } of listings) {
    if (text === null) continue;
    const pairs = pairsOf(text);
    if (typeof pairs === 'string') return unusable(place, pairs);
    if (pairs === null) continue;
    said = true;
    const folder = path.posix.dirname(place);
    for (const [name, given] of pairs) {
      const label = classOf(given);
      if (typeof name !== 'string' || label === null)
        return unusable(place, `gives labels that are no class numbers (${short(name)}: ${short(given)})`);
      const spelt = path.posix.normalize(name.replaceAll('\\', '/'));
      // Names count from where the listing lies; some tools write them from the top.
      const inside = path.posix.join(folder, spelt);
      byName.set(known.has(inside) || !known.has(spelt) ? inside : spelt, label);
    }
  }
  if (!said) return { labels: null, warnings: [] };
  const missing = names.filter((name) => !byName.has(name));
  if (missing.length > 0)
    return unusable(LISTING, `gives no label for ${missing.length} pictures (${missing[0]} …)`);
  return { labels: Int32Array.from(names, (name) => byName.get(name) as number), warnings: [] };
}

/** Null for a listing without labels; in words, what is wrong with one. */
function pairsOf(text: string): Iterable<readonly unknown[]> | string | null {
  let listed: unknown;
  try {
    listed = (JSON.parse(text) as { labels?: unknown } | null)?.labels;
  } catch {
    return 'is no JSON';
  }
  if (listed === null || listed === undefined) return null;
  if (Array.isArray(listed)) return listed.map((pair: unknown) => (Array.isArray(pair) ? pair : []));
  return typeof listed === 'object' ? Object.entries(listed) : 'has no list of labels';
}

/** A class number, whether it is written as one or as a one-hot row; null for anything else. */
export function classOf(given: unknown): number | null {
  if (Array.isArray(given)) return oneHot(given);
  return typeof given === 'number' && Number.isInteger(given) && given >= 0 && given < MOST_CLASSES
    ? given
    : null;
}

/** Where the only 1 among zeros is; the class itself for a row of one number. */
function oneHot(row: readonly unknown[]): number | null {
  if (row.length === 1) return classOf(row[0] as unknown);
  const at = row.indexOf(1);
  return at >= 0 && row.every((value, i) => value === (i === at ? 1 : 0)) ? at : null;
}

function short(value: unknown): string {
  const text = typeof value === 'object' ? 'a list or an object' : String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

function unusable(place: string, why: string): FileLabels {
  return { labels: null, warnings: [`${place} ${why}: the classes of the pictures are not used.`] };
}
