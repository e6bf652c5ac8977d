import type { Edit } from '../../../../src/shared/edits/edits.ts';
import { useEdits } from '../../../app/context.ts';
import { isWaiting, needOf } from '../../../model/editIntent.ts';
import type { EditsStore } from '../../../stores/edits.ts';
import { valuesId } from '../../../stores/unitValues.ts';
import { t } from '../../../strings.ts';
import { LinkButton } from '../../../ui/Button.tsx';

/** Why an edit does nothing yet. */
export function EditNote({ edit }: { readonly edit: Edit }) {
  const edits = useEdits();
  if (!isWaiting(edit)) return null;
  const wish = edits.wishOf(edit.tensor, edit.intent);
  const failed = edits.values.failed.value;
  const measuring = wish !== null && edits.values.progress.value?.id === valuesId(wish);
  const why = failed !== null && wish !== null && failed.id === valuesId(wish) ? failed.error : null;
  return (
    // Speaking every step of the measurement would drown everything else.
    <p class="edit-note quiet" role={measuring ? undefined : 'status'} data-testid="edit-note">
      {why === null ? wordsOf(edits, edit) : t('edits.valuesFailed', { reason: why.message })}
      {why !== null && (
        <LinkButton testId="edit-values-again" onClick={() => edits.values.retry()}>
          {t('edits.again')}
        </LinkButton>
      )}
    </p>
  );
}

function wordsOf(edits: EditsStore, { tensor, intent }: Edit): string {
  const wish = edits.wishOf(tensor, intent);
  if (wish === null) return needOf(intent) === 'concept' ? t('edits.noConcept') : t('edits.waitingSoon');
  const known = edits.values.of(wish);
  if (known !== null && intent.kind === 'insert')
    return t('edits.neverSeen', { concept: intent.concept ?? '', samples: known.samples });
  const progress = edits.values.progress.value;
  if (progress?.id !== valuesId(wish)) return t('edits.waitingSoon');
  return t('edits.waiting', { done: progress.done, total: progress.total });
}
