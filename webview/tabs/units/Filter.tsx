import { useModel, useUnits } from '../../app/context.ts';
import { counted } from '../../model/format.ts';
import { MAX_LEAST_IOU } from '../../model/unitsModel.ts';
import { t } from '../../strings.ts';
import { Checkbox } from '../../ui/Checkbox.tsx';
import { Chip } from '../../ui/Chip.tsx';
import { NumberField } from '../../ui/NumberField.tsx';
import { TextField } from '../../ui/TextField.tsx';

/** What narrows the table, and by what it is ranked. */
export function Filter() {
  const units = useUnits();
  const { search, onlyInterpretable, everyUnit } = units.state.value;
  const named = units.dissected.value !== null;
  const shown = units.shown.value.length;
  const all = units.rows.value.length;
  return (
    <div class="units-filter" data-testid="units-filter">
      <TextField
        label={t('units.search')}
        placeholder={t(named ? 'units.searchHint' : 'units.searchHintPlain')}
        value={search}
        onInput={(words) => units.update({ search: words })}
        testId="units-search"
      />
      {named && (
        <>
          <Checkbox
            label={t('units.onlyInterpretable')}
            title={t('units.onlyInterpretableHint')}
            checked={onlyInterpretable}
            onChange={(only) => units.update({ onlyInterpretable: only })}
            testId="only-interpretable"
          />
          <NumberField
            label={t('units.leastIou')}
            value={Number(units.verdict.value.leastIou.toFixed(4))}
            min={0}
            max={MAX_LEAST_IOU}
            step={0.01}
            complaint={t('units.leastIouInvalid', { max: MAX_LEAST_IOU })}
            onCommit={(leastIou) => units.update({ leastIou })}
            testId="least-iou"
          />
        </>
      )}
      {units.concept.value.length > 0 && (
        <>
          <Checkbox
            label={t('units.everyUnit')}
            title={t('units.everyUnitHint')}
            checked={everyUnit}
            onChange={(every) => units.update({ everyUnit: every })}
            testId="every-unit"
          />
          <Chip
            label={t('units.conceptChip', { concept: units.conceptName.value })}
            away={t('units.conceptAway')}
            onAway={() => units.update({ concept: [] })}
            testId="concept-chip"
          />
        </>
      )}
      <RankChip />
      <span class="units-count quiet" role="status" data-testid="units-count">
        {all > 0 && t('units.count', { shown: counted(shown), all: counted(all) })}
      </span>
    </div>
  );
}

function RankChip() {
  const units = useUnits();
  const { image } = useModel();
  const place = units.ranking.place.value;
  if (place === null) return null;
  const x = Math.min(image.width - 1, Math.floor(place.x * image.width));
  const y = Math.min(image.height - 1, Math.floor(place.y * image.height));
  return (
    <Chip
      label={t('units.rankAt', { seed: place.sample.seed, x, y })}
      away={t('units.rankAway')}
      onAway={() => units.ranking.leave()}
      testId="rank-chip"
    />
  );
}
