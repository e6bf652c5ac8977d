import { useUnits } from '../../../app/context.ts';
import { conceptWords } from '../../../model/conceptChoice.ts';
import {
  FEWEST_SAMPLES,
  MOST_COUNT,
  MOST_RANDOM,
  MOST_SAMPLES,
  RANKS,
} from '../../../model/effectQuestion.ts';
import { counted, plural } from '../../../model/format.ts';
import { t } from '../../../strings.ts';
import { Chip } from '../../../ui/Chip.tsx';
import { type Choice, Dropdown } from '../../../ui/Dropdown.tsx';
import { Menu } from '../../../ui/Menu.tsx';
import { NumberField } from '../../../ui/NumberField.tsx';

type From = 'top' | 'selection' | 'edit';

/** Which units, which concept, and on how many samples. */
export function EffectForm() {
  const { effects } = useUnits();
  const { samples, random } = effects.view.value;
  return (
    <div class="effects-form" data-testid="effects-form">
      <Concept />
      <WhichUnits />
      <NumberField
        label={t('effects.samples')}
        value={samples}
        min={FEWEST_SAMPLES}
        max={MOST_SAMPLES}
        complaint={t('effects.samplesInvalid', { min: FEWEST_SAMPLES, max: counted(MOST_SAMPLES) })}
        onCommit={(count) => effects.update({ samples: count })}
        testId="effects-samples"
      />
      <NumberField
        label={t('effects.random')}
        value={random}
        min={0}
        max={MOST_RANDOM}
        complaint={t('effects.randomInvalid', { max: MOST_RANDOM })}
        onCommit={(count) => effects.update({ random: count })}
        testId="effects-random"
      />
    </div>
  );
}

/** The one that units are ranked by in the table; before one is chosen there, that of the unit that is looked at. */
function Concept() {
  const units = useUnits();
  const concept = units.effects.concept.value;
  const given = units.effects.chosen.value.length > 0;
  const nameOf = (c: number) => units.concepts.value[c] ?? String(c);
  const leave = (c: number) => units.update({ concept: concept.filter((other) => other !== c) });
  return (
    <div class="field effects-concept" data-testid="effects-concept">
      <span class="field-label">{t('effects.concept')}</span>
      {concept.map((c) =>
        given ? (
          <Chip
            key={c}
            label={nameOf(c)}
            away={t('effects.conceptAway', { concept: nameOf(c) })}
            onAway={() => leave(c)}
            testId="effects-concept-chip"
          />
        ) : (
          <strong key={c}>{nameOf(c)}</strong>
        ),
      )}
      <ConceptMenu given={given} />
    </div>
  );
}

function ConceptMenu({ given }: { given: boolean }) {
  const units = useUnits();
  const { effects } = units;
  const chosen = effects.chosen.value;
  const label = given
    ? 'effects.conceptAdd'
    : effects.concept.value.length > 0
      ? 'effects.conceptChange'
      : 'effects.conceptChoose';
  return (
    <Menu
      label={t(label)}
      name={
        given
          ? t('effects.conceptAddHint', { concept: conceptWords(units.concepts.value, chosen) })
          : t('effects.conceptPick', { label: t(label) })
      }
      testId="effects-concept-menu"
      items={units.concepts.value.map((name, i) => ({
        ...{ id: String(i), label: name, run: () => effects.pick(i, given) },
        off: chosen.includes(i) ? t('concepts.joined') : undefined,
      }))}
    />
  );
}

function WhichUnits() {
  const { effects, layer } = useUnits();
  const { from, count, rank } = effects.view.value;
  const { selection } = effects.subject.value;
  const { edit } = effects;
  const choices: Choice<From>[] = [
    { value: 'top', label: t('effects.units.top') },
    { value: 'selection', label: t('effects.units.selection', { count: selection.length }) },
  ];
  if (edit.value !== null || from === 'edit')
    choices.push({ value: 'edit', label: t('effects.units.edit', { name: edit.value?.name ?? '' }) });
  const most = Math.min(layer.value?.units ?? MOST_COUNT, MOST_COUNT);
  return (
    <>
      <Dropdown
        label={t('effects.units')}
        value={from}
        choices={choices}
        onChange={(value) => effects.update({ from: value })}
        roomy
        testId="effects-from"
      />
      <NumberField
        label={t('effects.count')}
        value={Math.min(count, most)}
        min={1}
        max={most}
        complaint={t('effects.countInvalid', { max: most })}
        onCommit={(value) => effects.update({ count: value })}
        testId="effects-count"
      />
      {from === 'top' && (
        <Dropdown
          label={t('effects.rank')}
          value={rank}
          choices={RANKS.map((value) => ({ value, label: t(`effects.rank.${value}`) }))}
          onChange={(value) => effects.update({ rank: value })}
          testId="effects-rank"
        />
      )}
      {from === 'selection' && selection.length === 0 && <p class="quiet">{t('effects.unitsNone')}</p>}
      {from === 'selection' && selection.length > 0 && (
        <p class="quiet" data-testid="effects-selection">
          {plural('effects.unitsSelected', selection.length)}
        </p>
      )}
    </>
  );
}
