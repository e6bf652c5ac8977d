import { useEdits } from '../../../app/context.ts';
import type { Misfit } from '../../../model/editFit.ts';
import { t } from '../../../strings.ts';
import { Message } from '../../../ui/Message.tsx';

/** What of an opened stack does not fit this generator, each in a sentence. */
export function Misfits() {
  const edits = useEdits();
  const misfits = edits.misfits.value;
  if (misfits.length === 0) return null;
  return (
    <Message
      kind="warning"
      text={t('edits.misfit')}
      advice={misfits.map(wordsOf).join(' ')}
      testId="edits-misfits"
      dismiss={{
        label: t('banner.dismiss'),
        run: () => {
          edits.misfits.value = [];
        },
      }}
    />
  );
}

function wordsOf(misfit: Misfit): string {
  const { name } = misfit;
  if (misfit.kind === 'units') return t('edits.misfit.units', { name, lost: misfit.lost, of: misfit.of });
  return t(`edits.misfit.${misfit.kind}`, { name, layer: misfit.layer });
}
