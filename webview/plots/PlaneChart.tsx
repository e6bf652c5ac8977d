import { useRef } from 'preact/hooks';
import { useSize } from '../ui/useSize.ts';
import { AXIS_BELOW, AXIS_LEFT, BottomAxis, LeftAxis } from './Axis.tsx';
import { ChartLegend, Mark } from './looks.tsx';
import { extentOf, linear, ticksOf } from './scales.ts';
import { useCursor } from './useCursor.ts';

interface PlanePoint {
  readonly x: number;
  readonly y: number;
}

interface PlaneChartProps {
  /** Accessible name; says that the arrow keys read values. */
  readonly label: string;
  /** In the order in which the curve goes through them; what is no number is left out. */
  readonly points: readonly PlanePoint[];
  readonly xTitle: string;
  readonly yTitle: string;
  /** Of the legend, where the axes' titles would be too long. */
  readonly xLabel: string;
  readonly yLabel: string;
  readonly text: (value: number) => string;
  /** "point 12 of 100" */
  readonly placeText: (at: number) => string;
  readonly testId: string;
}

const LARGEST = 320;
const TOP = 8;
const RIGHT = 16;

/** A curve in the plane: both axes on one scale from 0, so that the square shows which of the two is more. */
export function PlaneChart(props: PlaneChartProps) {
  const { label, xTitle, yTitle, xLabel, yLabel, text, placeText, testId } = props;
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const points = props.points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  const cursor = useCursor({
    ...{ label, count: points.length, start: Math.floor(points.length / 2) },
    reading: (i) =>
      `${placeText(i + 1)}; ${xLabel}: ${text(points[i]?.x ?? 0)}; ${yLabel}: ${text(points[i]?.y ?? 0)}`,
  });
  const side = Math.max(0, Math.min(LARGEST, (size?.width ?? 0) - AXIS_LEFT - RIGHT));
  const reach = extentOf(
    points.flatMap(({ x, y }) => [x, y]),
    0,
  );
  const x = linear(reach, [0, side]);
  const y = linear(reach, [side, 0]);
  const read = points[cursor.at];
  const placeOf = (event: { readonly offsetX: number; readonly offsetY: number }) =>
    nearestPoint(
      points.map((point) => ({ x: x(point.x), y: y(point.y) })),
      event.offsetX - AXIS_LEFT,
      event.offsetY - TOP,
    );
  return (
    <>
      <div class="plot" ref={box} {...cursor.props} data-testid={testId}>
        {side > 0 && (
          <svg
            width={AXIS_LEFT + side + RIGHT}
            height={TOP + side + AXIS_BELOW}
            aria-hidden="true"
            onPointerMove={(event) => cursor.hover(placeOf(event))}
            onClick={(event) => cursor.move(placeOf(event))}
          >
            <g transform={`translate(${AXIS_LEFT} ${TOP})`}>
              <BottomAxis ticks={ticksOf(x, 5, text)} title={xTitle} {...{ width: side, height: side }} />
              <LeftAxis ticks={ticksOf(y, 5, text)} title={yTitle} {...{ width: side, height: side }} />
              <path class="axis-diagonal" d={`M0 ${side}L${side} 0`} />
              <path
                class="line look-first"
                d={points.map((point, i) => `${i === 0 ? 'M' : 'L'}${x(point.x)} ${y(point.y)}`).join('')}
              />
              {read && <Mark look="first" x={x(read.x)} y={y(read.y)} class="is-read" />}
              {read && cursor.visible && <circle class="dot-cursor" cx={x(read.x)} cy={y(read.y)} r="8" />}
            </g>
          </svg>
        )}
      </div>
      <ChartLegend
        head={placeText(cursor.at + 1)}
        items={[
          { id: 'x', label: `→ ${xLabel}`, look: 'first', shape: 'mark', text: read ? text(read.x) : '–' },
          { id: 'y', label: `↑ ${yLabel}`, look: 'first', shape: 'mark', text: read ? text(read.y) : '–' },
        ]}
      />
    </>
  );
}

function nearestPoint(points: readonly PlanePoint[], x: number, y: number): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  points.forEach((point, i) => {
    const distance = Math.hypot(point.x - x, point.y - y);
    if (distance < least) [best, least] = [i, distance];
  });
  return best;
}
