import { useScores } from '../../app/context.ts';
import { counted, duration } from '../../model/format.ts';
import { trialKind } from '../../model/scoreChoice.ts';
import { plainNumber } from '../../model/scoreFigures.ts';
import { t } from '../../strings.ts';
import { Button, LinkButton } from '../../ui/Button.tsx';
import { Message } from '../../ui/Message.tsx';

/** The button that begins it, how long it will take, and what was left undone. */
export function RunBar() {
  const scores = useScores();
  const { form } = scores;
  const asked = form.asked.value;
  const question = asked !== null && 'question' in asked ? asked.question : null;
  const why = asked !== null && 'whyNot' in asked ? t(asked.whyNot) : undefined;
  const trying = form.trying.value;
  const off = question === null || trying;
  return (
    <div class="scores-run-bar">
      <Interrupted />
      <div class="scores-go">
        <Button kind="primary" testId="scores-run" off={off} title={why} onClick={() => void scores.start()}>
          {t(scores.isWarned ? 'scores.runAnyway' : 'scores.run')}
        </Button>
        <Button
          testId="scores-how-long"
          off={off}
          title={why ?? t('scores.howLongHint')}
          onClick={() => question !== null && void form.tryOut(question)}
        >
          {t('scores.howLong')}
        </Button>
        {trying && (
          <LinkButton testId="scores-stop-trying" onClick={() => form.stopTrying()}>
            {t('scores.stopTrying')}
          </LinkButton>
        )}
      </div>
      <p class="quiet" role="status" data-testid="scores-time">
        {why ?? (trying ? t('scores.trying') : <Time />)}
      </p>
    </div>
  );
}

/** By a trial of this very question, else by the last run. */
function Time() {
  const scores = useScores();
  const { trial, asked } = scores.form;
  const known = trial.value;
  if (known !== null) {
    const kind = trialKind(known);
    if (kind === 'kept') return <>{t('scores.aboutKept')}</>;
    const rate = plainNumber(Number(known.rate.toPrecision(2)));
    const about = t('scores.about', { time: duration(known.eta), rate });
    return (
      <>
        <strong>{about}</strong>
        {known.warnings.map((warning) => ` · ${warning}`)}
        {kind === 'long' && ` ${t('scores.aboutLong')}`}
      </>
    );
  }
  const question = asked.value !== null && 'question' in asked.value ? asked.value.question : null;
  const expected = question === null ? null : scores.expected(question);
  return <>{expected === null ? '' : t('scores.aboutBefore', { time: duration(expected) })}</>;
}

function Interrupted() {
  const scores = useScores();
  const interrupted = scores.interrupted.value;
  if (interrupted === null) return null;
  const { done, total } = interrupted;
  return (
    <Message
      kind="info"
      text={t('scores.interrupted', { done: counted(done), total: counted(total) })}
      testId="scores-interrupted"
      actions={
        <Button testId="scores-go-on" onClick={() => void scores.goOn()}>
          {t('scores.goOn')}
        </Button>
      }
    />
  );
}
