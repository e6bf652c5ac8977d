import type { Edit } from '../../../../src/shared/edits/edits.ts';
import { useEdits, useSamples, useSession } from '../../../app/context.ts';
import { coverage } from '../../../model/brush.ts';
import { plural } from '../../../model/format.ts';
import { t } from '../../../strings.ts';
import { Button } from '../../../ui/Button.tsx';
import { Segments } from '../../../ui/Segments.tsx';

/** Where an edit holds, and in which samples. */
export function EditPlace({ edit }: { readonly edit: Edit }) {
  const edits = useEdits();
  const { id, region } = edit;
  const painting = edits.brush.on.value && edits.brush.target.value === id;
  const paint = () => (painting ? edits.brush.leave() : edits.brush.start(id));
  return (
    <div class="edit-line">
      <span class="control-group">
        <Words text={t('edits.where')} />
        <Segments
          label={t('edits.where')}
          value={region === null && !painting ? 'all' : 'painted'}
          choices={[
            { value: 'all', label: t('edits.where.all'), title: t('edits.whereAllHint') },
            { value: 'painted', label: t('edits.where.painted'), title: t('edits.wherePaintedHint') },
          ]}
          onChange={(where) => {
            if (where === 'painted') return paint();
            if (painting) edits.brush.leave();
            if (region !== null) edits.change(id, { region: null });
          }}
          testId="edit-where"
        />
        {region !== null && (
          <>
            <span class="quiet" data-testid="edit-cells">
              {t('edits.cells', { cells: Math.round(coverage(region)), all: region.height * region.width })}
            </span>
            <Button icon="brush" testId="edit-paint" onClick={paint}>
              {painting ? t('paint.done') : t('edits.paintRegion')}
            </Button>
          </>
        )}
      </span>
      <Which edit={edit} />
    </div>
  );
}

function Which({ edit }: { readonly edit: Edit }) {
  const session = useSession();
  const edits = useEdits();
  const selection = useSamples().selection.value;
  return (
    <span class="control-group">
      <Words text={t('edits.which')} />
      <Segments
        label={t('edits.which')}
        value={edit.samples === null ? 'all' : 'some'}
        choices={[
          { value: 'all', label: t('edits.which.all'), title: t('edits.whichAllHint') },
          { value: 'some', label: t('edits.which.some'), title: t('edits.whichSomeHint') },
        ]}
        onChange={(which) => {
          if (which === 'all') edits.change(edit.id, { samples: null });
          else if (selection.length > 0) edits.change(edit.id, { samples: selection });
          else session.say(t('edits.whichNone'));
        }}
        testId="edit-which"
      />
      {edit.samples !== null && (
        <span class="quiet" data-testid="edit-samples">
          {plural('status.samples', edit.samples.length)}
        </span>
      )}
    </span>
  );
}

/** For the eye alone: the group beside it has the same name. */
function Words({ text }: { readonly text: string }) {
  return (
    <span class="field-label" aria-hidden="true">
      {text}
    </span>
  );
}
