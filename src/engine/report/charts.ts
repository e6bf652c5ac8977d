/** Bar charts as inline SVG: horizontal, labelled, legible in black and white. */
import { html, type Markup } from './markup.ts';

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** What stands after the bar, besides the value. */
  readonly note?: string;
  readonly colour?: string;
}

const ROW = 22;
const LABEL = 190;
const BAR = 420;
const NOTE = 190;
/** Characters that fit before a bar. */
const LONGEST = 26;

/** @param most what a full bar stands for; the largest value, unless said */
export function barChart(title: string, bars: readonly Bar[], most?: number): Markup | null {
  if (bars.length === 0) return null;
  const full = Math.max(1e-12, most ?? Math.max(...bars.map(({ value }) => value)));
  const height = bars.length * ROW;
  const width = LABEL + BAR + NOTE;
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" style="max-width:${width}px" role="img" aria-label="${title}">
<title>${title}</title>
${bars.map((bar, i) => barMarkup(bar, i, full))}
</svg>`;
}

function barMarkup({ label, value, note, colour }: Bar, row: number, full: number): Markup {
  const y = row * ROW;
  const length = Math.max(value > 0 ? 1 : 0, (BAR * value) / full);
  const text = note === undefined ? String(value) : `${value} · ${note}`;
  return html`<text x="${LABEL - 8}" y="${y + 15}" text-anchor="end">${cut(label)}<title>${label}</title></text>
<rect x="${LABEL}" y="${y + 4}" width="${length.toFixed(1)}" height="${ROW - 8}" fill="${colour ?? 'var(--bar)'}"/>
<text x="${LABEL + length + 6}" y="${y + 15}" class="quiet">${text}</text>
`;
}

function cut(label: string): string {
  return label.length > LONGEST ? `${label.slice(0, LONGEST - 1)}…` : label;
}
