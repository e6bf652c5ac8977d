/** Units as people write them: "3-17, 40". Pure. */

export type ParsedUnits =
  | { readonly units: readonly number[]; readonly wrong: null }
  /** The part that cannot be read, or names a unit that is not there. */
  | { readonly units: null; readonly wrong: string };

/** @param count how many units the layer has: 0 … count − 1 are allowed. Each is answered once, in the order written. */
export function parseUnits(text: string, count: number): ParsedUnits {
  const units = new Set<number>();
  const joined = text.replace(/\s*[-–]\s*/g, '-');
  for (const part of joined.split(/[,;\s]+/).filter((word) => word !== '')) {
    const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    const from = first === undefined ? Number.NaN : Number(first);
    const to = last === undefined ? from : Number(last);
    if (!(from <= to) || to >= count) return { units: null, wrong: part };
    for (let unit = from; unit <= to; unit++) units.add(unit);
  }
  return { units: [...units], wrong: null };
}

/** The shortest way to write them, in rising order: three or more in a row are a range. */
export function unitsText(units: readonly number[]): string {
  const sorted = [...new Set(units)].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let i = 0; i < sorted.length; ) {
    let end = i;
    while (sorted[end + 1] === (sorted[end] as number) + 1) end++;
    const [first, last] = [sorted[i], sorted[end]];
    if (end - i >= 2) parts.push(`${first}-${last}`);
    else parts.push(...sorted.slice(i, end + 1).map(String));
    i = end + 1;
  }
  return parts.join(', ');
}
