/** The commonest class of a cluster. */

/** Null where there are no classes, or no rows in the cell. */
export function argmaxLabel(labels: Int32Array | null, cells: Int32Array, cell: number): number | null {
  if (labels === null) return null;
  const counts = new Map<number, number>();
  for (const [row, own] of cells.entries())
    if (own === cell) counts.set(labels[row] as number, (counts.get(labels[row] as number) ?? 0) + 1);
  const [best] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  return best?.[0] ?? null;
}
