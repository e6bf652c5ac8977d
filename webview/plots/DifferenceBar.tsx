interface DifferenceBarProps {
  readonly value: number;
  readonly interval: readonly [number, number] | null;
  /** Both ends of the scale, whose middle is 0. */
  readonly most: number;
  /** CSS pixels. */
  readonly width: number;
  /** False draws it in quiet colours: the interval holds 0. */
  readonly strong: boolean;
}

const HEIGHT = 16;

/** A difference with its interval on a scale about 0. The words for it stand in the row. */
export function DifferenceBar({ value, interval, most, width, strong }: DifferenceBarProps) {
  const x = (at: number) => {
    const share = Number.isFinite(at) && most > 0 ? Math.max(-1, Math.min(1, at / most)) : 0;
    return ((1 + share) * width) / 2;
  };
  const [from, to] = [Math.min(x(0), x(value)), Math.max(x(0), x(value))];
  return (
    <svg
      class={strong ? 'range-bar is-strong' : 'range-bar'}
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      aria-hidden="true"
    >
      <rect class="range-fill" x={from} y="4" width={to - from} height="8" />
      {interval?.every(Number.isFinite) && (
        <path
          class="range-interval"
          d={`M${x(interval[0])} 8H${x(interval[1])}M${x(interval[0])} 5v6M${x(interval[1])} 5v6`}
        />
      )}
      <path class="range-least" d={`M${x(0)} 0V${HEIGHT}`} />
    </svg>
  );
}
