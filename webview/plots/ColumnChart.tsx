import { useRef } from 'preact/hooks';
import { useSize } from '../ui/useSize.ts';
import { AXIS_BELOW, AXIS_LEFT, BottomAxis, LeftAxis } from './Axis.tsx';
import { ChartLegend, type SeriesLook } from './looks.tsx';
import { extentOf, linear, ticksOf } from './scales.ts';
import { useCursor } from './useCursor.ts';

interface ColumnChartProps {
  /** Accessible name; says that the arrow keys read values. */
  readonly label: string;
  /** Rising, evenly spaced: the middles of the columns. */
  readonly xs: readonly number[];
  /** NaN draws nothing. */
  readonly values: readonly number[];
  /** Lines over the columns, by name: a fit, or what all would be if they were equal. */
  readonly lines: readonly { readonly label: string; readonly values: readonly number[] }[];
  readonly xTitle: string;
  readonly yTitle: string;
  readonly text: (value: number) => string;
  /** A place in words, before its value. */
  readonly placeText: (x: number) => string;
  readonly testId: string;
}

const HEIGHT = 220;
const TOP = 8;
const RIGHT = 16;
const PIXELS_PER_TICK = 64;
const LINE_LOOKS: readonly SeriesLook[] = ['second', 'third', 'fourth'];

/** A histogram: columns over numbers, from 0; the cursor goes from column to column. */
export function ColumnChart(props: ColumnChartProps) {
  const { label, xs, values, lines, xTitle, yTitle, text, placeText, testId } = props;
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const valueText = (value: number | undefined) =>
    value !== undefined && Number.isFinite(value) ? text(value) : '–';
  const cursor = useCursor({
    ...{
      label,
      count: xs.length,
      start: Math.max(0, values.indexOf(Math.max(...values.filter(Number.isFinite)))),
    },
    reading: (i) =>
      [
        placeText(xs[i] ?? 0),
        `${yTitle}: ${valueText(values[i])}`,
        ...lines.map((line) => `${line.label}: ${valueText(line.values[i])}`),
      ].join('; '),
  });
  const step = stepOf(xs);
  const width = Math.max(0, (size?.width ?? 0) - AXIS_LEFT - RIGHT);
  const x = linear([(xs[0] ?? 0) - step / 2, (xs.at(-1) ?? 1) + step / 2], [0, width], false);
  const y = linear(extentOf([...values, ...lines.flatMap((line) => line.values)], 0), [HEIGHT, 0]);
  const wide = Math.max(1, width / Math.max(1, xs.length) - 2);
  const placeOf = (event: { readonly offsetX: number }) =>
    Math.min(
      xs.length - 1,
      Math.max(0, Math.floor(((event.offsetX - AXIS_LEFT) / Math.max(1, width)) * xs.length)),
    );
  return (
    <>
      <div class="plot" ref={box} {...cursor.props} data-testid={testId}>
        {width > 0 && (
          <svg
            width={size?.width}
            height={TOP + HEIGHT + AXIS_BELOW}
            aria-hidden="true"
            onPointerMove={(event) => cursor.hover(placeOf(event))}
            onClick={(event) => cursor.move(placeOf(event))}
          >
            <g transform={`translate(${AXIS_LEFT} ${TOP})`}>
              <BottomAxis
                ticks={ticksOf(x, Math.max(2, Math.min(10, width / PIXELS_PER_TICK)), text)}
                title={xTitle}
                {...{ width, height: HEIGHT }}
              />
              <LeftAxis ticks={ticksOf(y, 5, text)} title={yTitle} {...{ width, height: HEIGHT }} />
              <rect
                class={cursor.visible ? 'row-cursor is-active' : 'row-cursor'}
                {...{ x: x(xs[cursor.at] ?? 0) - wide / 2 - 1, y: 0, width: wide + 2, height: HEIGHT }}
              />
              {xs.map((at, i) => {
                const value = values[i] ?? Number.NaN;
                if (!Number.isFinite(value)) return null;
                const [top, bottom] = [Math.min(y(value), y(0)), Math.max(y(value), y(0))];
                return (
                  <rect
                    key={at}
                    class="bar look-first"
                    {...{ x: x(at) - wide / 2, y: top, width: wide, height: bottom - top }}
                  />
                );
              })}
              {lines.map((line, k) => (
                <path
                  key={line.label}
                  class={`line look-${LINE_LOOKS[k] ?? 'quiet'}`}
                  d={pathOf(xs, line.values, x, y)}
                />
              ))}
            </g>
          </svg>
        )}
      </div>
      <ChartLegend
        head={placeText(xs[cursor.at] ?? 0)}
        items={[
          { id: 'values', label: yTitle, look: 'first', shape: 'bar', text: valueText(values[cursor.at]) },
          ...lines.map((line, k) => ({
            ...{ id: line.label, label: line.label, look: LINE_LOOKS[k] ?? 'quiet', shape: 'rule' as const },
            text: valueText(line.values[cursor.at]),
          })),
        ]}
      />
    </>
  );
}

function stepOf(xs: readonly number[]): number {
  const step = xs.length > 1 ? ((xs.at(-1) ?? 0) - (xs[0] ?? 0)) / (xs.length - 1) : 1;
  return step > 0 ? step : 1;
}

function pathOf(
  xs: readonly number[],
  values: readonly number[],
  x: (value: number) => number,
  y: (value: number) => number,
): string {
  let broken = true;
  return xs
    .map((at, i) => {
      const value = values[i] ?? Number.NaN;
      const from = broken ? 'M' : 'L';
      broken = !Number.isFinite(value);
      return broken ? '' : `${from}${x(at)} ${y(value)}`;
    })
    .join('');
}
