import { useRef } from 'preact/hooks';
import { useSize } from '../ui/useSize.ts';
import { AXIS_BELOW, BottomAxis } from './Axis.tsx';
import { ChartLegend, Mark, type SeriesLook } from './looks.tsx';
import { extentOf, linear, nearest, stacked, ticksOf } from './scales.ts';
import { useCursor } from './useCursor.ts';

interface DotStripProps {
  /** Accessible name; says that the arrow keys read values. */
  readonly label: string;
  /** Many of a kind, each a dot. */
  readonly dots: readonly number[];
  readonly dotsLabel: string;
  /** What they are held against. */
  readonly mark: {
    readonly value: number;
    readonly interval: readonly [number, number];
    readonly text: string;
  };
  readonly markLabel: string;
  readonly look: SeriesLook;
  /** What is measured, with its unit. */
  readonly title: string;
  readonly text: (value: number) => string;
  /** Ticks. */
  readonly tickText: (value: number) => string;
  readonly includes?: readonly number[];
  readonly testId: string;
}

const SIDE = 16;
const DOT = 8;
const PIXELS_PER_TICK = 64;

/** One value with its interval among many others on one axis; dots that would cover each other are stacked. */
export function DotStrip(props: DotStripProps) {
  const {
    label,
    dots,
    dotsLabel,
    mark,
    markLabel,
    look,
    title,
    text,
    tickText,
    includes = [],
    testId,
  } = props;
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const sound = dots.filter(Number.isFinite).sort((a, b) => a - b);
  const places = [mark.value, ...sound];
  const wordsAt = (i: number) =>
    i === 0
      ? `${markLabel}: ${mark.text}`
      : `${dotsLabel} ${i}/${sound.length}: ${text(places[i] ?? Number.NaN)}`;
  const cursor = useCursor({ label, count: places.length, start: 0, reading: wordsAt });
  const width = Math.max(0, (size?.width ?? 0) - 2 * SIDE);
  const x = linear(extentOf(places, ...mark.interval, ...includes), [0, width]);
  const rows = stacked(
    sound.map((value) => x(value)),
    DOT,
  );
  const height = 44 + Math.max(1, Math.max(0, ...rows) + 1) * DOT;
  const base = height - DOT;
  const heights = [14, ...rows.map((row) => base - row * DOT)];
  const at = places[cursor.at] ?? 0;
  const placeOf = (event: { readonly offsetX: number; readonly offsetY: number }) => {
    if (event.offsetY < 28) return 0;
    return (
      1 +
      nearest(
        sound.map((value) => x(value)),
        event.offsetX - SIDE,
      )
    );
  };
  return (
    <>
      <div class="plot" ref={box} {...cursor.props} data-testid={testId}>
        {width > 0 && (
          <svg
            width={size?.width}
            height={height + AXIS_BELOW}
            aria-hidden="true"
            onPointerMove={(event) => cursor.hover(placeOf(event))}
            onClick={(event) => cursor.move(placeOf(event))}
          >
            <g transform={`translate(${SIDE} 0)`}>
              <BottomAxis
                ticks={ticksOf(x, Math.max(2, Math.min(8, width / PIXELS_PER_TICK)), tickText)}
                {...{ title, width, height }}
              />
              {cursor.visible && <path class="cursor is-active" d={`M${x(at)} 0V${height}`} />}
              {sound.map((value, i) => (
                <Mark key={i} look="quiet" x={x(value)} y={base - (rows[i] ?? 0) * DOT} />
              ))}
              {Number.isFinite(mark.value) && <MarkWithInterval {...{ mark, look, x }} />}
              {cursor.visible && <circle class="dot-cursor" cx={x(at)} cy={heights[cursor.at] ?? 0} r="7" />}
            </g>
          </svg>
        )}
      </div>
      <ChartLegend
        items={[
          { id: 'mark', label: markLabel, look, shape: 'mark', text: mark.text },
          {
            ...{ id: 'dots', label: dotsLabel, look: 'quiet', shape: 'mark' },
            text: cursor.at > 0 ? text(at) : undefined,
          },
        ]}
      />
    </>
  );
}

function MarkWithInterval({
  mark,
  look,
  x,
}: Pick<DotStripProps, 'mark' | 'look'> & { x: (value: number) => number }) {
  const [low, high] = mark.interval;
  return (
    <>
      {Number.isFinite(low) && Number.isFinite(high) && (
        <path class="interval" d={`M${x(low)} 14H${x(high)}M${x(low)} 10v8M${x(high)} 10v8`} />
      )}
      <Mark look={look} x={x(mark.value)} y={14} />
    </>
  );
}
