import type { Edit, EditIntent } from '../../../../src/shared/edits/edits.ts';
import { EFFECT_DEFAULTS } from '../../../../src/shared/effects/effects.ts';
import { useEdits, useUnits } from '../../../app/context.ts';
import { ABLATE_TO, INSERT_FROM } from '../../../model/editIntent.ts';
import { percent } from '../../../model/format.ts';
import { intentOf } from '../../../stores/unitSource.ts';
import { t } from '../../../strings.ts';
import { Dropdown } from '../../../ui/Dropdown.tsx';
import { Segments } from '../../../ui/Segments.tsx';
import { Slider } from '../../../ui/Slider.tsx';
import { EditPlace } from './EditPlace.tsx';
import { UnitChips } from './UnitChips.tsx';

const KINDS = ['ablate', 'scale', 'insert'] as const;

/** The controls of the edit that is open: what is done, to which units, where, and in which samples. */
export function EditDetails({ edit }: { readonly edit: Edit }) {
  return (
    <div class="edit-details" data-testid="edit-details">
      <Intent edit={edit} />
      <UnitChips edit={edit} />
      <EditPlace edit={edit} />
    </div>
  );
}

function Intent({ edit }: { readonly edit: Edit }) {
  const edits = useEdits();
  const { id, intent, strength } = edit;
  return (
    <div class="edit-line">
      <Segments
        label={t('edits.kind')}
        value={intent.kind}
        choices={KINDS.map((kind) => ({
          value: kind,
          label: t(`edits.${kind}`),
          title: t(`edits.${kind}Hint`),
        }))}
        onChange={(kind) =>
          edits.setIntent(id, intentOf(kind, conceptFor(edits.source.best()?.concept, intent)))
        }
        testId="edit-kind"
      />
      {intent.kind === 'ablate' && (
        <Dropdown
          label={t('edits.to')}
          value={intent.to}
          choices={ABLATE_TO.map((to) => ({ value: to, label: t(`edits.to.${to}`) }))}
          onChange={(to) => edits.setIntent(id, { kind: 'ablate', to })}
          testId="edit-to"
        />
      )}
      {intent.kind === 'insert' && <Insert edit={edit} intent={intent} />}
      {intent.kind === 'scale' && strength !== 1 && (
        <Slider
          label={t('edits.strength')}
          min={0}
          max={1}
          step={0.01}
          value={strength}
          text={percent(strength)}
          onInput={(next) => edits.change(id, { strength: next }, `strength ${id}`)}
          onSettle={() => edits.settle()}
          testId="edit-mix"
        />
      )}
    </div>
  );
}

interface InsertProps {
  readonly edit: Edit;
  readonly intent: Extract<EditIntent, { kind: 'insert' }>;
}

function Insert({ edit, intent }: InsertProps) {
  const edits = useEdits();
  const units = useUnits();
  const known = units.dissecting.setup.value?.segmenter?.concepts ?? [];
  const concepts =
    intent.concept === undefined || known.includes(intent.concept) ? known : [intent.concept, ...known];
  const set = (patch: Partial<InsertProps['intent']>) => edits.setIntent(edit.id, { ...intent, ...patch });
  return (
    <>
      <Dropdown
        roomy
        label={t('edits.fromValue')}
        title={t('edits.valueHint', { samples: EFFECT_DEFAULTS.trainingSamples })}
        value={intent.from}
        choices={INSERT_FROM.map((from) => ({ value: from, label: t(`edits.value.${from}`) }))}
        onChange={(from) => set({ from })}
        testId="edit-from"
      />
      {intent.from !== 'quantile' && concepts.length > 0 && (
        <Dropdown
          label={t('edits.topConcept')}
          value={intent.concept ?? ''}
          choices={concepts.map((name) => ({ value: name, label: name }))}
          onChange={(concept) => set({ concept })}
          testId="edit-concept"
        />
      )}
    </>
  );
}

/** What an insertion that begins now takes its values from. */
function conceptFor(best: string | null | undefined, before: EditIntent): string | null {
  return (before.kind === 'insert' ? before.concept : null) ?? best ?? null;
}
