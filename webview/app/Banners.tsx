import { t } from '../strings.ts';
import { Button } from '../ui/Button.tsx';
import { Message } from '../ui/Message.tsx';
import { useSession, useWork } from './context.ts';
import { NextSteps } from './NextSteps.tsx';

/** What the person should know while the pictures stay: one strip each, the most pressing first. */
export function Banners() {
  return (
    <section class="banners is-passing" aria-label={t('banners.label')}>
      <EngineBanner />
      <TroubleBanner />
      <FileBanner />
      <WarningBanner />
    </section>
  );
}

function EngineBanner() {
  const session = useSession();
  if (session.engine.value !== 'crashed') return null;
  const error = session.engineError.value;
  return (
    <Message
      kind="error"
      text={error?.message ?? t('engine.crashedSentence')}
      advice={error?.advice}
      detail={error?.detail}
      detailLabel={t('error.details')}
      testId="banner-engine"
      actions={
        <>
          <Button
            kind="primary"
            testId="next-restartEngine"
            onClick={() => void session.nextStep('restartEngine')}
          >
            {t('next.restartEngine')}
          </Button>
          <Button testId="next-showLog" onClick={() => void session.nextStep('showLog')}>
            {t('next.showLog')}
          </Button>
        </>
      }
    />
  );
}

/** An error of the last request. One about the engine is already told by the strip above. */
function TroubleBanner() {
  const session = useSession();
  const { courier, hasPictures } = useWork();
  const drawing = hasPictures ? courier.error.value : null;
  const error = session.trouble.value ?? drawing;
  if (error === null || (session.engine.value === 'crashed' && error.code.startsWith('engine.'))) return null;
  return (
    <Message
      kind="error"
      text={error.message}
      advice={error.advice}
      detail={error.detail}
      detailLabel={t('error.details')}
      testId="banner-error"
      actions={error.next.length > 0 && <NextSteps error={error} />}
      dismiss={{
        label: t('banner.dismiss'),
        run: () => {
          session.trouble.value = null;
          courier.error.value = null;
        },
      }}
    />
  );
}

function FileBanner() {
  const session = useSession();
  const change = session.file.value;
  if (change === 'same') return null;
  const text = t(`banner.${change}`, { file: session.init.value?.fileName ?? '' });
  return (
    <Message
      kind={change === 'deleted' ? 'warning' : 'info'}
      text={text}
      testId={`banner-${change}`}
      actions={
        change !== 'deleted' && (
          <Button kind="primary" testId="reload" onClick={() => void session.reload()}>
            {t('banner.reload')}
          </Button>
        )
      }
    />
  );
}

function WarningBanner() {
  const { warning, hushed } = useSession();
  const text = warning.value || useWork().courier.warning.value;
  if (text === '' || hushed.value.has(text)) return null;
  const run = () => {
    hushed.value = new Set([...hushed.value, text]);
  };
  return (
    <Message
      kind="warning"
      text={text}
      testId="banner-warning"
      dismiss={{ label: t('banner.dismiss'), run }}
    />
  );
}
