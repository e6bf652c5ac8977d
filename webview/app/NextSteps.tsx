import type { ErrorData, NextStep } from '../../src/shared/errors.ts';
import { t } from '../strings.ts';
import { Button } from '../ui/Button.tsx';
import { useSession } from './context.ts';

const KNOWN: readonly NextStep[] = [
  'copyExportCode',
  'answerRoles',
  'restartEngine',
  'showLog',
  'retry',
  'openDemo',
];

/** The ways on that an error offers, the first of them as the main one. */
export function NextSteps({ error }: { error: ErrorData }) {
  const session = useSession();
  return (
    <>
      {error.next
        .filter((step) => KNOWN.includes(step))
        .map((step, i) => (
          <Button
            key={step}
            kind={i === 0 ? 'primary' : 'secondary'}
            testId={`next-${step}`}
            onClick={() => void session.nextStep(step)}
          >
            {t(`next.${step}`)}
          </Button>
        ))}
    </>
  );
}
