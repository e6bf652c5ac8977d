interface RangeBarProps {
  readonly value: number;
  /** Null where none was measured. */
  readonly interval: readonly [number, number] | null;
  /** What chance reaches, drawn as a tick; null where that is not known. */
  readonly bar: number | null;
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
  return (
    <svg
      class={strong ? 'range-bar is-strong' : 'range-bar'}
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      aria-hidden="true"
    >
      <rect class="range-fill" y="4" width={x(value)} height="8" />
      {interval && <path class="range-interval" d={whiskers(x(interval[0]), x(interval[1]))} />}
      <path class="range-least" d={`M${x(least)} 0V${HEIGHT}`} />
      {bar !== null && <path class="range-chance" d={`M${x(bar)} 1V15`} />}
    </svg>
  );
}

function whiskers(low: number, high: number): string {
  return `M${low} 8H${high}M${low} 5v6M${high} 5v6`;
}
