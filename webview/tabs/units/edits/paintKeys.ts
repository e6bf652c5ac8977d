import type { LatentKey } from '../../../../src/shared/samples/latents.ts';
import { moved } from '../../../model/selection.ts';
import { type BrushStore, MOST_BRUSH } from '../../../stores/brush.ts';
import { t } from '../../../strings.ts';

interface Key {
  readonly key: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

/** Cells that PageUp and PageDown go at once. */
const PAGE = 4;

/**
 * The keyboard's way to paint: a cell cursor, Space as the brush. Answers what is to be said of it, '' for nothing;
 * null for a key that means nothing here.
 */
export function paintByKey(
  event: Key,
  brush: BrushStore,
  sample: LatentKey,
  [rows, columns]: readonly [number, number],
): string | null {
  const { key } = event;
  if (event.altKey || event.ctrlKey || event.metaKey) return null;
  const cursor = brush.cursor.peek() ?? { row: Math.floor(rows / 2), column: Math.floor(columns / 2) };
  const here = { row: cursor.row + 1, column: cursor.column + 1 };
  if (key === ' ') {
    brush.cursor.value = cursor;
    brush.dab(sample, cursor);
    return t('paint.painted', here);
  }
  if (key === '+' || key === '=' || key === '-' || key === '−') {
    const size = brush.brush.peek().size + (key === '+' || key === '=' ? 1 : -1);
    brush.update({ size: Math.min(MOST_BRUSH, Math.max(1, size)) });
    return t('paint.cells', { cells: brush.brush.peek().size });
  }
  if (key === 'Enter') return brush.finish() ? t('paint.ended') : '';
  if (key === 'Escape') {
    brush.leave();
    return '';
  }
  if (brush.cursor.peek() === null && key.startsWith('Arrow')) {
    brush.cursor.value = cursor;
    return t('paint.at', here);
  }
  const next = moved(cursor.row * columns + cursor.column, key, rows * columns, columns, PAGE);
  if (next === null) return null;
  const place = { row: Math.floor(next / columns), column: next % columns };
  brush.cursor.value = place;
  return t('paint.at', { row: place.row + 1, column: place.column + 1 });
}
