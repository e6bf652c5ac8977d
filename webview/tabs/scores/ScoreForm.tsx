import { useState } from 'preact/hooks';
import { SCORE_PRESETS } from '../../../src/shared/scores/scorePresets.ts';
import { useEdits, useModel, useScores } from '../../app/context.ts';
import { counted } from '../../model/format.ts';
import { presetOf, whyNot } from '../../model/scoreChoice.ts';
import { editNames } from '../../model/scoreHistory.ts';
import { t } from '../../strings.ts';
import { Checkbox } from '../../ui/Checkbox.tsx';
import { CheckList } from '../../ui/CheckList.tsx';
import { Dropdown } from '../../ui/Dropdown.tsx';
import { Amount } from './Amount.tsx';
import { MoreOptions } from './MoreOptions.tsx';
import { Parts } from './Parts.tsx';
import { RunBar } from './RunBar.tsx';
import { ScoreProgressRow } from './ScoreProgressRow.tsx';

/** What is measured, with what, on how many samples, and the button that begins it. */
export function ScoreForm() {
  const { form, running, starting } = useScores();
  const busy = running.value !== null || starting.value;
  return (
    <section class="scores-form" aria-label={t('scores.form')} data-testid="scores-form">
      {form.setup.value === null || form.wish.value === null ? (
        <p class="quiet">{t('scores.loading')}</p>
      ) : (
        <>
          <Parts />
          <Preset />
          <WhichScores />
          <Amount />
          <MoreOptions />
          <EditSwitch />
        </>
      )}
      {busy ? <ScoreProgressRow /> : <RunBar />}
    </section>
  );
}

/** Published scores by name, with what they are made with. */
function Preset() {
  const { form } = useScores();
  const [setup, wish] = [form.setup.value, form.wish.value];
  if (setup === null || wish === null) return null;
  const chosen = presetOf(wish);
  const own = setup.extractor?.description?.features ?? 0;
  const isOther = chosen !== null && chosen.features > 0 && own > 0 && own !== chosen.features;
  return (
    <div class="scores-which">
      <Dropdown
        label={t('scores.preset')}
        title={t('scores.presetHint')}
        value={chosen?.id ?? ''}
        choices={[
          ...(chosen === null ? [{ value: '', label: t('scores.preset.own') }] : []),
          ...SCORE_PRESETS.map(({ id, name }) => ({ value: id, label: name })),
        ]}
        onChange={(id) => {
          const preset = SCORE_PRESETS.find((one) => one.id === id);
          if (preset !== undefined) form.preset(preset);
        }}
        roomy
        testId="scores-preset"
      />
      {chosen !== null && (
        <p class={isOther ? 'scores-problem' : 'quiet'} data-testid="scores-preset-note">
          {isOther
            ? t('scores.presetOther', {
                ...{ name: chosen.name, extractor: chosen.extractor },
                ...{ features: counted(chosen.features), own: counted(own) },
              })
            : t('scores.presetSource', {
                name: chosen.name,
                source: chosen.source,
                extractor: chosen.extractor,
              })}
        </p>
      )}
    </div>
  );
}

function WhichScores() {
  const { form } = useScores();
  const { classes } = useModel();
  const [looked, look] = useState<string | null>(null);
  const [setup, wish] = [form.setup.value, form.wish.value];
  if (setup === null || wish === null) return null;
  const items = setup.registry.map((score) => {
    const reason = whyNot(score, setup, classes);
    return {
      ...{ id: score.id, label: score.name, checked: wish.scores.includes(score.id), about: score.measures },
      off: reason === null ? undefined : t(reason),
    };
  });
  const item = items.find(({ id }) => id === looked);
  return (
    <div class="scores-which">
      <CheckList
        label={t('scores.list')}
        items={items}
        onToggle={(id) => form.toggle(id)}
        onLook={look}
        testId="scores-check"
      />
      <p class="quiet scores-about" aria-hidden="true" data-testid="scores-about">
        {item ? (
          <>
            <strong>{item.label}</strong> {item.off && `${item.off} `}
            {item.about}
          </>
        ) : (
          t('scores.listHint')
        )}
      </p>
    </div>
  );
}

/** Offered while the Units tab has edits that are on; those of chosen samples have no meaning for others. */
function EditSwitch() {
  const scores = useScores();
  const { form, state } = scores;
  const all = useEdits().active.value;
  const whole = form.edits.value;
  if (all.length === 0) return null;
  const part = all.filter((edit) => !whole.includes(edit));
  return (
    <div class="scores-edit" data-testid="scores-edit">
      {whole.length > 0 && (
        <Checkbox
          label={t('scores.edit', { names: editNames(whole) })}
          title={t('scores.editHint')}
          checked={state.value.edited}
          onChange={(edited) => scores.update({ edited })}
          testId="scores-edited"
        />
      )}
      {whole.length > 0 && <p class="quiet">{t('scores.editHint')}</p>}
      {part.length > 0 && <p class="quiet">{t('scores.editPart', { names: editNames(part) })}</p>}
    </div>
  );
}
