import type { ScoreRecord } from '../../../src/shared/scores/scoring.ts';
import { useScores } from '../../app/context.ts';
import { type ComparedRow, mismatches, mismatchWords } from '../../model/scoreCompare.ts';
import { intervalText, scoreNumber } from '../../model/scoreFigures.ts';
import { t } from '../../strings.ts';
import { IconButton } from '../../ui/Button.tsx';
import { VerdictTag } from './VerdictTag.tsx';

interface ComparisonTableProps {
  readonly records: readonly ScoreRecord[];
  readonly labels: readonly string[];
  readonly rows: readonly ComparedRow[];
}

/** Scores by runs. It scrolls sideways by itself where there are many. */
export function ComparisonTable({ records, labels, rows }: ComparisonTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keyboard has to reach that.
    <section class="table-scroll scores-compared" tabIndex={0} aria-label={t('scores.compare.table')}>
      <table class="layer-table" data-testid="scores-compare-table">
        <thead>
          <tr>
            <th scope="col">{t('scores.column.score')}</th>
            {records.map((record, i) => (
              <RunHead key={record.id} {...{ record, records }} label={labels[i] ?? ''} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <th scope="row">{row.name}</th>
              {records.map(({ id }, i) => {
                const cell = row.cells[i] ?? null;
                return (
                  <td key={id} class={cell?.comparable === false ? 'is-apart' : ''} data-run={id}>
                    {cell === null ? (
                      <span class="quiet">{t('scores.compare.none')}</span>
                    ) : (
                      <>
                        <span class="scores-cell">{scoreNumber(cell.value.value, cell.value.interval)}</span>
                        <span class="quiet">{intervalText(cell.value.value, cell.value.interval)}</span>
                        {cell.verdict !== null && <VerdictTag verdict={cell.verdict} />}
                      </>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface RunHeadProps {
  readonly record: ScoreRecord;
  readonly records: readonly ScoreRecord[];
  readonly label: string;
}

function RunHead({ record, records, label }: RunHeadProps) {
  const scores = useScores();
  const [base] = records;
  const found = base === undefined ? [] : mismatches(base.run, record.run);
  return (
    <th scope="col">
      <span class="scores-run-head">
        <span>{label}</span>
        <IconButton
          icon="close"
          label={t('scores.compare.away', { label })}
          testId="scores-compare-away"
          onClick={() => scores.compare(record.id, false)}
        />
      </span>
      {record === base && <span class="certainty">{t('scores.compare.first')}</span>}
      {found.length > 0 && <span class="scores-mismatch">{mismatchWords(found)}</span>}
    </th>
  );
}
