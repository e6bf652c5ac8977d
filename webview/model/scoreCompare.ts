/** Runs side by side: which may be compared, and what their intervals say. Pure. */
import type { ScoreDescription, ScoreRun, ScoreValue } from '../../src/shared/scores/scores.ts';
import type { ChartTable, TableCell } from '../plots/table.ts';
import { t } from '../strings.ts';
import { scoreNumber } from './scoreFigures.ts';

export type Mismatch = 'extractor' | 'resize' | 'values' | 'reference' | 'samples' | 'rounding' | 'options';
export type Verdict = 'better' | 'worse' | 'higher' | 'lower';
type Direction = ScoreDescription['direction'];

/** Why values of two runs do not compare; empty: they do. @param withReference whether the values are against a reference */
export function mismatches(a: ScoreRun, b: ScoreRun, withReference = true): Mismatch[] {
  const found: Mismatch[] = [];
  if (a.extractor.sha256 !== b.extractor.sha256 || layerOf(a) !== layerOf(b)) found.push('extractor');
  if (a.extractor.resize !== b.extractor.resize) found.push('resize');
  // Runs of earlier versions do not say it.
  const [one, other] = [a.extractor.values, b.extractor.values];
  if (one !== undefined && other !== undefined && one !== other) found.push('values');
  if (withReference && referenceOf(a) !== referenceOf(b)) found.push('reference');
  if (a.settings.samples !== b.settings.samples) found.push('samples');
  if (a.settings.quantisation !== b.settings.quantisation) found.push('rounding');
  if (stable(a.settings.options) !== stable(b.settings.options)) found.push('options');
  return found;
}

export function mismatchWords(found: readonly Mismatch[]): string {
  return t('scores.compare.not', { why: found.map((one) => t(`scores.compare.${one}`)).join(', ') });
}

/** What disjoint intervals say of `value` against `base`; null where they overlap, or one has none. */
export function verdictOf(value: ScoreValue, base: ScoreValue, direction: Direction): Verdict | null {
  const [a, b] = [value.interval, base.interval];
  if (a === null || b === null || ![...a, ...b].every(Number.isFinite)) return null;
  const rises = a[0] > b[1];
  if (!rises && a[1] >= b[0]) return null;
  return named(rises, direction);
}

/** What the interval of a difference says; null where it holds 0, or there is none. */
export function differenceVerdict({ interval }: ScoreValue, direction: Direction): Verdict | null {
  if (interval === null || !interval.every(Number.isFinite)) return null;
  if (interval[0] <= 0 && interval[1] >= 0) return null;
  return named(interval[0] > 0, direction);
}

function named(rises: boolean, direction: Direction): Verdict {
  if (direction === 'neither') return rises ? 'higher' : 'lower';
  return rises === (direction === 'higher') ? 'better' : 'worse';
}

export interface ComparedCell {
  readonly value: ScoreValue;
  readonly verdict: Verdict | null;
  /** False where another setting than the first run's decides the value. */
  readonly comparable: boolean;
}

export interface ComparedRow {
  readonly name: string;
  readonly score: string;
  readonly direction: Direction;
  /** One a run, in their order; null where it was not measured. */
  readonly cells: readonly (ComparedCell | null)[];
}

/** All values that any of the runs has; the first run is what the others are held against. */
export function comparedRows(
  runs: readonly ScoreRun[],
  registry: readonly ScoreDescription[],
): ComparedRow[] {
  const base = runs[0];
  if (base === undefined) return [];
  const names = new Map<string, string>();
  for (const run of runs) for (const { name, score } of run.scores) names.set(name, score);
  return [...names].map(([name, score]) => {
    const direction = registry.find(({ id }) => id === score)?.direction ?? 'neither';
    const first = base.scores.find((value) => value.name === name);
    const cells = runs.map((run): ComparedCell | null => {
      const value = run.scores.find((one) => one.name === name);
      if (value === undefined) return null;
      const comparable = mismatches(base, run, value.nReference > 0).length === 0;
      const held = first !== undefined && run !== base && comparable;
      return { value, comparable, verdict: held ? verdictOf(value, first, direction) : null };
    });
    return { name, score, direction, cells };
  });
}

/** The same as a table behind a chart: a row a run. */
export function runsTable(row: ComparedRow, labels: readonly string[]): ChartTable {
  const number = (value: number | undefined): TableCell =>
    value === undefined ? '–' : { value, text: scoreNumber(value) };
  return {
    columns: [t('scores.column.run'), row.name, t('scores.column.low'), t('scores.column.high')],
    rows: labels.map((label, i) => {
      const value = row.cells[i]?.value;
      return [label, number(value?.value), number(value?.interval?.[0]), number(value?.interval?.[1])];
    }),
  };
}

function layerOf(run: ScoreRun): string {
  return run.settings.extractor.layer ?? '';
}

/** What the samples were held against: its content, and how much of it. */
function referenceOf({ reference }: ScoreRun): string {
  return reference === null ? '' : `${reference.sha256} ${reference.count}`;
}

/** JSON whose keys are sorted. */
function stable(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${stable(one)}`).join(',')}}`;
}
