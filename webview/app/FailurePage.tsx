import type { ErrorData } from '../../src/shared/kernel/errors.ts';
import { t } from '../strings.ts';
import { Icon } from '../ui/Icon.tsx';
import { useSession } from './context.ts';
import { NextSteps } from './NextSteps.tsx';

/** Nothing can be shown: why not, what to do, and the buttons that do it. */
export function FailurePage({ error }: { error: ErrorData }) {
  const { notice, trouble, model } = useSession();
  const asked = model.value?.needsAnswers === true && !error.next.includes('answerRoles');
  const offered: ErrorData = asked ? { ...error, next: [...error.next, 'answerRoles'] } : error;
  return (
    <main class="page page-centred" data-testid="failure" data-code={error.code}>
      <FailureWords error={offered} heading="h1" />
      <p class="failure-notice" role="status" data-testid="notice">
        {trouble.value?.message ?? notice.value}
      </p>
    </main>
  );
}

interface FailureWordsProps {
  readonly error: ErrorData;
  /** The page's own heading, or one below it. */
  readonly heading: 'h1' | 'h2';
}

export function FailureWords({ error: given, heading: Heading }: FailureWordsProps) {
  const error = retriable(given);
  return (
    <section class="failure" role="alert" aria-label={t('error.title')}>
      <Icon name="warning" />
      <Heading>{error.message}</Heading>
      <p>{error.advice}</p>
      {error.next.length > 0 && (
        <div class="buttons">
          <NextSteps error={error} />
        </div>
      )}
      {error.detail && (
        <details>
          <summary>{t('error.details')}</summary>
          <pre>{error.detail}</pre>
        </details>
      )}
    </section>
  );
}

/** What is wrong with a file or its sidecar can be mended outside, so there is always a way to look again. */
function retriable(error: ErrorData): ErrorData {
  const mendable = error.code.startsWith('model.') || error.code.startsWith('sidecar.');
  return mendable && !error.next.includes('retry') ? { ...error, next: [...error.next, 'retry'] } : error;
}
