import type { ErrorData } from '../../../src/shared/kernel/errors.ts';
import { useSession, useUnits } from '../../app/context.ts';
import { NextSteps } from '../../app/NextSteps.tsx';
import { t } from '../../strings.ts';
import { Message } from '../../ui/Message.tsx';

interface Told {
  readonly error: ErrorData | null;
  readonly away: () => void;
}

/** What did not work in this tab, and what is worth knowing of a dissection. What was found stays on show. */
export function UnitsMessages() {
  const session = useSession();
  const { dissecting, thumbs, overlays } = useUnits();
  const { hushed } = session;
  const { pictures } = session.edits;
  const job = dissecting.failed.value;
  const told: Told[] = [
    { error: job?.error ?? null, away: () => job && session.dismissJob(job.id) },
    ...[dissecting.error, thumbs.error, overlays.courier.error, pictures.courier.error].map((error) => ({
      error: error.value,
      away: () => {
        error.value = null;
      },
    })),
  ];
  const warnings = dissecting.warnings.value.filter((warning) => !hushed.value.has(warning));
  const hush = (text: string) => ({
    label: t('banner.dismiss'),
    run: () => {
      hushed.value = new Set([...hushed.value, text]);
    },
  });
  return (
    <section class="banners is-passing" aria-label={t('units.messages')}>
      {told.map(
        ({ error }, i) =>
          error !== null &&
          told.findIndex((other) => other.error?.message === error.message) === i && (
            <Message
              key={i}
              kind="error"
              text={error.message}
              advice={error.advice}
              detail={error.detail}
              detailLabel={t('error.details')}
              testId="units-error"
              actions={error.next.length > 0 && <NextSteps error={error} />}
              dismiss={{
                label: t('banner.dismiss'),
                run: () => {
                  for (const other of told) if (other.error?.message === error.message) other.away();
                },
              }}
            />
          ),
      )}
      {warnings.map((warning) => (
        <Message key={warning} kind="warning" text={warning} testId="units-warning" dismiss={hush(warning)} />
      ))}
    </section>
  );
}
