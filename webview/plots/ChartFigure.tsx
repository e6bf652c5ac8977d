import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { t } from '../strings.ts';
import { LinkButton } from '../ui/Button.tsx';
import { type ChartTable, cellText, csvOf } from './table.ts';

interface ChartFigureProps {
  readonly title: string;
  /** One sentence on how to read it. */
  readonly hint?: string | undefined;
  /** The numbers behind the chart. */
  readonly table: ChartTable;
  readonly onCopy: (csv: string) => void;
  /** A chart, with its legend. */
  readonly children: ComponentChildren;
  readonly testId: string;
  /** Takes the whole row where charts stand side by side. */
  readonly wide?: boolean;
}

/** A chart with what every chart has: a title, the same as a table, and the table as CSV. */
export function ChartFigure({ title, hint, table, onCopy, children, testId, wide }: ChartFigureProps) {
  const id = useId();
  return (
    <figure class={wide ? 'chart is-wide' : 'chart'} aria-labelledby={id} data-testid={testId}>
      <figcaption>
        <h3 id={id}>{title}</h3>
        {hint && <p class="quiet">{hint}</p>}
      </figcaption>
      {children}
      <div class="chart-foot">
        <details data-testid={`${testId}-table`}>
          <summary>{t('chart.table')}</summary>
          <DataTable table={table} label={title} />
        </details>
        <LinkButton testId={`${testId}-csv`} onClick={() => onCopy(csvOf(table))}>
          {t('chart.csv')}
        </LinkButton>
      </div>
    </figure>
  );
}

function DataTable({ table, label }: { table: ChartTable; label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keyboard has to reach that.
    <section class="table-scroll" tabIndex={0} aria-label={label}>
      <table class="layer-table chart-table">
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th scope="col" key={column}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, i) => (
            <tr key={i}>
              {row.map((cell, column) =>
                column === 0 ? (
                  <th scope="row" key={table.columns[column]}>
                    {cellText(cell)}
                  </th>
                ) : (
                  <td key={table.columns[column]}>{cellText(cell)}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
