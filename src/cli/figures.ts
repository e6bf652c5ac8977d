/** Figures as people read them. */
import type { Figure } from '../shared/effects/effects.ts';

export function withInterval({ mean, interval }: Figure): string {
  return `${share(mean)} [${interval.map(share).join(', ')}]`;
}

export function range(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return `${share(mean)} (from ${share(Math.min(...values))} to ${share(Math.max(...values))})`;
}

export function share(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}
