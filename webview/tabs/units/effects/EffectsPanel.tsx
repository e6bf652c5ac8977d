import { useSession, useUnits } from '../../../app/context.ts';
import { NextSteps } from '../../../app/NextSteps.tsx';
import { EFFECT_KINDS } from '../../../model/effectQuestion.ts';
import { t } from '../../../strings.ts';
import { Icon } from '../../../ui/Icon.tsx';
import { Message } from '../../../ui/Message.tsx';
import { Segments } from '../../../ui/Segments.tsx';
import { SegmenterMenu } from '../DissectForm.tsx';
import { EffectForm } from './EffectForm.tsx';
import { EffectProgressRow } from './EffectProgressRow.tsx';
import { EffectResult } from './EffectResult.tsx';
import { PlacementResult } from './PlacementResult.tsx';
import { Questions } from './Questions.tsx';
import { SelectionsResult } from './SelectionsResult.tsx';
import { useEditInWork } from './useUnitSet.ts';

/** Is it causal? What a set of units does, which sets are best, and where they can go. */
export function EffectsPanel() {
  useEditInWork();
  const { dissecting, effects } = useUnits();
  const setup = dissecting.setup.value;
  return (
    <div class="effects" data-testid="effects" aria-busy={!effects.loaded.value}>
      {setup !== null && setup.segmenter === null ? <NoSegmenter /> : <Ask />}
      <Failure />
      <Results />
    </div>
  );
}

function Ask() {
  const { effects } = useUnits();
  const busy = effects.running.value !== null || effects.starting.value !== null;
  return (
    <div class="effects-ask">
      <div class="effects-head">
        <h2>{t('effects.title')}</h2>
        <p class="quiet">{t('effects.explain')}</p>
      </div>
      <EffectForm />
      {busy ? <EffectProgressRow /> : <Questions />}
    </div>
  );
}

function NoSegmenter() {
  return (
    <div class="empty" data-testid="effects-empty">
      <Icon name="units" />
      <h2>{t('effects.title')}</h2>
      <p class="quiet">{t('effects.needsSegmenter')}</p>
      <SegmenterMenu testId="effects-segmenter" />
    </div>
  );
}

function Failure() {
  const { effects } = useUnits();
  const session = useSession();
  const error = effects.error.value;
  if (error === null || session.engine.value === 'crashed') return null;
  return (
    <Message
      kind="error"
      text={error.message}
      advice={error.advice}
      detail={error.detail}
      detailLabel={t('error.details')}
      testId="effects-error"
      actions={error.next.length > 0 && <NextSteps error={error} />}
      dismiss={{ label: t('banner.dismiss'), run: () => (effects.error.value = null) }}
    />
  );
}

/** The last answers; where there are several, one is on show. */
function Results() {
  const { effects } = useUnits();
  const answers = effects.answers.value;
  const known = EFFECT_KINDS.filter((kind) => answers[kind] !== null);
  const shown = known.find((kind) => kind === effects.view.value.shown) ?? known[0];
  if (!effects.loaded.value) return <p class="quiet effects-loading">{t('effects.loading')}</p>;
  if (shown === undefined) return null;
  return (
    <div class="effects-results">
      {known.length > 1 && (
        <Segments
          label={t('effects.results')}
          value={shown}
          choices={known.map((value) => ({
            value,
            label: t(`effects.ask.${value}`),
            title: t(`effects.ask.${value}Title`),
          }))}
          onChange={(kind) => effects.update({ shown: kind })}
          testId="effects-shown"
        />
      )}
      {shown === 'effect' && answers.effect && <EffectResult effect={answers.effect} />}
      {shown === 'selections' && answers.selections && <SelectionsResult found={answers.selections} />}
      {shown === 'placement' && answers.placement && <PlacementResult found={answers.placement} />}
    </div>
  );
}
