import type { Tick } from './scales.ts';

interface AxisProps {
  readonly ticks: readonly Tick[];
  /** What is measured, with its unit. */
  readonly title: string;
  /** Size of the plot that the axis stands at, in CSS pixels. */
  readonly width: number;
  readonly height: number;
}

/** Space below a plot that a horizontal axis takes, and to its left that a vertical one takes, in CSS pixels. */
export const AXIS_BELOW = 40;
export const AXIS_LEFT = 58;

/** A horizontal axis below a plot whose upper left corner is the origin, with lines up through it. */
export function BottomAxis({ ticks, title, width, height }: AxisProps) {
  return (
    <g class="axis">
      {ticks.map(({ at, value, text }) => (
        <g key={value}>
          <path class="axis-line" d={`M${at} 0V${height}`} />
          <text x={at} y={height + 16} text-anchor="middle">
            {text}
          </text>
        </g>
      ))}
      <path class="axis-base" d={`M0 ${height}H${width}`} />
      <text class="axis-title" x={width / 2} y={height + 34} text-anchor="middle">
        {title}
      </text>
    </g>
  );
}

/** A vertical axis left of a plot, with lines across it; its title stands upright along it. */
export function LeftAxis({ ticks, title, width, height }: AxisProps) {
  return (
    <g class="axis">
      {ticks.map(({ at, value, text }) => (
        <g key={value}>
          <path class="axis-line" d={`M0 ${at}H${width}`} />
          <text x="-8" y={at + 4} text-anchor="end">
            {text}
          </text>
        </g>
      ))}
      <path class="axis-base" d={`M0 0V${height}`} />
      <text
        class="axis-title"
        transform={`translate(${14 - AXIS_LEFT} ${height / 2}) rotate(-90)`}
        text-anchor="middle"
      >
        {title}
      </text>
    </g>
  );
}
