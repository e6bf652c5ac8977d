import { useSignal } from '@preact/signals';
import type { Edit } from '../../../../src/shared/edits/edits.ts';
import { useEdits, useModel, useUnits } from '../../../app/context.ts';
import { layerOf } from '../../../model/editFit.ts';
import { parseUnits } from '../../../model/unitLists.ts';
import { t } from '../../../strings.ts';
import { LinkButton } from '../../../ui/Button.tsx';
import { Chip } from '../../../ui/Chip.tsx';
import { TextField } from '../../../ui/TextField.tsx';

/** More would push everything else out of sight. */
const FEW = 10;

/** The units of an edit: each can be taken out, and others put in. */
export function UnitChips({ edit }: { readonly edit: Edit }) {
  const edits = useEdits();
  const units = useUnits();
  const { layers } = useModel();
  const all = useSignal(false);
  const text = useSignal('');
  const own = edit.units.map(({ unit }) => unit);
  const shown = all.value ? own : own.slice(0, FEW);
  const layer = layerOf(edit, layers ?? []);
  const { selection } = units.state.value;
  const same = units.layer.value?.tensor === edit.tensor;
  const parsed = parseUnits(text.value, layer?.units ?? 0);
  const add = () => {
    if (parsed.units === null || parsed.units.length === 0) return;
    edits.setUnits(edit.id, [...own, ...parsed.units.filter((unit) => !own.includes(unit))]);
    text.value = '';
  };
  return (
    <fieldset class="unit-chips" aria-label={t('edits.unitList')} data-testid="unit-chips">
      {shown.map((unit) => (
        <Chip
          key={unit}
          label={String(unit)}
          away={t('edits.unitAway', { unit })}
          onAway={() =>
            edits.setUnits(
              edit.id,
              own.filter((other) => other !== unit),
            )
          }
          testId="unit-chip"
        />
      ))}
      {own.length > FEW && (
        <LinkButton testId="unit-more" onClick={() => (all.value = !all.value)}>
          {all.value ? t('edits.unitFewer') : t('edits.unitMore', { count: own.length - FEW })}
        </LinkButton>
      )}
      <span class="unit-add">
        <TextField
          label={t('edits.unitAdd')}
          placeholder={t('edits.unitAddHint')}
          value={text.value}
          complaint={
            parsed.wrong === null
              ? undefined
              : t('edits.numbersInvalid', { part: parsed.wrong, last: (layer?.units ?? 1) - 1 })
          }
          onInput={(words) => (text.value = words)}
          onEnter={add}
          testId="unit-add"
        />
      </span>
      {same && selection.length > 0 && (
        <LinkButton testId="unit-from-table" onClick={() => edits.setUnits(edit.id, selection)}>
          {t('edits.unitsFromTable')}
        </LinkButton>
      )}
    </fieldset>
  );
}
