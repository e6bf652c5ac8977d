/** Settings that cannot be dissected with are refused before anything runs. */

import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { DissectSettings } from '../../shared/units/dissection.ts';

/** @throws GenscopeError `input.invalid`, saying which setting and what it takes */
export function checkSettings(settings: DissectSettings, classes: number): DissectSettings {
  const { layers, samples, level, leastIou, resolution } = settings;
  if (layers.length === 0) throw invalid('No layer was chosen.', 'Choose one layer or more.');
  if (!isWhole(samples, 2, 10_000_000))
    throw invalid(
      `${samples} samples cannot be dissected.`,
      'Choose 2 or more; 1,000 is quick, 10,000 is thorough.',
    );
  if (level.mode === 'quantile' && !(level.quantile > 0 && level.quantile < 1))
    throw invalid(
      `${level.quantile} is no share of the pixels.`,
      'Choose a quantile between 0 and 1; 0.01 is usual.',
    );
  if (!(leastIou >= 0 && leastIou <= 1))
    throw invalid(`${leastIou} is no IoU.`, 'Choose a threshold from 0 to 1; 0.04 is usual.');
  if (!isWhole(resolution, 1, 4096))
    throw invalid(
      `Maps of ${resolution} pixels cannot be compared.`,
      'Choose a resolution from 1 to 4096; 256 is usual.',
    );
  if (settings.classes !== 'all' && !isWhole(settings.classes, 0, classes - 1))
    throw invalid(`There is no class ${settings.classes}.`, `Choose one of the ${classes} classes, or all.`);
  return settings;
}

function isWhole(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high;
}

function invalid(says: string, advice: string): GenscopeError {
  return new GenscopeError('input.invalid', says, advice);
}
