/** The words that every chart has: a part of the table in strings.ts. */
export const CHART_WORDS = {
  'chart.table': 'Show as Table',
  'chart.csv': 'Copy as CSV',
  'chart.copied': 'Copied the table as CSV',
  'chart.keys': '{title}. The arrow keys read its values.',
  'chart.interval': '{mean} ({low}–{high})',
  'chart.intervalTo': '{mean} ({low} to {high})',
} as const;
