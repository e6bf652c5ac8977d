/** What a measured effect says: sentences, and the numbers behind its charts. Pure. */
import type { ConceptEffect, Effect } from '../../src/shared/effects/effects.ts';
import type { ChartTable, TableCell } from '../plots/table.ts';
import { t } from '../strings.ts';
import { area, isBeyondChance, points, pointsFigure, share, shareFigure } from './effectFigures.ts';
import { plural } from './format.ts';

/** Concepts on less of the picture than this are too rarely seen for a share of them to mean anything. */
const RARELY_SEEN = 0.001;
/** Side effects that the headline names. */
const NAMED = 3;

/** The concept asked for; every answer has one. */
export function ownOf({ concepts }: Effect): ConceptEffect | null {
  return concepts[0] ?? null;
}

/** "wall+roof" as people read it. */
export function conceptName(name: string): string {
  return name.split('+').join(' + ');
}

/** "Ablating these 20 units removes 79.5 % (77.4–81.5) of tree". */
export function headline(effect: Effect): string {
  const own = ownOf(effect);
  if (own === null) return '';
  const concept = conceptName(own.concept);
  if (!(own.before.mean > 0)) return t('effects.headline.none', { concept });
  const set = plural('effects.set', effect.units.length);
  const { mean, interval } = own.removed;
  if (mean >= 0) return t('effects.headline.removes', { set, share: shareFigure(own.removed), concept });
  const added = { mean: -mean, interval: [-interval[1], -interval[0]] as const };
  return t('effects.headline.adds', { set, share: shareFigure(added), concept });
}

/** "20 random units remove 3.0 % (largest of 20 sets: 17.6 %)."; empty without random sets. */
export function againstRandom({ random, units }: Effect): string {
  const { removed } = random;
  if (removed.length === 0) return '';
  return t('effects.headline.random', {
    units: plural('effects.randomUnits', units.length),
    mean: share(meanOf(removed)),
    sets: removed.length,
    largest: share(Math.max(...removed)),
  });
}

/** Whether the set removes more than every random one, its whole interval above them. */
export function beatsRandom(effect: Effect): boolean | null {
  const own = ownOf(effect);
  const { removed } = effect.random;
  if (own === null || removed.length === 0 || !(own.before.mean > 0)) return null;
  return own.removed.interval[0] > Math.max(...removed);
}

export function insertion(effect: Effect): string {
  const own = ownOf(effect);
  if (own === null) return '';
  const { inserted, ablated, ace } = own;
  return t('effects.headline.ace', {
    ...{ inserted: area(inserted.mean), ablated: area(ablated.mean), ace: pointsFigure(ace) },
  });
}

/** Concepts other than the one asked for (nor a part of it), by how much of them goes or comes. */
export function sideEffects(effect: Effect): ConceptEffect[] {
  const own = effect.settings.concept.map((name) => name.toLowerCase());
  return effect.concepts
    .slice(1)
    .filter(({ concept, before }) => before.mean >= RARELY_SEEN && !own.includes(concept.toLowerCase()))
    .sort((a, b) => Math.abs(b.removed.mean) - Math.abs(a.removed.mean));
}

/** "Ablating them also takes 12 % of cloud and 5 % of water." "It adds 3 % to sky." */
export function sideEffectWords(effect: Effect): string[] {
  const beyond = sideEffects(effect).filter(({ removed }) => isBeyondChance(removed));
  const takes = beyond.filter(({ removed }) => removed.mean > 0).slice(0, NAMED);
  const gives = beyond.filter(({ removed }) => removed.mean < 0).slice(0, NAMED);
  if (takes.length + gives.length === 0) return [t('effects.noSide')];
  const list = (concepts: readonly ConceptEffect[], key: 'effects.takesOf' | 'effects.addsTo') =>
    enumerated(
      concepts.map(({ concept, removed }) => t(key, { concept, share: share(Math.abs(removed.mean)) })),
    );
  return [
    ...(takes.length > 0 ? [t('effects.headline.takes', { list: list(takes, 'effects.takesOf') })] : []),
    ...(gives.length > 0 ? [t('effects.headline.gives', { list: list(gives, 'effects.addsTo') })] : []),
  ];
}

/** "a, b and c". */
export function enumerated(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  const before = items.slice(0, -1).join(', ');
  return before === '' ? last : `${before} ${t('effects.and')} ${last}`;
}

/** The concept asked for, then those that change most, then those that hardly occur. */
export function conceptsByChange(effect: Effect): ConceptEffect[] {
  const [own, ...others] = effect.concepts;
  const change = ({ before, ablated, inserted }: ConceptEffect) =>
    Math.max(Math.abs(ablated.mean - before.mean), Math.abs(inserted.mean - before.mean));
  return [...(own ? [own] : []), ...others.sort((a, b) => change(b) - change(a))];
}

export function areasTable(concepts: readonly ConceptEffect[]): ChartTable {
  const whats = ['before', 'ablated', 'inserted'] as const;
  return {
    columns: [
      t('effects.column.concept'),
      ...whats.flatMap((what) => figureColumns(t(`effects.chart.${what}`))),
    ],
    rows: concepts.map((one) => [
      conceptName(one.concept),
      ...whats.flatMap((what) => figureCells(one[what], area)),
    ]),
  };
}

export function figureTable(
  concepts: readonly ConceptEffect[],
  what: 'removed' | 'ace',
  label: string,
): ChartTable {
  const format = what === 'removed' ? share : points;
  return {
    columns: [t('effects.column.concept'), ...figureColumns(label)],
    rows: concepts.map((one) => [conceptName(one.concept), ...figureCells(one[what], format)]),
  };
}

export function curveTable({ curve, units }: Effect): ChartTable {
  return {
    columns: [t('effects.column.units'), t('effects.column.unit'), ...figureColumns(t('effects.chart.left'))],
    rows: curve.map((figure, n) => [
      numberCell(n, String),
      n === 0 ? '' : numberCell(units[n - 1] ?? Number.NaN, String),
      ...figureCells(figure, area),
    ]),
  };
}

export function randomTable(effect: Effect): ChartTable {
  const own = ownOf(effect);
  const { removed, ablated, inserted } = effect.random;
  const row = (name: string, ...values: readonly number[]): TableCell[] => [
    name,
    ...values.map((value, i) => numberCell(value, i === 0 ? share : area)),
  ];
  return {
    columns: [
      t('effects.column.set'),
      t('effects.chart.removed'),
      t('effects.chart.ablated'),
      t('effects.chart.inserted'),
    ],
    rows: [
      ...(own
        ? [row(t('effects.chart.thisSet'), own.removed.mean, own.ablated.mean, own.inserted.mean)]
        : []),
      ...removed.map((value, i) =>
        row(
          `${t('effects.chart.randomSet')} ${i + 1}`,
          value,
          ablated[i] ?? Number.NaN,
          inserted[i] ?? Number.NaN,
        ),
      ),
    ],
  };
}

export function figureColumns(what: string): string[] {
  return [what, t('effects.column.low', { what }), t('effects.column.high', { what })];
}

export function figureCells(
  { mean, interval }: { readonly mean: number; readonly interval: readonly [number, number] },
  format: (value: number) => string,
): TableCell[] {
  return [mean, ...interval].map((value) => numberCell(value, format));
}

export function numberCell(value: number, format: (value: number) => string): TableCell {
  return { value: Number.isFinite(value) ? value : null, text: format(value) };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
