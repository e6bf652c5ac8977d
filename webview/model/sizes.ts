/** The sizes on offer for pictures of a generator: whole multiples of small ones, three fixed sizes for large ones. Pure. */
import { t } from '../strings.ts';
import type { Size } from './layout.ts';

export interface SizeChoice {
  /** CSS pixels of the longest side; 0 = as large as fits. */
  readonly value: number;
  readonly label: string;
}

export function sizeChoices(image: Size): SizeChoice[] {
  const native = Math.max(image.width, image.height);
  const fit = { value: 0, label: t('size.fit') };
  if (native > 128) {
    return [
      fit,
      { value: 96, label: t('size.small') },
      { value: 160, label: t('size.medium') },
      { value: 256, label: t('size.large') },
    ];
  }
  const zooms = [1, 2, 3, 4, 6, 8].filter((zoom) => native * zoom >= 48 && native * zoom <= 400).slice(0, 4);
  return [fit, ...zooms.map((zoom) => ({ value: native * zoom, label: t('size.zoom', { zoom }) }))];
}
