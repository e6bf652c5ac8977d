import { useRef } from 'preact/hooks';
import { useSize } from '../ui/useSize.ts';
import { AXIS_BELOW, BottomAxis } from './Axis.tsx';
import { ChartLegend, Mark } from './looks.tsx';
import { extentOf, linear, ticksOf } from './scales.ts';
import { useCursor } from './useCursor.ts';

export interface DotRow {
  readonly id: string;
  readonly label: string;
  /** NaN draws nothing. */
  readonly value: number;
  readonly interval: readonly [number, number] | null;
  /** With the interval, in the legend and aloud. */
  readonly text: string;
  /** Drawn in quiet colours: what does not compare with the others. */
  readonly quiet: boolean;
}

interface DotIntervalsProps {
  /** Accessible name; says that the arrow keys read values. */
  readonly label: string;
  readonly rows: readonly DotRow[];
  /** What is measured. */
  readonly title: string;
  /** Ticks. */
  readonly text: (value: number) => string;
  readonly testId: string;
}

const TOP = 4;
const RIGHT = 16;
const ROW = 22;
const LETTER = 6.4;
const PIXELS_PER_TICK = 64;

/** A dot and its interval in each row, over one axis that need not begin at 0: which overlap, and which do not. */
export function DotIntervals({ label, rows, title, text, testId }: DotIntervalsProps) {
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const wordsAt = (i: number) => `${rows[i]?.label ?? ''}: ${rows[i]?.text ?? '–'}`;
  const cursor = useCursor({ label, count: rows.length, start: 0, reading: wordsAt });
  const longest = Math.max(0, ...rows.map((row) => row.label.length)) * LETTER + 12;
  const left = Math.min(longest, (size?.width ?? 0) * 0.42);
  const width = Math.max(0, (size?.width ?? 0) - left - RIGHT);
  const height = rows.length * ROW;
  const x = linear(extentOf(rows.flatMap(({ value, interval }) => [value, ...(interval ?? [])])), [0, width]);
  const rowAt = (event: { readonly offsetY: number }) =>
    Math.min(rows.length - 1, Math.max(0, Math.floor((event.offsetY - TOP) / ROW)));
  const read = rows[cursor.at];
  return (
    <>
      <div class="plot" ref={box} {...cursor.props} data-testid={testId}>
        {width > 0 && (
          <svg
            width={size?.width}
            height={TOP + height + AXIS_BELOW}
            aria-hidden="true"
            onPointerMove={(event) => cursor.hover(rowAt(event))}
            onClick={(event) => cursor.move(rowAt(event))}
          >
            <g transform={`translate(${left} ${TOP})`}>
              <rect
                class={cursor.visible ? 'row-cursor is-active' : 'row-cursor'}
                {...{ x: -left, y: cursor.at * ROW, width: left + width + RIGHT, height: ROW }}
              />
              <BottomAxis
                ticks={ticksOf(x, Math.max(2, Math.min(8, width / PIXELS_PER_TICK)), text)}
                {...{ title, width, height }}
              />
              {rows.map((row, i) => (
                <g
                  key={row.id}
                  transform={`translate(0 ${(i + 0.5) * ROW})`}
                  class={row.quiet ? 'is-quiet' : ''}
                >
                  <text class="bar-name" x="-8" y="4" text-anchor="end">
                    {clipped(row.label, (left - 12) / LETTER)}
                    <title>{row.label}</title>
                  </text>
                  <Whiskers interval={row.interval} x={x} />
                  {Number.isFinite(row.value) && (
                    <Mark look={row.quiet ? 'quiet' : 'first'} x={x(row.value)} y={0} />
                  )}
                </g>
              ))}
            </g>
          </svg>
        )}
      </div>
      <ChartLegend
        head={read?.label}
        items={[{ id: 'value', label: title, look: 'first', shape: 'mark', text: read?.text }]}
      />
    </>
  );
}

function Whiskers({ interval, x }: { interval: DotRow['interval']; x: (value: number) => number }) {
  if (interval === null || !interval.every(Number.isFinite)) return null;
  const [low, high] = interval.map((end) => x(end));
  return <path class="interval" d={`M${low} 0H${high}M${low} -4v8M${high} -4v8`} />;
}

/** File names of checkpoints differ at their ends: the middle goes. */
function clipped(label: string, letters: number): string {
  const most = Math.max(5, Math.floor(letters));
  if (label.length <= most) return label;
  const tail = Math.ceil((most - 1) * 0.6);
  return `${label.slice(0, most - 1 - tail)}…${label.slice(-tail)}`;
}
