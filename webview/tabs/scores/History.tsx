import { useState } from 'preact/hooks';
import type { ScoreRecord } from '../../../src/shared/scores/scoring.ts';
import { useScores } from '../../app/context.ts';
import { listed, settingsLine, valuesLine, whenText } from '../../model/scoreHistory.ts';
import { t } from '../../strings.ts';
import { LinkButton } from '../../ui/Button.tsx';
import { Checkbox } from '../../ui/Checkbox.tsx';

/** Runs of this generator, or of all in the workspace: one is on show, several can be set side by side. */
export function History() {
  const scores = useScores();
  const { everyModel, compared } = scores.state.value;
  const all = scores.history.value;
  const records = listed(all, everyModel);
  if (all.length === 0) return null;
  return (
    <section class="scores-history" aria-label={t('scores.history')} data-testid="scores-history">
      <div class="section-head">
        <h2>{t('scores.history')}</h2>
        {all.some(({ own }) => !own) && (
          <Checkbox
            label={t('scores.history.every')}
            checked={everyModel}
            onChange={(on) => scores.update({ everyModel: on })}
            testId="scores-every"
          />
        )}
      </div>
      {records.length === 0 && <p class="quiet">{t('scores.history.empty')}</p>}
      {records.length > 1 && compared.length < 2 && (
        <p class="quiet">{t(compared.length === 1 ? 'scores.history.one' : 'scores.history.compareHint')}</p>
      )}
      <ul class="scores-runs">
        {records.map((record) => (
          <Row key={record.id} record={record} comparable={records.length > 1} />
        ))}
      </ul>
    </section>
  );
}

function Row({ record, comparable }: { record: ScoreRecord; comparable: boolean }) {
  const scores = useScores();
  const [asking, ask] = useState(false);
  const { id, run } = record;
  const when = whenText(run.made.date);
  const shown = scores.shown.value?.id === id && scores.partial.value.length === 0;
  const { file } = run.model;
  return (
    <li class={shown ? 'scores-past is-shown' : 'scores-past'} data-testid="scores-past" data-run={id}>
      {comparable && (
        <input
          type="checkbox"
          class="scores-pick"
          checked={scores.state.value.compared.includes(id)}
          aria-label={t('scores.history.compare', { file, when })}
          title={t('scores.history.compare', { file, when })}
          data-testid="scores-pick"
          onChange={(event) => scores.compare(id, event.currentTarget.checked)}
        />
      )}
      <button
        type="button"
        class="scores-show"
        aria-current={shown}
        title={t('scores.history.show', { when })}
        data-testid="scores-show"
        onClick={() => scores.update({ shown: id })}
      >
        <span>
          <strong>{file}</strong> <span class="quiet">{when}</span>
          {shown && <span class="certainty">{t('scores.history.onShow')}</span>}
        </span>
        <span class="scores-past-values">{valuesLine(run)}</span>
        <span class="quiet">
          {settingsLine(run)}
          {!scores.isOfThisFile(record) && ` · ${t('scores.otherFile')}`}
        </span>
      </button>
      {asking ? (
        <div class="scores-sure" role="alert">
          <span>{t('scores.history.sure')}</span>
          <LinkButton testId="scores-forget-sure" onClick={() => void scores.forget(id)}>
            {t('scores.history.forget')}
          </LinkButton>
          <LinkButton testId="scores-keep" onClick={() => ask(false)}>
            {t('scores.history.keep')}
          </LinkButton>
        </div>
      ) : (
        <LinkButton
          testId="scores-forget"
          name={t('scores.history.forgetName', { when })}
          onClick={() => ask(true)}
        >
          {t('scores.history.forget')}
        </LinkButton>
      )}
    </li>
  );
}
