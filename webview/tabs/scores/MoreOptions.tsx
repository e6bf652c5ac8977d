import { useScores } from '../../app/context.ts';
import { counted } from '../../model/format.ts';
import { MOST_SAMPLES } from '../../model/scoreChoice.ts';
import { t } from '../../strings.ts';
import { Dropdown } from '../../ui/Dropdown.tsx';
import { NumberField } from '../../ui/NumberField.tsx';

/** What is set once and seldom changed. */
export function MoreOptions() {
  const { form } = useScores();
  const wish = form.wish.value;
  if (wish === null) return null;
  const { source } = wish;
  return (
    <details class="scores-more" data-testid="scores-more">
      <summary>{t('scores.more')}</summary>
      <div class="scores-fields">
        <Dropdown
          label={t('scores.rng')}
          value={source.rng}
          choices={(['numpy', 'torch'] as const).map((value) => ({
            value,
            label: t(`options.rng.${value}`),
          }))}
          onChange={(rng) => form.update({ source: { ...source, rng } })}
          roomy
          testId="scores-rng"
        />
        <Dropdown
          label={t('scores.rounding')}
          title={t('scores.roundingHint')}
          value={wish.quantisation}
          choices={(['round', 'floor'] as const).map((value) => ({
            value,
            label: t(`scores.rounding.${value}`),
          }))}
          onChange={(quantisation) => form.update({ quantisation })}
          testId="scores-rounding"
        />
        <Dropdown
          label={t('scores.resize')}
          title={t('scores.resizeHint')}
          value={wish.resize ?? 'usual'}
          choices={(['usual', 'tf1', 'torch', 'clean', 'own'] as const).map((value) => ({
            value,
            label: t(`scores.resize.${value}`),
          }))}
          onChange={(resize) => form.resize(resize === 'usual' ? undefined : resize)}
          roomy
          testId="scores-resize"
        />
        <Dropdown
          label={t('scores.values')}
          title={t('scores.valuesHint')}
          value={wish.range?.join(',') ?? 'usual'}
          choices={[
            { value: 'usual', label: t('scores.values.usual') },
            { value: '-1,1', label: '[−1, 1]' },
            { value: '0,1', label: '[0, 1]' },
            { value: '0,255', label: '[0, 255]' },
          ]}
          onChange={(range) => form.range(range)}
          testId="scores-values"
        />
        <NumberField
          label={t('scores.referenceSamples')}
          value={wish.referenceSamples}
          min={0}
          max={MOST_SAMPLES}
          complaint={t('scores.n.invalid', { min: 0, max: counted(MOST_SAMPLES) })}
          onCommit={(referenceSamples) => form.update({ referenceSamples })}
          testId="scores-reference-samples"
        />
      </div>
    </details>
  );
}
