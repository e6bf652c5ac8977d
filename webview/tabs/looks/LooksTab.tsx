import { useEffect, useRef } from 'preact/hooks';
import { useLooks, useModel, useScores, useSession } from '../../app/context.ts';
import { PICTURE_SIDES } from '../../model/lookView.ts';
import { t } from '../../strings.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Segments } from '../../ui/Segments.tsx';
import { Spoken } from '../shared/StatusBar.tsx';
import { ArtifactsResult } from './ArtifactsResult.tsx';
import { LookForm } from './LookForm.tsx';
import { LooksMessages } from './LooksMessages.tsx';
import { ModesResult } from './ModesResult.tsx';
import { NeighboursResult } from './NeighboursResult.tsx';
import { TwinsResult } from './TwinsResult.tsx';

/** What the scores do not show: copies, repetitions, what is missing, units that spoil pictures. */
export function LooksTab() {
  return useModel().imageInput === null ? <Looks /> : <NotYet />;
}

function NotYet() {
  return (
    <div class="page-centred">
      <section class="empty" data-testid="looks-not-yet">
        <Icon name="eye" />
        <p>{t('looks.notYet')}</p>
      </section>
    </div>
  );
}

function Looks() {
  useWhatItNeeds();
  const looks = useLooks();
  const main = useRef<HTMLDivElement>(null);
  const busy = looks.running.value !== null;
  const wasBusy = useRef(busy);
  // In a narrow panel the answer lies below the form.
  useEffect(() => {
    if (wasBusy.current && !busy) main.current?.scrollIntoView({ block: 'nearest' });
    wasBusy.current = busy;
  }, [busy]);
  return (
    <>
      <LooksMessages />
      <div class="scores looks" data-testid="looks-tab" aria-busy={!looks.loaded.value}>
        <LookForm />
        <div class="scores-main" ref={main}>
          <Result />
        </div>
      </div>
      <Status />
    </>
  );
}

/** What was found and chosen; layers and hash, for units and for whether answers are about this very file. */
function useWhatItNeeds(): void {
  const session = useSession();
  const { looks } = session;
  const { form } = useScores();
  const { stamp, layers } = useModel();
  const missing = layers === null;
  useEffect(() => {
    void looks.load();
    void form.load();
    void stamp;
  }, [looks, form, stamp]);
  useEffect(() => {
    if (!missing) return;
    const closing = new AbortController();
    void session.describeFully(closing.signal);
    return () => closing.abort();
  }, [session, stamp, missing]);
}

function Result() {
  const looks = useLooks();
  const { shown, side } = looks.view.value;
  const answers = looks.answers.value;
  if (!looks.loaded.value) return <p class="quiet">{t('looks.loading')}</p>;
  const answer = answers[shown];
  return (
    <>
      <header class="looks-head">
        <div>
          <h2>{t(`looks.ask.${shown}`)}</h2>
          <p class="quiet">{t(`looks.explain.${shown}`)}</p>
        </div>
        {answer !== null && shown !== 'duplicates' && (
          <Segments
            label={t('looks.size')}
            value={String(side)}
            choices={PICTURE_SIDES.map((one) => ({
              value: String(one),
              label: t(`looks.size.${one}`),
              title: t('looks.size.hint', { side: one }),
            }))}
            onChange={(next) => looks.update({ side: Number(next) })}
            testId="looks-size"
          />
        )}
      </header>
      {answer === null && (
        <p class="quiet scores-nothing" data-testid="looks-nothing">
          {t('looks.nothing')}
        </p>
      )}
      {answer !== null && !looks.isOfThisFile(answer.model.sha256) && (
        <p class="scores-other">{t('looks.otherFile')}</p>
      )}
      {shown === 'neighbours' && answers.neighbours && <NeighboursResult found={answers.neighbours} />}
      {shown === 'duplicates' && answers.duplicates && <TwinsResult found={answers.duplicates} />}
      {shown === 'modes' && answers.modes && <ModesResult found={answers.modes} />}
      {shown === 'artifacts' && answers.artifacts && <ArtifactsResult found={answers.artifacts} />}
    </>
  );
}

function Status() {
  const session = useSession();
  const looks = useLooks();
  const text = t(`looks.ask.${looks.view.value.shown}`);
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
