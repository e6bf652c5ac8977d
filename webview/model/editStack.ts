/** What can be done to a stack of edits. Pure. */
import type { Edit } from '../../src/shared/edits/edits.ts';

export function edited(edits: readonly Edit[], id: string, patch: Partial<Omit<Edit, 'id'>>): Edit[] {
  return edits.map((edit) => (edit.id === id ? { ...edit, ...patch } : edit));
}

export function without(edits: readonly Edit[], id: string): Edit[] {
  return edits.filter((edit) => edit.id !== id);
}

/** @param by places: −1 is one up, since the first edit is done first and stands on top. */
export function shifted(edits: readonly Edit[], id: string, by: number): readonly Edit[] {
  const from = edits.findIndex((edit) => edit.id === id);
  const to = from + by;
  const edit = edits[from];
  if (edit === undefined || to < 0 || to >= edits.length) return edits;
  const rest = without(edits, id);
  return [...rest.slice(0, to), edit, ...rest.slice(to)];
}

/** A copy right after the original. */
export function duplicated(
  edits: readonly Edit[],
  id: string,
  copy: { readonly id: string; readonly name: string },
): Edit[] {
  return edits.flatMap((edit) => (edit.id === id ? [edit, { ...edit, ...copy }] : [edit]));
}

/** The edit that takes the place of a removed one: the next, else the one before. */
export function neighbourOf(edits: readonly Edit[], id: string): string | null {
  const at = edits.findIndex((edit) => edit.id === id);
  return (edits[at + 1] ?? edits[at - 1])?.id ?? null;
}

/** A name that none of the edits has: "tree off", "tree off 2". */
export function freeName(edits: readonly Edit[], wanted: string): string {
  const taken = new Set(edits.map(({ name }) => name));
  if (!taken.has(wanted)) return wanted;
  const base = wanted.replace(/ \d+$/, '');
  for (let n = 2; ; n++) if (!taken.has(`${base} ${n}`)) return `${base} ${n}`;
}
