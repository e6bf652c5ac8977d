/** Which columns the table of units has, and how wide they are. Pure. */
import type { UnitSort } from '../../model/unitsModel.ts';

export const ROW = 60;
export const HEAD = 28;
/** Longest side of a thumbnail in CSS pixels. */
export const THUMB = 48;
export const THUMB_GAP = 4;
/** Thumbnails of a row, where there is room for all. */
export const MOST_THUMBS = 6;
const GAP = 12;
/** Left and right together (see units.css). */
const PADDING = 28;

export type ColumnId = UnitSort | 'here' | 'top';

export interface Column {
  readonly id: ColumnId;
  /** CSS pixels. */
  readonly width: number;
}

export interface TableLayout {
  readonly columns: readonly Column[];
  readonly thumbs: number;
  /** For `grid-template-columns`. */
  readonly template: string;
}

/** @param named whether there is a dissection to show @param thumb width of a thumbnail */
export function tableLayout(width: number, named: boolean, ranked: boolean, thumb: number): TableLayout {
  const narrow = width < 400;
  const columns: Column[] = [{ id: 'unit', width: 44 }];
  if (named)
    columns.push({ id: 'concept', width: narrow ? 84 : 104 }, { id: 'iou', width: narrow ? 60 : 128 });
  if (ranked) columns.push({ id: 'here', width: 52 });
  if (named && width >= 660) columns.push({ id: 'null', width: 56 }, { id: 'level', width: 56 });
  if (!named || width >= 900) columns.push({ id: 'mean', width: 72 }, { id: 'peak', width: 72 });
  const taken = columns.reduce((sum, column) => sum + column.width + GAP, 0);
  const room = width - taken - PADDING;
  const thumbs = Math.min(MOST_THUMBS, Math.max(0, Math.floor((room + THUMB_GAP) / (thumb + THUMB_GAP))));
  if (thumbs > 0) columns.push({ id: 'top', width: thumbs * (thumb + THUMB_GAP) - THUMB_GAP });
  const template = columns
    .map(({ id, width: w }) => (id === 'top' ? `minmax(${w}px, 1fr)` : `${w}px`))
    .join(' ');
  return { columns, thumbs, template };
}
