/** Figures of a benchmark run: printed as a table, kept as JSON for whoever wants to compare. */
import fs from 'node:fs';
import path from 'node:path';

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal?: string;
  readonly met?: boolean;
  readonly runs: number;
  readonly low: number;
  readonly high: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

export function figure(
  name: string,
  unit: string,
  values: readonly number[],
  goal?: { text: string; holds: (value: number) => boolean },
): Figure {
  const value = median(values);
  const base = {
    name,
    unit,
    value,
    runs: values.length,
    low: Math.min(...values),
    high: Math.max(...values),
  };
  return goal ? { ...base, goal: goal.text, met: goal.holds(value) } : base;
}

export function print(title: string, figures: readonly Figure[]): void {
  const digits = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));
  const lines = figures.map(
    (f) =>
      `  ${f.name.padEnd(62)} ${digits(f.value).padStart(8)} ${f.unit.padEnd(9)} (median of ${f.runs}, ${digits(f.low)}–${digits(f.high)})${f.goal ? `  goal ${f.goal}: ${f.met ? 'met' : 'NOT MET'}` : ''}`,
  );
  console.log(`\n${title}\n${lines.join('\n')}\n`);
  const folder = path.resolve(import.meta.dirname, '../../results');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(
    path.join(folder, `bench-${title.toLowerCase().replace(/\W+/g, '-')}.json`),
    `${JSON.stringify(figures, null, 2)}\n`,
  );
}
