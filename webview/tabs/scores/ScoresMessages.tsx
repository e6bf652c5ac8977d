import type { Signal } from '@preact/signals';
import type { ErrorData } from '../../../src/shared/kernel/errors.ts';
import { useScores, useSession } from '../../app/context.ts';
import { NextSteps } from '../../app/NextSteps.tsx';
import { plural } from '../../model/format.ts';
import { t } from '../../strings.ts';
import { Message } from '../../ui/Message.tsx';

/** What did not work, and what is worth knowing of extractor, reference and history. */
export function ScoresMessages() {
  const { hushed } = useSession();
  const { form, error, unreadable } = useScores();
  const warnings = [...(form.setup.value?.warnings ?? [])];
  if (unreadable.value > 0) warnings.push(plural('scores.history.unreadable', unreadable.value));
  return (
    <section class="banners is-passing" aria-label={t('scores.messages')}>
      <Failure error={error} />
      {form.error.value?.message !== error.value?.message && <Failure error={form.error} />}
      {warnings
        .filter((warning) => !hushed.value.has(warning))
        .map((warning) => (
          <Message
            key={warning}
            kind="warning"
            text={warning}
            testId="scores-warning"
            dismiss={{
              label: t('banner.dismiss'),
              run: () => {
                hushed.value = new Set([...hushed.value, warning]);
              },
            }}
          />
        ))}
    </section>
  );
}

/** One about the engine is already told by the page's own strip while it is down. */
function Failure({ error: told }: { error: Signal<ErrorData | null> }) {
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
      testId="scores-error"
      actions={error.next.length > 0 && <NextSteps error={error} />}
      dismiss={{ label: t('banner.dismiss'), run: () => (told.value = null) }}
    />
  );
}
