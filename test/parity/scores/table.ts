/** The table of test/parity/README.md: made of results, and compared with what stands there. */
import fs from 'node:fs';
import path from 'node:path';

export interface Row {
  readonly score: string;
  readonly reference: string;
  readonly data: string;
  readonly theirs: number;
  readonly ours: number;
}

const README = path.resolve(import.meta.dirname, '../README.md');
const BETWEEN = /(<!-- scores -->\n)([\s\S]*?)(<!-- \/scores -->)/;
const BOUND = /≤ 1e-\d+/g;
/** Differences below are rounding of the last bits, which other processors round otherwise. */
const LEAST = 1e-12;

export function relative({ theirs, ours }: Row): number {
  return Math.abs(ours - theirs) / Math.max(Math.abs(theirs), 1e-300);
}

export function render(rows: readonly Row[], exact: boolean): string {
  const bound = (row: Row) => {
    const difference = relative(row);
    return exact ? difference : 10 ** Math.ceil(Math.log10(Math.max(difference, LEAST)));
  };
  const lines = rows.map(
    (row) =>
      `| ${row.score} | ${row.reference} | ${row.data} | ${row.theirs.toPrecision(7)} | ≤ ${bound(row).toExponential(0)} |`,
  );
  const head = [
    '| score | against | features | their value | relative difference |',
    '|---|---|---|---|---|',
  ];
  return [...head, ...lines].join('\n');
}

export function tableInReadme(): string {
  return (BETWEEN.exec(fs.readFileSync(README, 'utf8'))?.[2] ?? '').trim();
}

export function writeTable(table: string): void {
  const text = fs.readFileSync(README, 'utf8');
  fs.writeFileSync(
    README,
    text.replace(BETWEEN, (_, before: string, __, after: string) => `${before}\n${table}\n\n${after}`),
  );
}

export function withoutBounds(table: string): { text: string; bounds: number[] } {
  const bounds = (table.match(BOUND) ?? []).map((one) => Number(one.slice(2)));
  return { text: table.replace(BOUND, '≤ …'), bounds };
}
