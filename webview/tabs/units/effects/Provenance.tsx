import type { Effect, Placement, Selections } from '../../../../src/shared/effects/effects.ts';
import { useUnits } from '../../../app/context.ts';
import { provenance } from '../../../model/effectProvenance.ts';
import { t } from '../../../strings.ts';

/** Below each answer: what it was computed from, and what is worth knowing of it. */
export function Provenance({ answer }: { answer: Effect | Selections | Placement }) {
  const { effects } = useUnits();
  return (
    <footer class="effects-made quiet" data-testid="effects-made">
      {!effects.isOfThisFile(answer.model.sha256) && (
        <p class="effects-other">{t('effects.made.otherFile')}</p>
      )}
      <p>{provenance(answer)}</p>
      {answer.warnings.map((warning) => (
        <p key={warning}>{warning}</p>
      ))}
    </footer>
  );
}
