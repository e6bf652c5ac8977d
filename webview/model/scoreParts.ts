/** What extractor and reference are, in a few words. Pure. */
import type { ExtractorDescription, ReferenceDescription } from '../../src/shared/scores/scores.ts';
import { t } from '../strings.ts';
import { plural } from './format.ts';

/** "256 features", "7 classes", "64×64 pixels", "resize of clean-fid". */
export function extractorFacts(description: ExtractorDescription): string[] {
  const { features, classes, input, resize, values, valuesSource } = description;
  return [
    plural('scores.features', features),
    classes > 0 ? plural('scores.classes', classes) : t('scores.noClasses'),
    input.width === 0
      ? t('scores.input.any')
      : t('scores.input', { width: input.width, height: input.height }),
    t(`scores.resize.${resize}`),
    ...(values === undefined ? [] : [t(`scores.values.${valuesSource ?? 'confirmed'}`, { values })]),
  ];
}

/** "2,000 images", "3 files skipped". */
export function referenceFacts({ kind, count, skipped }: ReferenceDescription): string[] {
  const what =
    kind === 'statistics'
      ? count > 0
        ? plural('scores.statisticsOf', count)
        : t('scores.statistics')
      : kind === 'features'
        ? plural('scores.rows', count)
        : plural(kind === 'model' ? 'scores.samplesOf' : 'scores.images', count);
  return skipped.length > 0 ? [what, plural('scores.skipped', skipped.length)] : [what];
}
