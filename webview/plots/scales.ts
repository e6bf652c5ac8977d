/** Scales and ticks of the charts, over d3-scale. Pure. */
import { type ScaleLinear, scaleLinear } from 'd3-scale';

export type LinearScale = ScaleLinear<number, number>;

export interface Tick {
  readonly value: number;
  /** CSS pixels from the start of the axis' plot. */
  readonly at: number;
  readonly text: string;
}

/**
 * From values to CSS pixels; what lies outside is drawn on the edge.
 *
 * @param domain values at the two ends; equal or no numbers: 0 to 1
 * @param nice widens the domain to round numbers
 */
export function linear(
  [from, to]: readonly [number, number],
  range: readonly [number, number],
  nice = true,
): LinearScale {
  const sound = Number.isFinite(from) && Number.isFinite(to) && from !== to;
  const scale = scaleLinear()
    .domain(sound ? [from, to] : [0, 1])
    .range([...range])
    .clamp(true);
  return nice ? scale.nice() : scale;
}

/** About `count` ticks at round numbers. */
export function ticksOf(scale: LinearScale, count: number, format: (value: number) => string): Tick[] {
  return scale.ticks(count).map((value) => ({ value, at: scale(value), text: format(value) }));
}

/** The least and the most of all numbers given and of `also`; what is no number is passed over. */
export function extentOf(values: Iterable<number>, ...also: readonly number[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const take = (value: number) => {
    if (!Number.isFinite(value)) return;
    low = Math.min(low, value);
    high = Math.max(high, value);
  };
  for (const value of values) take(value);
  for (const value of also) take(value);
  return low <= high ? [low, high] : [0, 1];
}

/** The place in `sorted` (rising) nearest to `value`; −1 when there is none. */
export function nearest(sorted: readonly number[], value: number): number {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  sorted.forEach((at, i) => {
    const distance = Math.abs(at - value);
    if (distance < least) [best, least] = [i, distance];
  });
  return best;
}

/**
 * Dots on a line that would lie on each other are moved to rows above: the row of each, in the order given.
 *
 * @param places along the line, in CSS pixels
 * @param apart least distance of two dots in a row
 */
export function stacked(places: readonly number[], apart: number): number[] {
  const rows: number[][] = [];
  return places.map((at) => {
    const free = rows.findIndex((row) => row.every((other) => Math.abs(other - at) >= apart));
    const row = free < 0 ? rows.push([]) - 1 : free;
    rows[row]?.push(at);
    return row;
  });
}
