import { useRef } from 'preact/hooks';
import { useSize } from '../ui/useSize.ts';
import { AXIS_BELOW } from './Axis.tsx';
import { linear, ticksOf } from './scales.ts';
import { useCursor } from './useCursor.ts';

interface HeatMapProps {
  /** Accessible name; says that the arrow keys read values. */
  readonly label: string;
  /** Cells. */
  readonly width: number;
  readonly height: number;
  /** Row by row, from 0 up; null where there is no value, which is hatched. */
  readonly values: readonly (number | null)[];
  readonly text: (value: number) => string;
  /** In a cell, where there is room. */
  readonly shortText: (value: number) => string;
  /** A cell in words: "row 3, column 4". */
  readonly placeText: (row: number, column: number) => string;
  readonly noneText: string;
  readonly xTitle: string;
  readonly yTitle: string;
  /** What the colours stand for, with its unit. */
  readonly title: string;
  readonly testId: string;
}

const LEFT = 44;
const RIGHT = 4;
const TOP = 4;
const LARGEST = 440;
/** A cell this wide holds its number. */
const ROOMY = 34;
/** Least distance of two numbers on an edge. */
const APART = 20;
/** From here on the ground is so strong that words on it take the page's colour. */
const STRONG = 0.6;
const RAMP = { width: 200, height: 10 } as const;

/** A field of cells, the stronger the colour the higher the value, with a scale of numbers; the cursor goes in two directions. */
export function HeatMap(props: HeatMapProps) {
  const {
    label,
    width,
    height,
    values,
    text,
    shortText,
    placeText,
    noneText,
    xTitle,
    yTitle,
    title,
    testId,
  } = props;
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value));
  const most = Math.max(0, ...known);
  const reading = (i: number) => {
    const value = values[i] ?? null;
    const place = placeText(Math.floor(i / width) + 1, (i % width) + 1);
    return `${place}: ${value === null ? noneText : text(value)}`;
  };
  const cursor = useCursor({
    ...{ label, count: values.length, columns: width, reading },
    start: Math.max(0, values.indexOf(most)),
  });
  const room = Math.min(LARGEST, (size?.width ?? 0) - LEFT - RIGHT);
  const cell = Math.max(0, Math.min(room / width, LARGEST / height));
  const ramp = linear([0, most > 0 ? most : 1], [0, 1]);
  const cellAt = ({ offsetX, offsetY }: { readonly offsetX: number; readonly offsetY: number }) => {
    const column = Math.min(width - 1, Math.max(0, Math.floor((offsetX - LEFT) / cell)));
    return Math.min(height - 1, Math.max(0, Math.floor((offsetY - TOP) / cell))) * width + column;
  };
  const [row, column] = [Math.floor(cursor.at / width), cursor.at % width];
  return (
    <>
      <div class="plot" ref={box} {...cursor.props} data-testid={testId}>
        {cell > 0 && (
          <svg
            width={LEFT + cell * width + RIGHT}
            height={TOP + cell * height + AXIS_BELOW}
            aria-hidden="true"
            onPointerMove={(event) => cursor.hover(cellAt(event))}
            onClick={(event) => cursor.move(cellAt(event))}
          >
            <defs>
              <pattern id={`${testId}-none`} width="6" height="6" patternUnits="userSpaceOnUse">
                <path class="hatch" d="M0 6 6 0" />
              </pattern>
            </defs>
            <g transform={`translate(${LEFT} ${TOP})`}>
              {values.map((value, i) => (
                <Cell
                  key={i}
                  x={(i % width) * cell}
                  y={Math.floor(i / width) * cell}
                  side={cell}
                  share={value === null ? null : ramp(value)}
                  none={`url(#${testId}-none)`}
                  text={cell < ROOMY || value === null ? '' : shortText(value)}
                />
              ))}
              <Edges {...{ width, height, cell, xTitle, yTitle }} />
              <rect
                class={cursor.visible ? 'cell-cursor is-active' : 'cell-cursor'}
                {...{ x: column * cell, y: row * cell, width: cell, height: cell }}
              />
            </g>
          </svg>
        )}
      </div>
      <p class="chart-reading" aria-hidden="true">
        {values.length > 0 && reading(cursor.at)}
      </p>
      <Ramp most={ramp.domain()[1] ?? 1} text={text} title={title} />
    </>
  );
}

