/** What a run was computed from, in one line. Pure. */
import type { ScoreRun } from '../../src/shared/scores/scores.ts';
import { t } from '../strings.ts';
import { counted, duration, signed, taken } from './format.ts';
import { whenText } from './scoreHistory.ts';

/** Digits of a hash that people compare. */
const HEAD = 8;

export function scoreProvenance(run: ScoreRun): string {
  const { settings, extractor, reference, model, made, forwardPasses, ms } = run;
  const { source } = settings;
  return [
    t('scores.made.model', { file: model.file, hash: model.sha256.slice(0, HEAD) }),
    t('scores.made.samples', { count: counted(settings.samples), seed: settings.seed, rng: source.rng }),
    settings.classes === 'all' ? '' : t('scores.made.class', { class: settings.classes }),
    truncationWords(run),
    t(`scores.made.${settings.quantisation}`),
    t('scores.made.extractor', { name: extractor.name, hash: extractor.sha256.slice(0, HEAD) }),
    settings.extractor.layer === undefined ? '' : t('scores.made.layer', { layer: settings.extractor.layer }),
    t('scores.made.resize', { resize: t(`scores.resize.${extractor.resize}`) }),
    extractor.values === undefined
      ? ''
      : t(`scores.values.${extractor.valuesSource ?? 'confirmed'}`, { values: extractor.values }),
    reference === null
      ? t('scores.made.noReference')
      : t('scores.made.reference', {
          ...{ name: reference.name, count: counted(reference.count) },
          hash: reference.sha256.slice(0, HEAD),
        }),
    t('scores.made.passes', { count: counted(forwardPasses) }),
    t('scores.made.took', { time: ms < 60_000 ? taken(ms) : duration(ms) }),
    whenText(made.date),
    t('scores.made.version', { version: made.genscope, runtime: made.runtime }),
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

function truncationWords({ settings: { source } }: ScoreRun): string {
  const { truncation } = source;
  if (truncation.mode === 'none') return t('scores.made.noTruncation');
  const value =
    truncation.mode === 'psi'
      ? truncation.psi
      : truncation.mode === 'input'
        ? truncation.value
        : truncation.mode === 'resample'
          ? truncation.threshold
          : truncation.scale;
  return t(`scores.made.truncation.${truncation.mode}`, { value: signed(Number(value.toPrecision(4))) });
}
