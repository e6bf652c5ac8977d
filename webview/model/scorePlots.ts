/** Plots of scores as charts: which kind, its axes in words, the table behind. Knows no score; any may bring any plot. Pure. */
import type { ScorePlot } from '../../src/shared/scores/scores.ts';
import type { ChartTable, TableCell } from '../plots/table.ts';
import { t } from '../strings.ts';
import { counted } from './format.ts';
import type { ScoreKey } from './scoreChoice.ts';
import { plainNumber } from './scoreFigures.ts';

/**
 * `plane`: a curve whose both axes measure the same kind of thing, drawn square in the order of its points; `lines`: values
 * over an axis, with fits and bands; `classes`: a bar a class, by name; `columns`: a histogram over numbers; `matrix`: a field
 * of cells, class by class.
 */
export type ChartKind = 'plane' | 'lines' | 'classes' | 'columns' | 'matrix';

export function chartKind({ kind, x, lines, cells }: ScorePlot): ChartKind {
  if (cells !== undefined) return 'matrix';
  if (kind === 'bars') return x.label === 'class' ? 'classes' : 'columns';
  return kind === 'line' && lines.length === 0 ? 'plane' : 'lines';
}

/** What a plot answers, for those that have a name of their own; null: its title says it. */
export function plotQuestion(id: string): ScoreKey | null {
  return id === 'is-sharpness' ? 'scores.plot.sharp' : id === 'is-average' ? 'scores.plot.even' : null;
}

/** How to read it, for those that need it. */
export function plotHint({ id, x, lines }: ScorePlot): ScoreKey | null {
  if (id === 'frontier') return 'scores.plot.frontierHint';
  if (id === 'is-sharpness') return 'scores.plot.sharpHint';
  if (id === 'is-average') return 'scores.plot.evenHint';
  return isInverse(x.label) && lines.length > 0 ? 'scores.plot.fitHint' : null;
}

/** Sharp before even: each picture first, then all of them. */
export function inOrder(plots: readonly ScorePlot[]): ScorePlot[] {
  const rank = ({ id }: ScorePlot) => (id === 'is-sharpness' ? 0 : 1);
  return [...plots].sort((a, b) => rank(a) - rank(b));
}

/** A place on the axis in words: "forest", "1/N = 0.0005 (N = 2,000)", "largest probability 0.975". */
export function placeText(plot: ScorePlot, x: number, classNames: readonly string[]): string {
  const { label } = plot.x;
  if (byClass(plot)) return className(x, classNames);
  if (!isInverse(label)) return t('scores.plot.at', { label, value: plainNumber(x) });
  if (x === 0) return t('scores.plot.infinite');
  return t('scores.plot.inverse', { value: plainNumber(x), n: counted(Math.round(1 / x)) });
}

/** The labels of the two axes of a plane without what follows the colon, for the legend. */
export function shortLabel(label: string): string {
  return label.split(':')[0]?.trim() ?? label;
}

export function plotTable(plot: ScorePlot, classNames: readonly string[]): ChartTable {
  const { x, y, lines } = plot;
  const cell = (value: number | null | undefined): TableCell =>
    value === null || value === undefined ? '–' : { value, text: plainNumber(value) };
  const first = (value: number): TableCell =>
    byClass(plot) ? placeText(plot, value, classNames) : cell(value);
  if (plot.cells !== undefined) return matrixTable(plot.cells, classNames);
  return {
    columns: [x.label, y.label, ...lines.map(({ label }) => label)],
    rows: x.values.map((value, i) => [
      first(value),
      cell(y.values[i]),
      ...lines.map(({ values }) => cell(values[i])),
    ]),
  };
}

/** Asked class by recognised class, as shares of the samples asked for. */
function matrixTable(cells: readonly (readonly number[])[], classNames: readonly string[]): ChartTable {
  return {
    columns: [t('scores.plot.asked'), ...cells.map((_, c) => className(c, classNames))],
    rows: cells.map((row, c) => [
      className(c, classNames),
      ...row.map((value): TableCell => ({ value, text: plainNumber(value) })),
    ]),
  };
}

export function className(index: number, classNames: readonly string[]): string {
  return classNames[index] ?? t('scores.plot.class', { class: index });
}

function byClass(plot: ScorePlot): boolean {
  const kind = chartKind(plot);
  return kind === 'classes' || kind === 'matrix';
}

function isInverse(label: string): boolean {
  return label === '1/N';
}
