import type { ScorePlot } from '../../../src/shared/scores/scores.ts';
import { useCopy } from '../../app/useCopy.ts';
import { plainNumber } from '../../model/scoreFigures.ts';
import {
  chartKind,
  className,
  placeText,
  plotHint,
  plotQuestion,
  plotTable,
  shortLabel,
} from '../../model/scorePlots.ts';
import { BarChart } from '../../plots/BarChart.tsx';
import { ChartFigure } from '../../plots/ChartFigure.tsx';
import { ColumnChart } from '../../plots/ColumnChart.tsx';
import { HeatMap } from '../../plots/HeatMap.tsx';
import { LineChart, type LineSeries } from '../../plots/LineChart.tsx';
import type { SeriesLook } from '../../plots/looks.tsx';
import { PlaneChart } from '../../plots/PlaneChart.tsx';
import { t } from '../../strings.ts';

interface ScoreChartProps {
  readonly plot: ScorePlot;
  readonly classNames: readonly string[];
}

/** Any plot that a score brings. */
export function ScoreChart({ plot, classNames }: ScoreChartProps) {
  const copy = useCopy();
  const question = plotQuestion(plot.id);
  const hint = plotHint(plot);
  return (
    <ChartFigure
      title={question === null ? plot.title : t(question)}
      hint={hint === null ? undefined : t(hint)}
      table={plotTable(plot, classNames)}
      onCopy={copy}
      testId={`plot-${plot.id}`}
    >
      <Drawing {...{ plot, classNames }} />
    </ChartFigure>
  );
}

const LINE_LOOKS: readonly SeriesLook[] = ['second', 'third', 'fourth'];

function Drawing({ plot, classNames }: ScoreChartProps) {
  const kind = chartKind(plot);
  const { x, y, lines } = plot;
  const label = t('chart.keys', { title: plot.title });
  const testId = `plot-${plot.id}-plot`;
  const values = y.values.map((value) => value ?? Number.NaN);
  if (kind === 'plane')
    return (
      <PlaneChart
        points={x.values.map((value, i) => ({ x: value, y: values[i] ?? Number.NaN }))}
        {...{ label, xTitle: x.label, yTitle: y.label, text: plainNumber, testId }}
        xLabel={shortLabel(x.label)}
        yLabel={shortLabel(y.label)}
        placeText={(at) => t('scores.plot.point', { at, count: x.values.length })}
      />
    );
  if (plot.cells !== undefined)
    return (
      <HeatMap
        {...{ label, testId, width: plot.cells.length, height: plot.cells.length }}
        values={plot.cells.flat()}
        text={plainNumber}
        shortText={(value) => String(Math.round(100 * value))}
        placeText={(row, column) =>
          t('scores.plot.cell', {
            asked: className(row, classNames),
            recognised: className(column, classNames),
          })
        }
        noneText=""
        xTitle={t('scores.plot.recognised')}
        yTitle={t('scores.plot.asked')}
        title={t('scores.plot.share')}
      />
    );
  if (kind === 'columns')
    return (
      <ColumnChart
        xs={x.values}
        {...{ label, values, lines, xTitle: x.label, yTitle: y.label, text: plainNumber, testId }}
        placeText={(at) => placeText(plot, at, classNames)}
      />
    );
  if (kind === 'classes')
    return (
      <BarChart
        {...{ label, title: y.label, text: plainNumber, testId }}
        series={[{ id: 'values', label: y.label, look: 'first' }]}
        groups={x.values.map((value, i) => ({
          id: String(value),
          label: placeText(plot, value, classNames),
          bars: [{ value: values[i] ?? Number.NaN, text: plainNumber(values[i] ?? Number.NaN) }],
        }))}
        marks={lines.map((line, k) => ({
          ...{ label: line.label, look: LINE_LOOKS[k] ?? 'quiet', values: line.values },
        }))}
      />
    );
  return (
    <LineChart
      {...{ label, xTitle: x.label, yTitle: y.label, xText: plainNumber, yText: plainNumber, testId }}
      series={seriesOf(plot, values)}
      pointText={(point) => plainNumber(point.y)}
      placeText={(at) => placeText(plot, at, classNames)}
    />
  );
}

function seriesOf({ x, y, lines, kind }: ScorePlot, values: readonly number[]): LineSeries[] {
  return [
    {
      ...{ id: 'values', label: y.label, look: 'first', joined: kind === 'line' },
      points: x.values.map((at, i) => ({ x: at, y: values[i] ?? Number.NaN })),
    },
    ...lines.map(
      (line, k): LineSeries => ({
        ...{ id: line.label, label: line.label, look: LINE_LOOKS[k] ?? 'quiet' },
        points: x.values.map((at, i) => ({ x: at, y: line.values[i] ?? Number.NaN })),
      }),
    ),
  ];
}
