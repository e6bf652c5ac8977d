import { useRef } from 'preact/hooks';
import { useSize } from '../ui/useSize.ts';
import { AXIS_BELOW, BottomAxis } from './Axis.tsx';
import { ChartLegend, type SeriesLook } from './looks.tsx';
import { extentOf, type LinearScale, linear, ticksOf } from './scales.ts';
import { useCursor } from './useCursor.ts';

export interface BarValue {
  readonly value: number;
  readonly interval?: readonly [number, number];
  /** With the interval, in the legend and aloud. */
  readonly text: string;
}

export interface BarGroup {
  readonly id: string;
  readonly label: string;
  /** One per series, in their order. */
  readonly bars: readonly BarValue[];
  /** Drawn in quiet colours: what is hardly more than chance, say. */
  readonly quiet?: boolean;
}

interface BarChartProps {
  /** Accessible name; says that the arrow keys read values. */
  readonly label: string;
  readonly series: readonly { readonly id: string; readonly label: string; readonly look: SeriesLook }[];
  readonly groups: readonly BarGroup[];
  /** Drawn through the bars: what each would be if …, one value per group. */
  readonly marks?: {
    readonly label: string;
    readonly look: SeriesLook;
    readonly values: readonly number[];
  }[];
  /** What is measured, with its unit. */
  readonly title: string;
  /** Ticks. */
  readonly text: (value: number) => string;
  /** Values that the axis reaches in any case. */
  readonly includes?: readonly number[];
  /** What lies outside is drawn on the edge; its words tell the truth. */
  readonly within?: readonly [number, number];
  readonly testId: string;
}

const TOP = 4;
const RIGHT = 16;
const PIXELS_PER_TICK = 72;
/** Width of a letter of the labels, about. */
const LETTER = 6.4;
const GAP = 8;
const THICK = { one: 14, many: 8 } as const;

/** Groups of horizontal bars from 0, each with its interval; the cursor goes from group to group. */
export function BarChart(props: BarChartProps) {
  const { label, series, groups, title, text, includes = [], within, marks = [], testId } = props;
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const cursor = useCursor({
    label,
    count: groups.length,
    start: 0,
    reading: (i) => wordsOf(groups[i], series),
  });
  const thick = series.length === 1 ? THICK.one : THICK.many;
  const row = series.length * thick + GAP;
  const height = groups.length * row + GAP / 2;
  const longest = Math.max(0, ...groups.map((group) => group.label.length)) * LETTER + 12;
  const left = Math.min(longest, (size?.width ?? 0) * 0.34);
  const width = Math.max(0, (size?.width ?? 0) - left - RIGHT);
  const reached = extent(groups, [...includes, ...marks.flatMap(({ values }) => values)]);
  const x = linear(within ? held(reached, within) : reached, [0, width]);
  const groupAt = (event: { readonly offsetY: number }) =>
    Math.min(groups.length - 1, Math.max(0, Math.floor((event.offsetY - TOP) / row)));
  const read = groups[cursor.at];
  return (
    <>
      <div class="plot" ref={box} {...cursor.props} data-testid={testId}>
        {width > 0 && (
          <svg
            width={size?.width}
            height={TOP + height + AXIS_BELOW}
            aria-hidden="true"
            onPointerMove={(event) => cursor.hover(groupAt(event))}
            onClick={(event) => cursor.move(groupAt(event))}
          >
            <g transform={`translate(${left} ${TOP})`}>
              <rect
                class={cursor.visible ? 'row-cursor is-active' : 'row-cursor'}
                {...{ x: -left, y: cursor.at * row, width: left + width + RIGHT, height: row }}
              />
              <BottomAxis
                ticks={ticksOf(x, Math.max(2, Math.min(8, width / PIXELS_PER_TICK)), text)}
                {...{ title, width, height }}
              />
              <path class="axis-base" d={`M${x(0)} 0V${height}`} />
              {groups.map((group, i) => (
                <g
                  key={group.id}
                  transform={`translate(0 ${i * row + GAP / 2})`}
                  class={group.quiet ? 'is-quiet' : ''}
                >
                  <text class="bar-name" x="-8" y={(series.length * thick) / 2 + 4} text-anchor="end">
                    {clipped(group.label, (left - 12) / LETTER)}
                    <title>{group.label}</title>
                  </text>
                  {group.bars.map((bar, k) => (
                    <OneBar
                      key={series[k]?.id}
                      bar={bar}
                      look={series[k]?.look ?? 'quiet'}
                      top={k * thick}
                      {...{ thick, x }}
                    />
                  ))}
                </g>
              ))}
              {marks.map(({ label: name, look, values }) => (
                <path key={name} class={`line look-${look}`} d={throughRows(values, x, row)} />
              ))}
            </g>
          </svg>
        )}
      </div>
      <ChartLegend
        head={read?.label}
        items={[
          ...series.map(({ id, label: name, look }, k) => ({
            ...{ id, label: name, look, shape: 'bar' as const },
            text: read?.bars[k]?.text,
          })),
          ...marks.map(({ label: name, look, values }) => ({
            ...{ id: name, label: name, look, shape: 'rule' as const },
            text: text(values[cursor.at] ?? Number.NaN),
          })),
        ]}
      />
    </>
  );
}

interface OneBarProps {
  readonly bar: BarValue;
  readonly look: SeriesLook;
  readonly top: number;
  readonly thick: number;
  readonly x: LinearScale;
}

function OneBar({ bar: { value, interval }, look, top, thick, x }: OneBarProps) {
  if (!Number.isFinite(value)) return null;
  const [from, to] = value < 0 ? [x(value), x(0)] : [x(0), x(value)];
  const middle = top + (thick - 1) / 2;
  const [low, high] = (interval ?? [value, value]).map((end) => x(end)) as [number, number];
  return (
    <>
      <rect class={`bar look-${look}`} x={from} y={top} width={Math.max(0, to - from)} height={thick - 1} />
      {interval && Number.isFinite(low) && Number.isFinite(high) && (
        <path
          class="interval"
          d={`M${low} ${middle}H${high}M${low} ${middle - 2.5}v5M${high} ${middle - 2.5}v5`}
        />
      )}
    </>
  );
}

/** Down through all rows, stepping where the value changes. */
function throughRows(values: readonly number[], x: LinearScale, row: number): string {
  return values
    .map((value, i) =>
      Number.isFinite(value) ? `${i === 0 ? 'M' : 'L'}${x(value)} ${i * row}V${(i + 1) * row}` : '',
    )
    .join('');
}

function extent(groups: readonly BarGroup[], includes: readonly number[]): [number, number] {
  const values = groups.flatMap(({ bars }) =>
    bars.flatMap(({ value, interval = [] }) => [value, ...interval]),
  );
  return extentOf(values, 0, ...includes);
}

function held([low, high]: [number, number], [least, most]: readonly [number, number]): [number, number] {
  return [Math.max(low, least), Math.min(high, most)];
}

function wordsOf(group: BarGroup | undefined, series: BarChartProps['series']): string {
  if (group === undefined) return '';
  const values = group.bars.map(({ text }, k) => `${series[k]?.label ?? ''} ${text}`);
  return `${group.label}: ${values.join('; ')}`;
}

function clipped(label: string, letters: number): string {
  // Room that was made for a label is enough for it, whatever floating point says.
  const most = Math.max(3, Math.floor(letters + 0.01));
  return label.length <= most ? label : `${label.slice(0, most - 1)}…`;
}
