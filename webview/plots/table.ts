/** The table behind a chart, and the same as CSV. Pure. */
import { csvCell } from '../../src/shared/kernel/csv.ts';

/** Words, or a number with the words for it; null where there is none. */
export type TableCell = string | { readonly value: number | null; readonly text: string };

export interface ChartTable {
  readonly columns: readonly string[];
  /** The first cell of each row is its head. */
  readonly rows: readonly (readonly TableCell[])[];
}

export function cellText(cell: TableCell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

/** RFC 4180, lines ended by \r\n; numbers as they were computed, not as they are shown. */
export function csvOf({ columns, rows }: ChartTable): string {
  const lines = [columns, ...rows.map((row) => row.map(cellValue))];
  return lines.map((line) => `${line.map(csvCell).join(',')}\r\n`).join('');
}

function cellValue(cell: TableCell): string | number {
  if (typeof cell === 'string') return cell;
  return cell.value === null || !Number.isFinite(cell.value) ? '' : cell.value;
}
