/** Values of scores as people read them: as many digits as their interval bears. Pure. */
import type { ScoreValue } from '../../src/shared/scores/scores.ts';
import { t } from '../strings.ts';

type Interval = readonly [number, number];

/** Digits that count where no interval says how many do. */
const DIGITS = 3;
/** Smaller than this is written with a power of ten. */
const TINY = 1e-5;

/** A number with the digits that its interval bears: two of the half-width. Without an interval three that count. */
export function scoreNumber(value: number, interval: Interval | null = null): string {
  return digitsOf(value, interval)(value);
}

/** "0.455–0.813", with "to" where an end is negative; empty without an interval. */
export function intervalText(value: number, interval: Interval | null): string {
  if (interval === null || !interval.every(Number.isFinite)) return '';
  const text = digitsOf(value, interval);
  const [low, high] = interval;
  return t(low < 0 || high < 0 ? 'scores.rangeTo' : 'scores.range', { low: text(low), high: text(high) });
}

/** "0.63 (0.46–0.81)". */
export function scoreText({ value, interval }: Pick<ScoreValue, 'value' | 'interval'>): string {
  const range = intervalText(value, interval);
  const number = scoreNumber(value, interval);
  return range === '' ? number : t('scores.withRange', { value: number, range });
}

/** A difference has its sign in any case. */
export function signedNumber(value: number, interval: Interval | null): string {
  const number = scoreNumber(value, interval);
  return value > 0 ? `+${number}` : number;
}

/** A tick of an axis, or a number of a table. */
export function plainNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size > 0 && (size < TINY || size >= 1e7)) return minus(value.toExponential(1));
  return minus(new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 }).format(value));
}

/** A round end of a scale from 0 that holds all of these. */
export function scaleEnd(values: readonly number[]): number {
  const most = Math.max(0, ...values.filter(Number.isFinite));
  if (!(most > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [1, 2, 2.5, 5, 10].find((one) => one * power >= most * (1 - 1e-9)) ?? 10;
  return step * power;
}

/** Where a value and its interval end to the right. */
export function upperEnd({ value, interval }: Pick<ScoreValue, 'value' | 'interval'>): number {
  return interval === null ? value : Math.max(value, interval[1]);
}

function digitsOf(value: number, interval: Interval | null): (value: number) => string {
  const half = interval === null ? 0 : (interval[1] - interval[0]) / 2;
  const size = Math.max(Math.abs(value), half);
  if (!Number.isFinite(size)) return (one) => (Number.isFinite(one) ? minus(one.toPrecision(DIGITS)) : '–');
  if (size > 0 && size < TINY) return (one) => minus(one.toExponential(DIGITS - 1));
  const place = half > 0 && Number.isFinite(half) ? placeOf(half) : null;
  // A half-width that is nothing beside the value (a score at its bound) bears no endless digits.
  const own = size === 0 ? 0 : DIGITS - 1 - Math.floor(Math.log10(size));
  const decimals = Math.min(place ?? own, own + DIGITS);
  return (one) => fixed(one, Math.max(0, Math.min(10, decimals)));
}

/** Decimals down to the second digit that a half-width has. */
function placeOf(half: number): number {
  return 1 - Math.floor(Math.log10(half));
}

function fixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return '–';
  const text = new Intl.NumberFormat('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(value);
  return /[1-9]/.test(text) ? minus(text) : text.replace('-', '');
}

function minus(text: string): string {
  return text.replaceAll('-', '−');
}
