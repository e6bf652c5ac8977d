/** Figures of effects as people read them. Pure. */
import type { Figure } from '../../src/shared/effects/effects.ts';
import { t } from '../strings.ts';

/** A share with its first decimal: "79.5 %", "−2.0 %"; what is no number is a dash. */
export function share(value: number): string {
  return Number.isFinite(value) ? `${minus(tenths(value))} %` : '–';
}

/** Of an axis or a short list: "20 %", "−20 %". */
export function roundShare(value: number): string {
  return Number.isFinite(value) ? `${minus(String(Number((100 * value).toFixed(1))))} %` : '–';
}

/** The same without the unit, for axes whose title names it. */
export function percentNumber(value: number): string {
  return minus(String(Number((100 * value).toPrecision(6))));
}

/** A part of the picture; small ones keep two digits that count: "8.1 %", "0.42 %". */
export function area(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return `${minus(areaDigits(value))} %`;
}

/** A difference of two areas in points: "+17.4", "−0.3". */
export function points(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const text = areaDigits(value);
  return value > 0 ? `+${text}` : minus(text);
}

/** "79.5 % (77.4–81.5)". */
export function shareFigure(figure: Figure): string {
  return withInterval(figure, share(figure.mean), tenths);
}

export function areaFigure(figure: Figure): string {
  return withInterval(figure, area(figure.mean), areaDigits);
}

/** "+17.4 points (16.8–18.0)". */
export function pointsFigure(figure: Figure): string {
  return withInterval(figure, t('effects.points', { value: points(figure.mean) }), areaDigits);
}

/** Whether 0 lies outside of the interval. */
export function isBeyondChance({ interval: [low, high] }: Figure): boolean {
  return low > 0 || high < 0;
}

function withInterval({ interval }: Figure, mean: string, digits: (value: number) => string): string {
  const [low, high] = interval;
  if (!Number.isFinite(low) || !Number.isFinite(high)) return mean;
  const key = low < 0 || high < 0 ? 'chart.intervalTo' : 'chart.interval';
  return t(key, { mean, low: minus(digits(low)), high: minus(digits(high)) });
}

function tenths(value: number): string {
  const text = (100 * value).toFixed(1);
  return text === '-0.0' ? '0.0' : text;
}

function areaDigits(value: number): string {
  const percent = 100 * value;
  const size = Math.abs(percent);
  const text = percent.toFixed(size > 0 && size < 0.995 ? 2 : 1);
  return Number(text) === 0 ? '0.0' : text;
}

function minus(text: string): string {
  return text.replace('-', '−');
}