interface CellProps {
  readonly x: number;
  readonly y: number;
  readonly side: number;
  /** 0…1 of the scale. */
  readonly share: number | null;
  readonly none: string;
  readonly text: string;
}

function Cell({ x, y, side, share, none, text }: CellProps) {
  if (share === null) return <rect {...{ x, y, width: side, height: side }} fill={none} />;
  return (
    <>
      <rect class="heat-cell" {...{ x, y, width: side, height: side }} fill-opacity={share} />
      {text !== '' && (
        <text
          class={share > STRONG ? 'heat-text is-strong' : 'heat-text'}
          x={x + side / 2}
          y={y + side / 2 + 4}
          text-anchor="middle"
        >
          {text}
        </text>
      )}
    </>
  );
}

interface EdgesProps {
  readonly width: number;
  readonly height: number;
  readonly cell: number;
  readonly xTitle: string;
  readonly yTitle: string;
}

/** Numbers of columns and rows, from 1, as many as there is room for. */
function Edges({ width, height, cell, xTitle, yTitle }: EdgesProps) {
  const every = Math.max(1, Math.ceil(APART / cell));
  const numbers = (count: number) =>
    Array.from({ length: count }, (_, i) => i).filter(
      (i) => (i % every === 0 && i + every <= count) || i === count - 1,
    );
  return (
    <g class="axis">
      <rect class="heat-frame" width={width * cell} height={height * cell} />
      {numbers(width).map((i) => (
        <text key={`x${i}`} x={(i + 0.5) * cell} y={height * cell + 16} text-anchor="middle">
          {i + 1}
        </text>
      ))}
      {numbers(height).map((i) => (
        <text key={`y${i}`} x="-6" y={(i + 0.5) * cell + 4} text-anchor="end">
          {i + 1}
        </text>
      ))}
      <text class="axis-title" x={(width * cell) / 2} y={height * cell + 34} text-anchor="middle">
        {xTitle}
      </text>
      <text
        class="axis-title"
        transform={`translate(${12 - LEFT} ${(height * cell) / 2}) rotate(-90)`}
        text-anchor="middle"
      >
        {yTitle}
      </text>
    </g>
  );
}

/** The colours with numbers below them. */
function Ramp({ most, text, title }: { most: number; text: (value: number) => string; title: string }) {
  const scale = linear([0, most], [0, RAMP.width], false);
  return (
    <div class="heat-scale" aria-hidden="true">
      <svg width={RAMP.width + 40} height="46" aria-hidden="true">
        <g transform="translate(16 2)">
          {Array.from({ length: 20 }, (_, i) => (
            <rect
              key={i}
              class="heat-cell"
              x={(i * RAMP.width) / 20}
              width={RAMP.width / 20}
              height={RAMP.height}
              fill-opacity={(i + 0.5) / 20}
            />
          ))}
          <rect class="heat-frame" width={RAMP.width} height={RAMP.height} />
          <g class="axis">
            {ticksOf(scale, 4, text).map(({ at, value, text: words }) => (
              <g key={value}>
                <path class="axis-base" d={`M${at} ${RAMP.height}v4`} />
                <text x={at} y={RAMP.height + 18} text-anchor="middle">
                  {words}
                </text>
              </g>
            ))}
            <text class="axis-title" x={RAMP.width / 2} y={RAMP.height + 33} text-anchor="middle">
              {title}
            </text>
          </g>
        </g>
      </svg>
    </div>
  );
}
