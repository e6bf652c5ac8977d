import { useScores } from '../../app/context.ts';
import { useCopy } from '../../app/useCopy.ts';
import { type ComparedRow, comparedRows, runsTable } from '../../model/scoreCompare.ts';
import { plainNumber, scoreText } from '../../model/scoreFigures.ts';
import { runLabels } from '../../model/scoreHistory.ts';
import { ChartFigure } from '../../plots/ChartFigure.tsx';
import { DotIntervals } from '../../plots/DotIntervals.tsx';
import { t } from '../../strings.ts';
import { Button } from '../../ui/Button.tsx';
import { ComparisonTable } from './ComparisonTable.tsx';
import { CopyMenu } from './CopyMenu.tsx';

/** Several runs side by side: a table, and a dot with its interval for each. */
export function Comparison() {
  const scores = useScores();
  const records = scores.compared.value;
  const registry = scores.form.setup.value?.registry ?? [];
  if (records.length < 2) return null;
  const runs = records.map(({ run }) => run);
  const labels = runLabels(records);
  const rows = comparedRows(runs, registry);
  return (
    <section class="scores-comparison" aria-label={t('scores.compare')} data-testid="scores-comparison">
      <div class="section-head">
        <h2>{t('scores.compare')}</h2>
        <div class="buttons">
          <CopyMenu
            ids={records.map(({ id }) => id)}
            name={t('scores.copy.compared')}
            testId="scores-copy-compared"
          />
          <Button testId="scores-clear" onClick={() => scores.update({ compared: [] })}>
            {t('scores.compare.clear')}
          </Button>
        </div>
      </div>
      <p class="quiet">{t('scores.compare.hint', { first: labels[0] ?? '' })}</p>
      <ComparisonTable {...{ records, labels, rows }} />
      <h3>{t('scores.compare.charts')}</h3>
      <div class="charts">
        {rows.map((row) => (
          <Chart key={row.name} {...{ row, labels }} ids={records.map(({ id }) => id)} />
        ))}
      </div>
    </section>
  );
}

interface ChartProps {
  readonly row: ComparedRow;
  readonly labels: readonly string[];
  readonly ids: readonly string[];
}

function Chart({ row, labels, ids }: ChartProps) {
  const copy = useCopy();
  const way = row.direction === 'neither' ? [] : [t(`scores.direction.${row.direction}`)];
  const pale = row.cells.some((cell) => cell?.comparable === false) ? [t('scores.compare.pale')] : [];
  return (
    <ChartFigure
      title={row.name}
      hint={[...way, ...pale].join(' · ')}
      table={runsTable(row, labels)}
      onCopy={copy}
      testId={`compare-${row.name}`}
    >
      <DotIntervals
        label={t('chart.keys', { title: row.name })}
        title={row.name}
        text={plainNumber}
        rows={ids.map((id, i) => {
          const cell = row.cells[i];
          return {
            ...{ id, label: labels[i] ?? id, quiet: cell?.comparable === false },
            ...{ value: cell?.value.value ?? Number.NaN, interval: cell?.value.interval ?? null },
            text: cell ? scoreText(cell.value) : t('scores.compare.none'),
          };
        })}
        testId={`compare-${row.name}-plot`}
      />
    </ChartFigure>
  );
}
