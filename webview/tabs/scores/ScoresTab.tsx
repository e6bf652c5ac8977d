import { useEffect } from 'preact/hooks';
import { useModel, useScores, useSession } from '../../app/context.ts';
import { plural } from '../../model/format.ts';
import { t } from '../../strings.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Spoken } from '../shared/StatusBar.tsx';
import { Comparison } from './Comparison.tsx';
import { EmptyScores, useIsEmpty } from './EmptyScores.tsx';
import { History } from './History.tsx';
import { ScoreForm } from './ScoreForm.tsx';
import { ScoreResult } from './ScoreResult.tsx';
import { ScoresMessages } from './ScoresMessages.tsx';

/** How good the pictures are, and against what. */
export function ScoresTab() {
  return useModel().imageInput === null ? <Scores /> : <NotYet />;
}

function NotYet() {
  return (
    <div class="page-centred">
      <section class="empty" data-testid="scores-not-yet">
        <Icon name="scores" />
        <p>{t('scores.notYet')}</p>
      </section>
    </div>
  );
}

function Scores() {
  useWhatItNeeds();
  const scores = useScores();
  const empty = useIsEmpty();
  const busy = !scores.loaded.value || scores.form.choosing.value !== null;
  return (
    <>
      <ScoresMessages />
      <div class="scores" data-testid="scores-tab" aria-busy={busy}>
        {empty ? (
          <EmptyScores />
        ) : (
          <>
            <ScoreForm />
            <div class="scores-main">
              <ScoreResult />
              <History />
              <Comparison />
            </div>
          </>
        )}
      </div>
      <Status />
    </>
  );
}

/** What was chosen and measured; layers and hash, for edits and for whether runs are of this very file. */
function useWhatItNeeds(): void {
  const session = useSession();
  const { scores } = session;
  const { stamp, layers } = useModel();
  const missing = layers === null;
  useEffect(() => {
    void scores.load();
    void stamp;
  }, [scores, stamp]);
  useEffect(() => {
    if (!missing) return;
    const closing = new AbortController();
    void session.describeFully(closing.signal);
    return () => closing.abort();
  }, [session, stamp, missing]);
}

/** One line below, as in the other tabs: what there is, and short confirmations, which are spoken. */
function Status() {
  const session = useSession();
  const runs = useScores().history.value.filter(({ own }) => own).length;
  const text = runs === 0 ? t('scores.status.none') : plural('scores.status.runs', runs);
  const notice = session.notice.value;
  return (
    <footer class="status">
      <span class="status-words" data-testid="status" title={text}>
        {text}
      </span>
      <span class="status-notice" data-testid="notice" title={notice}>
        {notice}
      </span>
      <Spoken text={notice || text} urgent={notice !== ''} />
    </footer>
  );
}
