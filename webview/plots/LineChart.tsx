import { useRef } from 'preact/hooks';
import { useSize } from '../ui/useSize.ts';
import { AXIS_BELOW, AXIS_LEFT, BottomAxis, LeftAxis } from './Axis.tsx';
import { ChartLegend, Mark, type SeriesLook } from './looks.tsx';
import { extentOf, type LinearScale, linear, nearest, ticksOf } from './scales.ts';
import { useCursor } from './useCursor.ts';

export interface LinePoint {
  readonly x: number;
  /** NaN leaves a gap. */
  readonly y: number;
  /** The ends of its interval, or of a range: drawn as a band. */
  readonly low?: number;
  readonly high?: number;
}

export interface LineSeries {
  readonly id: string;
  readonly label: string;
  readonly look: SeriesLook;
  /** Rising in x. */
  readonly points: readonly LinePoint[];
  /** Stands out in the legend: the best one, say. */
  readonly strong?: boolean;
  /** False draws the points alone: each was measured, and nothing between them. */
  readonly joined?: boolean;
}

interface LineChartProps {
  /** Accessible name; says that the arrow keys read values. */
  readonly label: string;
  readonly series: readonly LineSeries[];
  /** What is measured along each axis, with its unit. */
  readonly xTitle: string;
  readonly yTitle: string;
  readonly xText: (x: number) => string;
  /** Ticks of the vertical axis. */
  readonly yText: (y: number) => string;
  /** A point in the legend and aloud, with its interval. */
  readonly pointText: (point: LinePoint) => string;
  /** The place in words, before the values: "20 units". */
  readonly placeText: (x: number) => string;
  /** Values that the vertical axis reaches in any case. */
  readonly yIncludes?: readonly number[];
  /** The x that the cursor stands on; without it the last. */
  readonly at?: number;
  /** Told when keys or a click move the cursor. */
  readonly onMove?: (x: number) => void;
  readonly testId: string;
}

const HEIGHT = 220;
const TOP = 8;
const RIGHT = 16;
/** Beyond this many points marks would cover the line. */
const MOST_MARKS = 12;
const PIXELS_PER_TICK = 64;

/** Curves over one axis, each with a band for its interval; a cursor reads all of them at one place. */
export function LineChart(props: LineChartProps) {
  const { label, series, xTitle, yTitle, xText, yText, pointText, placeText, yIncludes = [], testId } = props;
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const xs = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  const valuesAt = (i: number) => series.map((one) => ({ one, point: pointAt(one, xs[i]) }));
  const cursor = useCursor({
    ...{ label, count: xs.length },
    start: props.at === undefined ? xs.length - 1 : nearest(xs, props.at),
    reading: (i) =>
      [
        placeText(xs[i] ?? 0),
        ...valuesAt(i).map(({ one, point }) => `${one.label}: ${point ? pointText(point) : '–'}`),
      ].join('; '),
    onMove: props.onMove && ((i) => props.onMove?.(xs[i] ?? 0)),
  });
  const width = Math.max(0, (size?.width ?? 0) - AXIS_LEFT - RIGHT);
  const x = linear(extentOf(xs), [0, width], false);
  const y = linear(extentOf(heights(series), ...yIncludes), [HEIGHT, 0]);
  const placeOf = (event: { readonly offsetX: number }) =>
    nearest(
      xs.map((value) => x(value)),
      event.offsetX - AXIS_LEFT,
    );
  const at = xs[cursor.at] ?? 0;
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
                ticks={ticksOf(x, Math.max(2, Math.min(10, width / PIXELS_PER_TICK)), xText)}
                title={xTitle}
                {...{ width, height: HEIGHT }}
              />
              <LeftAxis ticks={ticksOf(y, 5, yText)} title={yTitle} {...{ width, height: HEIGHT }} />
              {series.map((one) => (
                <path key={one.id} class={`band look-${one.look}`} d={bandOf(one.points, x, y)} />
              ))}
              {series.map(
                (one) =>
                  one.joined !== false && (
                    <path key={one.id} class={`line look-${one.look}`} d={lineOf(one.points, x, y)} />
                  ),
              )}
              {series.map((one) => (
                <Marks key={one.id} {...one} {...{ x, y }} />
              ))}
              <path class={cursor.visible ? 'cursor is-active' : 'cursor'} d={`M${x(at)} 0V${HEIGHT}`} />
              {valuesAt(cursor.at).map(
                ({ one, point }) =>
                  point && (
                    <Mark key={one.id} look={one.look} x={x(point.x)} y={y(point.y)} class="is-read" />
                  ),
              )}
            </g>
          </svg>
        )}
      </div>
      <ChartLegend
        head={placeText(at)}
        items={valuesAt(cursor.at).map(({ one, point }) => ({
          ...{ id: one.id, label: one.label, look: one.look, strong: one.strong === true },
          shape: one.joined === false ? 'mark' : 'line',
          text: point ? pointText(point) : '–',
        }))}
      />
    </>
  );
}

interface MarksProps extends LineSeries {
  readonly x: LinearScale;
  readonly y: LinearScale;
}

/** Marks that tell the series apart without colour: on every point of a few, on some of many. */
function Marks({ points, look, joined = true, x, y }: MarksProps) {
  const every = joined ? Math.max(1, Math.ceil(points.length / MOST_MARKS)) : 1;
  return (
    <>
      {points
        .filter((point, i) => i % every === 0 && Number.isFinite(point.y))
        .map((point) => (
          <Mark key={point.x} look={look} x={x(point.x)} y={y(point.y)} />
        ))}
    </>
  );
}

function pointAt({ points }: LineSeries, x: number | undefined): LinePoint | undefined {
  return points.find((point) => point.x === x && Number.isFinite(point.y));
}

function heights(series: readonly LineSeries[]): number[] {
  return series.flatMap(({ points }) =>
    points.flatMap(({ y, low = y, high = y }) => (Number.isFinite(y) ? [y, low, high] : [])),
  );
}

/** "M0 0L5 3", broken where a value is none. */
function lineOf(points: readonly LinePoint[], x: LinearScale, y: LinearScale): string {
  let broken = true;
  return points
    .map((point) => {
      if (!Number.isFinite(point.y)) {
        broken = true;
        return '';
      }
      const step = `${broken ? 'M' : 'L'}${x(point.x)} ${y(point.y)}`;
      broken = false;
      return step;
    })
    .join('');
}

/** Along the upper ends and back along the lower ones. */
function bandOf(points: readonly LinePoint[], x: LinearScale, y: LinearScale): string {
  const known = points.filter(({ low, high }) => Number.isFinite(low) && Number.isFinite(high));
  if (known.length < 2) return '';
  const upper = known.map((point) => `${x(point.x)} ${y(point.high ?? 0)}`);
  const lower = known.map((point) => `${x(point.x)} ${y(point.low ?? 0)}`).reverse();
  return `M${[...upper, ...lower].join('L')}Z`;
}
