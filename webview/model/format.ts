/** Numbers and facts as people read them. Pure. */

import type { DeclaredShape, ModelDescription } from '../../src/shared/generator/model.ts';
import type { LatentKey } from '../../src/shared/samples/latents.ts';
import { type StringKey, t, type Values } from '../strings.ts';

const whole = new Intl.NumberFormat('en-US');

type Counted =
  | 'status.samples'
  | 'model.units'
  | 'model.layers'
  | 'translation.pictures'
  | 'translation.skipped'
  | 'units.status'
  | 'dissect.concepts'
  | 'edits.count'
  | 'effects.unitsSelected'
  | 'effects.set'
  | 'effects.randomUnits'
  | 'effects.atUnits'
  | 'effects.selected'
  | 'scores.features'
  | 'scores.classes'
  | 'scores.images'
  | 'scores.rows'
  | 'scores.statisticsOf'
  | 'scores.samplesOf'
  | 'scores.skipped'
  | 'scores.warnings'
  | 'scores.history.unreadable'
  | 'scores.status.runs'
  | 'looks.artifacts.after'
  | 'looks.artifacts.name';

export function plural(key: Counted, count: number, values: Values = {}): string {
  const all: Values = { ...values, count: whole.format(count) };
  return t((count === 1 ? `${key}.one` : `${key}.many`) as StringKey, all);
}

/** 16321 → "16,321". */
export function counted(value: number): string {
  return whole.format(value);
}

/** 1050000 → "1.05 M". */
export function compact(value: number): string {
  if (value < 1000) return String(value);
  const units = ['k', 'M', 'G'] as const;
  let scaled = value / 1000;
  let unit = 0;
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  return `${Number(scaled.toPrecision(3))} ${units[unit]}`;
}

export function bytes(value: number): string {
  return `${compact(value).replace(' k', ' k').trim()}${value < 1000 ? ' B' : 'B'}`;
}

/** Time left, coarse on purpose: a figure that jumps is worse than one that is round. */
export function duration(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds < 60) return t('time.seconds', { count: seconds });
  if (seconds < 3600) return t('time.minutes', { count: Math.round(seconds / 60) });
  return t('time.hours', { count: Math.round(seconds / 360) / 10 });
}

/** Time taken: "23 ms", "1.4 s". */
export function taken(ms: number): string {
  if (ms < 1000) return t('time.ms', { count: Math.round(ms) });
  return t('time.seconds', { count: (ms / 1000).toFixed(1) });
}

export function shape(dimensions: DeclaredShape): string {
  return dimensions.map((dimension) => (dimension === '' ? '?' : dimension)).join(' × ');
}

export function imageSize(model: ModelDescription): string {
  return `${model.image.width}×${model.image.height}`;
}

/** A share as people read it: "85 %", "under 1 %". */
export function percent(share: number): string {
  const whole = Math.round(share * 100);
  return share > 0 && whole === 0 ? '< 1 %' : `${whole} %`;
}

/** An agreement, 0…1: "0.182"; what is no number is a dash. */
export function iou(value: number): string {
  return Number.isFinite(value) ? value.toFixed(3) : '–';
}

/** An activation: three digits that count. */
export function activation(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1e5 || (size > 0 && size < 1e-3)) return value.toExponential(1).replaceAll('-', '−');
  const text = size >= 1000 ? String(Math.round(value)) : size === 0 ? '0' : value.toPrecision(3);
  return text.replace('-', '−');
}

/** A small share exactly enough: "1 %", "0.5 %". */
export function finePercent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}

/** A cycle error, in units of [−1, 1]: "0.053". */
export function error(value: number): string {
  return value.toFixed(value < 0.1 ? 4 : 3);
}

/** The header's facts: z 96, 7 classes, 64×64, CPU. */
export function facts(model: ModelDescription): string[] {
  if (model.imageInput !== null) {
    const size = model.imageInput.size === null ? t('facts.anySize') : imageSize(model);
    return [t('facts.translates'), size, model.provider.toUpperCase()];
  }
  const list = [t('facts.latent', { size: model.latentSize })];
  if (model.classes > 0) list.push(t('facts.classes', { count: model.classes }));
  return [...list, imageSize(model), model.provider.toUpperCase()];
}

export function className(model: ModelDescription, index: number): string {
  return model.classNames[index] ?? String(index);
}

/** "+0.012", "−0.003". */
export function difference(value: number): string {
  return `${value < 0 ? '−' : '+'}${error(Math.abs(value))}`;
}

/** "−1" with a true minus sign. */
export function signed(value: number): string {
  return value < 0 ? `−${-value}` : String(value);
}

/** Milliseconds left from what is done so far; undefined while nothing is. */
export function timeLeft(done: number, total: number, elapsed: number): number | undefined {
  return done > 0 && done < total ? (elapsed / done) * (total - done) : undefined;
}

/** How a sample is called aloud: "sample, seed 12, class lake". */
export function sampleLabel(model: ModelDescription, key: LatentKey): string {
  if (key.classIndex === null) return t('grid.sample', { seed: key.seed });
  return t('grid.sampleClass', { seed: key.seed, class: className(model, key.classIndex) });
}
