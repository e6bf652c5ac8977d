/** StyleGAN's `dataset.json`: `{"labels": [["00000/img00000000.png", 3], …]}`, or `"labels": null`. */

export interface FileLabels {
  /** One a picture, in the order of the names; null when the file has none, or cannot be used. */
  readonly labels: Int32Array | null;
  readonly warnings: readonly string[];
}

/** Classes are a help, not the reference itself: what is wrong with them is said, and they are left out. */
export function parseLabels(text: string, names: readonly string[]): FileLabels {
  let listed: unknown;
  try {
    listed = (JSON.parse(text) as { labels?: unknown } | null)?.labels;
  } catch {
    return unusable('is no JSON');
  }
  if (listed === null || listed === undefined) return { labels: null, warnings: [] };
  if (!Array.isArray(listed)) return unusable('has no list of labels');
  const byName = new Map<string, number>();
  for (const pair of listed) {
    const [name, label] = Array.isArray(pair) ? pair : [];
    if (typeof name !== 'string' || !Number.isInteger(label) || label < 0)
      return unusable('gives labels that are no whole numbers');
    byName.set(name.replaceAll('\\', '/'), label);
  }
  const missing = names.filter((name) => !byName.has(name));
  if (missing.length > 0) return unusable(`gives no label for ${missing.length} pictures (${missing[0]} …)`);
  return { labels: Int32Array.from(names, (name) => byName.get(name) as number), warnings: [] };
}

function unusable(why: string): FileLabels {
  return { labels: null, warnings: [`dataset.json ${why}: the classes of the pictures are not used.`] };
}
