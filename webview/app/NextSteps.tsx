import type { ErrorData, NextStep } from '../../src/shared/kernel/errors.ts';
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

interface NextStepsProps {
  readonly error: ErrorData;
  /** Ways on that make no sense where this stands. */
  readonly without?: readonly NextStep[];
  /** Beside another main button. */
  readonly quiet?: boolean;
}

/** The ways on that an error offers, the first of them as the main one. */
export function NextSteps({ error, without = [], quiet = false }: NextStepsProps) {
  const session = useSession();
  // Without a description there is nothing to ask about.
  const dead = (step: NextStep) => step === 'answerRoles' && session.model.value === null;
  return (
    <>
      {error.next
        .filter((step) => KNOWN.includes(step) && !without.includes(step) && !dead(step))
        .map((step, i) => (
          <Button
            key={step}
            kind={i === 0 && !quiet ? 'primary' : 'secondary'}
            testId={`next-${step}`}
            onClick={() => void session.nextStep(step)}
          >
            {t(`next.${step}`)}
          </Button>
        ))}
    </>
  );
}
