import type { EditIntent } from '../../../../src/shared/edits/edits.ts';
import { useEdits, useUnits } from '../../../app/context.ts';
import { conceptWords } from '../../../model/conceptChoice.ts';
import { plural } from '../../../model/format.ts';
import type { EditsStore } from '../../../stores/edits.ts';
import { type Chosen, intentOf, type SourceKind } from '../../../stores/unitSource.ts';
import { t } from '../../../strings.ts';
import { Button } from '../../../ui/Button.tsx';
import { Dropdown } from '../../../ui/Dropdown.tsx';
import { NumberField } from '../../../ui/NumberField.tsx';
import { TextField } from '../../../ui/TextField.tsx';

const KINDS = ['ablate', 'scale', 'insert'] as const;

/** Which units the next edit is of, and what to do to them. */
export function AddEdit() {
  const edits = useEdits();
  const chosen = edits.source.chosen.value;
  const { brush } = edits;
  return (
    <fieldset class="add-edit" aria-label={t('edits.add')} data-testid="add-edit">
      <div class="add-edit-source">
        <SourcePicker />
        <SourceFields />
      </div>
      <div class="add-edit-go">
        {KINDS.map((kind) => (
          <Button
            key={kind}
            off={chosen === null}
            title={chosen === null ? t('edits.needUnits') : t(`edits.${kind}Hint`)}
            testId={`add-${kind}`}
            onClick={() => chosen && addEdit(edits, kind, chosen)}
          >
            {t(`edits.${kind}`)}
          </Button>
        ))}
        <Button
          icon="brush"
          off={chosen === null}
          title={chosen === null ? t('edits.needUnits') : t('edits.paintHint')}
          testId="add-paint"
          onClick={() => (brush.on.value ? brush.leave() : brush.start())}
        >
          {t('edits.paint')}
        </Button>
      </div>
    </fieldset>
  );
}

export function addEdit(
  edits: EditsStore,
  kind: EditIntent['kind'],
  { what, concept, ...set }: Chosen,
): void {
  edits.addSet({ ...set, name: t(`edits.name.${kind}`, { what }), intent: intentOf(kind, concept) });
}

function SourcePicker() {
  const { source } = useEdits();
  const kinds: readonly SourceKind[] = source.canRank.value
    ? ['top', 'selection', 'numbers']
    : ['selection', 'numbers'];
  return (
    <Dropdown
      hideLabel
      label={t('edits.from')}
      title={t('edits.fromHint')}
      value={source.kind.value}
      choices={kinds.map((kind) => ({ value: kind, label: t(`edits.from.${kind}`) }))}
      onChange={(kind) => {
        source.chosenKind.value = kind;
      }}
      testId="edit-source"
    />
  );
}

function SourceFields() {
  const { source } = useEdits();
  const units = useUnits();
  const kind = source.kind.value;
  const most = units.layer.value?.units ?? 1;
  if (kind === 'selection') {
    const { length } = units.state.value.selection;
    return (
      <span class="quiet" data-testid="source-selected">
        {length === 0
          ? t('edits.selectedNone')
          : t('edits.selected', { units: plural('units.status', length) })}
      </span>
    );
  }
  if (kind === 'numbers')
    return (
      <TextField
        label={t('edits.numbers')}
        placeholder={t('edits.numbersHint')}
        value={source.text.value}
        complaint={source.complaint.value === '' ? undefined : source.complaint.value}
        onInput={(text) => {
          source.text.value = text;
        }}
        testId="source-numbers"
      />
    );
  return (
    <>
      <NumberField
        hideLabel
        label={t('edits.topCount')}
        value={Math.min(source.count.value, most)}
        min={1}
        max={most}
        complaint={t('edits.topCountInvalid', { max: most })}
        onCommit={(count) => {
          source.count.value = count;
        }}
        testId="source-count"
      />
      <ConceptPicker />
    </>
  );
}

/** The concept of the whole tab: the table shows what is taken. */
function ConceptPicker() {
  const { source } = useEdits();
  const units = useUnits();
  const names = units.concepts.value;
  const concept = source.concept.value;
  const several = concept.length > 1;
  const each = names.map((label, value) => ({ value, label }));
  return (
    <Dropdown
      hideLabel
      label={t('edits.topConcept')}
      value={several ? -1 : (concept[0] ?? -1)}
      choices={several ? [{ value: -1, label: conceptWords(names, concept) }, ...each] : each}
      onChange={(next) => {
        if (next >= 0) units.pick(next, false);
      }}
      testId="source-concept"
    />
  );
}
