import type { Signal } from '@preact/signals';
import type { ErrorData } from '../../../src/shared/kernel/errors.ts';
import { useLooks, useScores, useSession } from '../../app/context.ts';
import { NextSteps } from '../../app/NextSteps.tsx';
import { t } from '../../strings.ts';
import { Button } from '../../ui/Button.tsx';
import { Message } from '../../ui/Message.tsx';

/** What did not work. */
export function LooksMessages() {
  const { error, pictures } = useLooks();
  const { form } = useScores();
  return (
    <section class="banners is-passing" aria-label={t('looks.messages')}>
      <Failure error={error} />
      {form.error.value?.message !== error.value?.message && <Failure error={form.error} />}
      <Failure error={pictures.error} retry={() => pictures.retry()} />
    </section>
  );
}

/** One about the engine is already told by the page's own strip while it is down. */
function Failure({ error: told, retry }: { error: Signal<ErrorData | null>; retry?: () => void }) {
  const session = useSession();
  const error = told.value;
  if (error === null || (session.engine.value === 'crashed' && error.code.startsWith('engine.'))) return null;
  return (
    <Message
      kind="error"
      text={error.message}
      advice={error.advice}
      detail={error.detail}
      detailLabel={t('error.details')}
      testId="looks-error"
      actions={
        retry !== undefined ? (
          <Button onClick={retry}>{t('next.retry')}</Button>
        ) : (
          error.next.length > 0 && <NextSteps error={error} />
        )
      }
      dismiss={{ label: t('banner.dismiss'), run: () => (told.value = null) }}
    />
  );
}
