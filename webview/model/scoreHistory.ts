/** The history of runs as a list: which are in it, which one is on show, what each is called. Pure. */
import type { ScoreDescription, ScoreRun, ScoreValue } from '../../src/shared/scores/scores.ts';
import type { ScoreRecord } from '../../src/shared/scores/scoring.ts';
import { t } from '../strings.ts';
import { counted } from './format.ts';
import { scoreNumber } from './scoreFigures.ts';

/** Values that a line of the history shows. */
const SHOWN_VALUES = 3;

export function listed(history: readonly ScoreRecord[], everyModel: boolean): ScoreRecord[] {
  return history.filter(({ own }) => own || everyModel);
}

/** The one chosen, else the newest of this generator, else the newest of all that are listed. */
export function shownRecord(
  history: readonly ScoreRecord[],
  everyModel: boolean,
  shown: string | null,
): ScoreRecord | null {
  const chosen = history.find(({ id }) => id === shown);
  if (chosen !== undefined) return chosen;
  return history.find(({ own }) => own) ?? (everyModel ? (history[0] ?? null) : null);
}

/** "FID 0.63 · KID 0.0069 · Precision 0.906 · 4 more". */
export function valuesLine({ scores }: ScoreRun): string {
  const parts = scores
    .slice(0, SHOWN_VALUES)
    .map(({ name, value, interval }) => `${name} ${scoreNumber(value, interval)}`);
  const more = scores.length - SHOWN_VALUES;
  return [...parts, ...(more > 0 ? [t('scores.history.more', { count: more })] : [])].join(' · ');
}

/** "N = 2,000 · Demo extractor · reference.zip". */
export function settingsLine(run: ScoreRun): string {
  const parts = [
    t('scores.history.n', { count: counted(run.settings.samples) }),
    run.extractor.name,
    run.reference?.name ?? t('scores.noReference'),
  ];
  const { edits } = run.edited ?? { edits: [] };
  if (edits.length > 0) parts.push(t('scores.history.edit', { names: editNames(edits) }));
  return parts.join(' · ');
}

export function editNames(edits: readonly { readonly name: string }[]): string {
  return edits.map(({ name }) => t('scores.quoted', { name })).join(', ');
}

/** "Nov 25, 2026, 9:06 AM"; what is no date stays as it is. */
export function whenText(date: string, zone?: string): string {
  const time = new Date(date);
  if (Number.isNaN(time.getTime())) return date;
  return new Intl.DateTimeFormat('en-US', {
    dateStyle: 'medium',
    timeStyle: 'short',
    ...(zone && { timeZone: zone }),
  }).format(time);
}

/** What tells runs of a comparison apart: the file where they differ in it, else the time. */
export function runLabels(records: readonly ScoreRecord[]): string[] {
  const files = records.map(({ run }) => run.model.file);
  const plain = files.map((file, i) => {
    const edits = records[i]?.run.edited?.edits ?? [];
    return edits.length > 0 ? t('scores.editedFile', { file, names: editNames(edits) }) : file;
  });
  return plain.map((label, i) =>
    plain.indexOf(label) === plain.lastIndexOf(label)
      ? label
      : t('scores.runAt', { label, when: whenText(records[i]?.run.made.date ?? '') }),
  );
}

export function describe(registry: readonly ScoreDescription[], value: ScoreValue): ScoreDescription | null {
  return registry.find(({ id }) => id === value.score) ?? null;
}
