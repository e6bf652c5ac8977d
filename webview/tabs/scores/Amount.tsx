import { useState } from 'preact/hooks';
import { useModel, useSamples, useScores } from '../../app/context.ts';
import { className, counted } from '../../model/format.ts';
import {
  MAX_SEED,
  truncationAt,
  truncationModes,
  truncationRange,
  truncationValue,
} from '../../model/samplesModel.ts';
import { FEWEST_SAMPLES, MOST_SAMPLES, samplesHint, USUAL_SAMPLES } from '../../model/scoreChoice.ts';
import { t } from '../../strings.ts';
import { Dropdown } from '../../ui/Dropdown.tsx';
import { NumberField } from '../../ui/NumberField.tsx';
import { Slider } from '../../ui/Slider.tsx';

interface AmountProps {
  /** Where how many there are is said elsewhere. */
  readonly count?: boolean;
  /** What so many are worth, for scores. */
  readonly hint?: boolean;
}

/** How many samples, and which: as in the Samples tab. */
export function Amount({ count = true, hint = true }: AmountProps) {
  const { form } = useScores();
  const wish = form.wish.value;
  if (wish === null) return null;
  const features = form.setup.value?.extractor?.description?.features ?? 0;
  return (
    <div class="scores-amount">
      <div class="scores-fields">
        {count && <HowMany samples={wish.samples} onChange={(samples) => form.update({ samples })} />}
        <NumberField
          label={t('seed.label')}
          value={wish.seed}
          min={0}
          max={MAX_SEED}
          complaint={t('seed.invalid', { max: MAX_SEED })}
          onCommit={(seed) => form.update({ seed })}
          testId="scores-seed"
        />
        <WhichClass />
        <Truncation />
      </div>
      {hint && (
        <p class="quiet" data-testid="scores-n-hint">
          {t(samplesHint(wish.samples, features), { features: counted(features) })}
        </p>
      )}
    </div>
  );
}

function HowMany({ samples, onChange }: { samples: number; onChange: (samples: number) => void }) {
  const usual = USUAL_SAMPLES.some((one) => one === samples);
  const [asked, setAsked] = useState(false);
  const other = asked || !usual;
  return (
    <>
      <Dropdown
        label={t('scores.n')}
        title={t('scores.n.name')}
        value={other ? 0 : samples}
        choices={[
          ...USUAL_SAMPLES.map((value) => ({ value: value as number, label: counted(value) })),
          { value: 0, label: t('scores.n.other') },
        ]}
        onChange={(value) => {
          setAsked(value === 0);
          if (value > 0) onChange(value);
        }}
        testId="scores-n"
      />
      {other && (
        <NumberField
          label={t('scores.n.otherLabel')}
          hideLabel
          value={samples}
          min={FEWEST_SAMPLES}
          max={MOST_SAMPLES}
          complaint={t('scores.n.invalid', { min: FEWEST_SAMPLES, max: counted(MOST_SAMPLES) })}
          onCommit={onChange}
          testId="scores-n-other"
        />
      )}
    </>
  );
}

function WhichClass() {
  const { form } = useScores();
  const model = useModel();
  if (model.classes === 0) return null;
  return (
    <Dropdown
      label={t('class.label')}
      value={form.wish.value?.classes ?? 'all'}
      choices={[
        { value: 'all' as 'all' | number, label: t('class.all') },
        ...Array.from({ length: model.classes }, (_, i) => ({ value: i, label: className(model, i) })),
      ]}
      onChange={(classes) => form.update({ classes })}
      testId="scores-class"
    />
  );
}

function Truncation() {
  const { form } = useScores();
  const model = useModel();
  const { truncationMode } = useSamples().state.value;
  const source = form.wish.value?.source;
  if (source === undefined) return null;
  const { truncation } = source;
  const mode = truncation.mode === 'none' ? truncationMode : truncation.mode;
  if (!truncationModes(model, source.distribution).includes(mode)) return null;
  const { off: _, ...range } = truncationRange(mode);
  const value = truncationValue(truncation, mode);
  return (
    <Slider
      label={t(mode === 'psi' ? 'truncation.psi' : 'truncation.label')}
      {...range}
      value={value}
      text={truncation.mode === 'none' ? t('scores.truncation.none') : value.toFixed(2)}
      title={t(mode === 'psi' ? 'truncation.psiHint' : 'truncation.hint')}
      onInput={(next) => form.update({ source: { ...source, truncation: truncationAt(mode, next) } })}
      testId="scores-truncation"
    />
  );
}
