/** How series are told apart: by colour, by dash and by mark, so that none of these is needed alone (charts.css). */
export type SeriesLook = 'first' | 'second' | 'third' | 'fourth' | 'quiet';

/** A mark of about 8 × 8 pixels around a point. */
const MARKS: Readonly<Record<SeriesLook, string>> = {
  first: 'M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0z',
  second: 'M-3.2-3.2h6.4v6.4h-6.4z',
  third: 'M0-4.2 4 3.4h-8z',
  fourth: 'M0-4.6 4.6 0 0 4.6-4.6 0z',
  quiet: 'M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z',
};

interface MarkProps {
  readonly look: SeriesLook;
  readonly x: number;
  readonly y: number;
  readonly class?: string;
}

export function Mark({ look, x, y, class: more = '' }: MarkProps) {
  return <path class={`mark look-${look} ${more}`} d={MARKS[look]} transform={`translate(${x} ${y})`} />;
}

export interface LegendItem {
  readonly id: string;
  readonly label: string;
  readonly look: SeriesLook;
  /** A line with its mark or without, a filled bar, a lone mark, or a range. */
  readonly shape: 'line' | 'rule' | 'bar' | 'mark' | 'band';
  /** The value at the cursor. */
  readonly text?: string | undefined;
  /** Stands out among the others. */
  readonly strong?: boolean;
}

const WIDTH = 24;
const HEIGHT = 12;

/** What each look stands for, with the values that the cursor reads. */
export function ChartLegend({ items, head }: { items: readonly LegendItem[]; head?: string | undefined }) {
  return (
    <div class="chart-legend" aria-hidden="true">
      {head !== undefined && <span class="chart-at">{head}</span>}
      <ul>
        {items.map(({ id, label, look, shape, text, strong }) => (
          <li key={id} class={strong ? 'is-strong' : ''}>
            <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
              {shape === 'bar' && <rect class={`bar look-${look}`} x="5" y="1" width="14" height="10" />}
              {shape === 'band' && <rect class={`band look-${look}`} y="1" width={WIDTH} height="10" />}
              {(shape === 'line' || shape === 'rule') && (
                <path class={`line look-${look}`} d={`M0 6H${WIDTH}`} />
              )}
              {(shape === 'line' || shape === 'mark') && <Mark look={look} x={WIDTH / 2} y={HEIGHT / 2} />}
            </svg>
            <span>{label}</span>
            {text !== undefined && <output>{text}</output>}
          </li>
        ))}
      </ul>
    </div>
  );
}
