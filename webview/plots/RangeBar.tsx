interface RangeBarProps {
  readonly value: number;
  readonly interval: readonly [number, number];
  /** What chance reaches, drawn as a tick. */
  readonly bar: number;
  /** What has to be exceeded anyway, drawn as a line through all rows. */
  readonly least: number;
  /** The right end of the scale, which begins at 0. */
  readonly most: number;
  /** CSS pixels. */
  readonly width: number;
  /** False draws it in quiet colours. */
  readonly strong: boolean;
}

const HEIGHT = 16;

/** A value with its interval on a scale from 0, beside what it has to exceed. The words for it stand in the row. */
export function RangeBar({ value, interval, bar, least, most, width, strong }: RangeBarProps) {
  const x = (at: number) =>
    Number.isFinite(at) && most > 0 ? Math.min(width, (Math.max(0, at) / most) * width) : 0;
  const [low, high] = interval;
  return (
    <svg
      class={strong ? 'range-bar is-strong' : 'range-bar'}
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      aria-hidden="true"
    >
      <rect class="range-fill" y="4" width={x(value)} height="8" />
      <path class="range-interval" d={`M${x(low)} 8H${x(high)}M${x(low)} 5v6M${x(high)} 5v6`} />
      <path class="range-least" d={`M${x(least)} 0V${HEIGHT}`} />
      <path class="range-chance" d={`M${x(bar)} 1V15`} />
    </svg>
  );
}
