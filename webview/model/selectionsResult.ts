/** What a comparison of choices says. Pure. */
import type { Figure, Selection, Selections } from '../../src/shared/effects/effects.ts';
import type { ChartTable } from '../plots/table.ts';
import { t } from '../strings.ts';
import { share, shareFigure } from './effectFigures.ts';
import { conceptName, enumerated, figureCells, figureColumns, numberCell } from './effectResult.ts';
import { plural } from './format.ts';

/** What the first `n` units of a choice remove; null beyond the measured. */
export function removedAt({ removed }: Selection, n: number): Figure | null {
  return removed[n] ?? null;
}

/** The choices that remove most with `n` units: the best, and those whose interval reaches its mean. */
export function bestAt({ selections }: Selections, n: number): Selection[] {
  const known = selections
    .map((one) => ({ one, figure: removedAt(one, n) }))
    .filter((entry): entry is { one: Selection; figure: Figure } => Number.isFinite(entry.figure?.mean))
    .sort((a, b) => b.figure.mean - a.figure.mean);
  const [best, ...others] = known;
  if (best === undefined) return [];
  const level = others.filter(({ figure }) => figure.interval[1] >= best.figure.mean);
  return [best.one, ...level.map(({ one }) => one)];
}

export function bestWords(found: Selections, n: number): string {
  const best = bestAt(found, n);
  const [first] = best;
  const figure = first && removedAt(first, n);
  if (!first || !figure || n === 0) return '';
  const values = {
    units: plural('effects.atUnits', n),
    share: shareFigure(figure),
    concept: conceptName(found.concept),
  };
  if (best.length > 1) {
    const ranks = enumerated(best.map(({ rank }) => t(`effects.rank.${rank}`).replace(/^./, lowered)));
    return t('effects.compare.tie', { ...values, ranks });
  }
  return t('effects.compare.headline', { ...values, rank: t(`effects.rankLong.${first.rank}`) });
}

/** "Single effect" within a sentence; "IoU" stays. */
function lowered(letter: string): string {
  return letter === 'I' ? letter : letter.toLowerCase();
}

export function selectionsTable({ selections, random }: Selections): ChartTable {
  const count = Math.max(0, ...selections.map(({ removed }) => removed.length));
  const chance = new Map(random.map((one) => [one.units, one]));
  const none = { mean: Number.NaN, interval: [Number.NaN, Number.NaN] as const };
  return {
    columns: [
      t('effects.column.units'),
      ...selections.flatMap(({ rank }) => [
        ...figureColumns(t(`effects.rank.${rank}`)),
        t('effects.column.unitOf', { rank: t(`effects.rank.${rank}`) }),
      ]),
      ...(['mean', 'lowest', 'highest'] as const).map((what) =>
        t('effects.column.random', { what: t(`effects.column.${what}`) }),
      ),
    ],
    rows: Array.from({ length: count }, (_, n) => [
      numberCell(n, String),
      ...selections.flatMap((one) => [
        ...figureCells(removedAt(one, n) ?? none, share),
        n === 0 ? '' : numberCell(one.units[n - 1] ?? Number.NaN, String),
      ]),
      ...(['mean', 'lowest', 'highest'] as const).map((what) =>
        numberCell(chance.get(n)?.[what] ?? Number.NaN, share),
      ),
    ]),
  };
}
