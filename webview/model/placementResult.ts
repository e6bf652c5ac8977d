/** What the places say that a set of units was switched on in. Pure. */
import type { Placement } from '../../src/shared/effects/effects.ts';
import type { ChartTable } from '../plots/table.ts';
import { t } from '../strings.ts';
import { roundShare, share } from './effectFigures.ts';
import { conceptName, enumerated, figureCells, figureColumns, numberCell } from './effectResult.ts';

export type PlacementRow = Placement['table'][number];

/** Fewer tries than this make no sentence; the table has them. */
const FEWEST_TRIES = 20;
const NAMED = 3;

/** By the share that took, highest first; equal shares by tries. */
export function byShare({ table }: Placement): PlacementRow[] {
  return [...table].sort((a, b) => b.taken.mean - a.taken.mean || b.tries - a.tries);
}

export function beforeName(before: string): string {
  return before === '' ? t('effects.place.nothing') : before;
}

/** "tree takes on ground in 72 % and on water in 9 %.": best and worst of what was tried often enough. */
export function placementWords(found: Placement): string {
  const concept = conceptName(found.concept);
  const own = found.settings.concept.map((name) => name.toLowerCase());
  const often = byShare(found).filter(
    ({ before, tries, taken }) =>
      before !== '' &&
      tries >= FEWEST_TRIES &&
      Number.isFinite(taken.mean) &&
      !own.includes(before.toLowerCase()),
  );
  if (often.length === 0 || often.every(({ taken }) => taken.mean === 0))
    return t('effects.place.none', { concept });
  const named = often.length <= NAMED ? often : [...often.slice(0, NAMED - 1), ...often.slice(-1)];
  const words = named.map(({ before, taken }) =>
    t('effects.place.takesOn', { before, share: roundShare(taken.mean) }),
  );
  return t('effects.place.headline', { concept, best: enumerated(words) });
}

export function beforeTable(found: Placement): ChartTable {
  return {
    columns: [
      t('effects.place.column.before'),
      t('effects.place.column.tries'),
      ...figureColumns(t('effects.place.taken')),
    ],
    rows: byShare(found).map(({ before, tries, taken }) => [
      beforeName(before),
      numberCell(tries, String),
      ...figureCells(taken, share),
    ]),
  };
}

/** One row per cell, as a program reads it. */
export function mapTable({ map, concept }: Placement): ChartTable {
  return {
    columns: [
      t('effects.place.column.row'),
      t('effects.place.column.column'),
      t('effects.place.column.gained', { concept: conceptName(concept) }),
    ],
    rows: map.gained.map((gained, i) => [
      numberCell(Math.floor(i / map.width) + 1, String),
      numberCell((i % map.width) + 1, String),
      numberCell(gained ?? Number.NaN, share),
    ]),
  };
}
