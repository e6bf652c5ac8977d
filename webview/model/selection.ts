/** Selecting samples. The order of selection is the order of an interpolation, so it is kept. Pure. */
import type { LatentKey } from '../../src/shared/samples/latents.ts';
import { sameKey } from './samplesModel.ts';

export function toggled(selection: readonly LatentKey[], key: LatentKey): LatentKey[] {
  const without = selection.filter((other) => !sameKey(other, key));
  return without.length === selection.length ? [...selection, key] : without;
}

export function added(selection: readonly LatentKey[], key: LatentKey): readonly LatentKey[] {
  return selection.some((other) => sameKey(other, key)) ? selection : [...selection, key];
}

/** A plain click selects this one alone; with Ctrl, Cmd or Shift it joins or leaves the selection. */
export function clicked(selection: readonly LatentKey[], key: LatentKey, joins: boolean): LatentKey[] {
  return joins ? toggled(selection, key) : [key];
}

/** Where a key press moves the focus in a grid of `count` cells with `columns` columns; null when it moves nothing. */
export function moved(
  index: number,
  pressed: string,
  count: number,
  columns: number,
  page: number,
): number | null {
  const target = targetOf(index, pressed, count, columns, page);
  return target === null || target < 0 || target >= count ? null : target;
}

function targetOf(
  index: number,
  pressed: string,
  count: number,
  columns: number,
  page: number,
): number | null {
  switch (pressed) {
    case 'ArrowLeft':
      return index - 1;
    case 'ArrowRight':
      return index + 1;
    case 'ArrowUp':
      return index - columns;
    case 'ArrowDown':
      return index + columns;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    case 'PageUp':
      return Math.max(index % columns, index - page * columns);
    case 'PageDown': {
      const target = index + page * columns;
      return target < count ? target : count - 1;
    }
    default:
      return null;
  }
}
