import { useModel, useSamples, useSession } from '../../app/context.ts';
import { className } from '../../model/format.ts';
import {
  COUNTS,
  MAX_SEED,
  truncationModes,
  truncationRange,
  truncationValue,
} from '../../model/samplesModel.ts';
import { sizeChoices } from '../../model/sizes.ts';
import { t } from '../../strings.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { type Choice, Dropdown } from '../../ui/Dropdown.tsx';
import { NumberField } from '../../ui/NumberField.tsx';
import { Slider } from '../../ui/Slider.tsx';
import { SaveMenu } from './SaveMenu.tsx';

/** The one row of controls; it wraps where the panel is narrow. */
export function Controls() {
  const session = useSession();
  const open = session.drawer.value === 'options';
  return (
    <div class="controls" role="toolbar" aria-label={t('controls.label')}>
      <Seed />
      <ClassPicker />
      <Truncation />
      <Count />
      <CellSize />
      <span class="controls-end">
        <InterpolateButton />
        <SaveMenu />
        <IconButton
          icon="more"
          label={t('controls.more')}
          expanded={open}
          testId="more-options"
          onClick={() => {
            session.drawer.value = open ? null : 'options';
          }}
        />
      </span>
    </div>
  );
}

function Seed() {
  const samples = useSamples();
  const { seed, count } = samples.state.value;
  const max = MAX_SEED - count + 1;
  return (
    <span class="control-group">
      <NumberField
        label={t('seed.label')}
        value={seed}
        min={0}
        max={max}
        complaint={t('seed.invalid', { max })}
        onCommit={(value) => samples.setSeed(value)}
        testId="seed"
      />
      <IconButton
        icon="refresh"
        label={t('seed.reroll')}
        testId="reroll"
        // Six digits: enough to meet nothing twice, few enough to read out.
        onClick={() => samples.setSeed(Math.floor(Math.random() * 1e6))}
      />
    </span>
  );
}

function ClassPicker() {
  const samples = useSamples();
  const model = useModel();
  if (model.classes === 0) return null;
  const named = Array.from({ length: model.classes }, (_, i) => ({ value: i, label: className(model, i) }));
  const choices: Choice<'all' | number>[] = [{ value: 'all', label: t('class.all') }, ...named];
  return (
    <Dropdown
      label={t('class.label')}
      value={samples.state.value.classChoice}
      choices={choices}
      onChange={(classChoice) => samples.update({ classChoice })}
      testId="class"
    />
  );
}

function Truncation() {
  const samples = useSamples();
  const model = useModel();
  const { source, truncationMode } = samples.state.value;
  if (!truncationModes(model, source.distribution).includes(truncationMode)) return null;
  const { off: _, ...range } = truncationRange(truncationMode);
  const value = truncationValue(source.truncation, truncationMode);
  return (
    <Slider
      label={t(truncationMode === 'psi' ? 'truncation.psi' : 'truncation.label')}
      {...range}
      value={value}
      text={source.truncation.mode === 'none' ? t('truncation.off') : value.toFixed(2)}
      title={t(truncationMode === 'psi' ? 'truncation.psiHint' : 'truncation.hint')}
      onInput={(next) => samples.setTruncation(next)}
      testId="truncation"
    />
  );
}

function Count() {
  const samples = useSamples();
  return (
    <Dropdown
      label={t('count.label')}
      value={samples.state.value.count}
      choices={COUNTS.map((value) => ({ value: value as number, label: String(value) }))}
      onChange={(count) => samples.setCount(count)}
      testId="count"
    />
  );
}

function CellSize() {
  const samples = useSamples();
  const model = useModel();
  return (
    <Dropdown
      label={t('size.label')}
      value={samples.state.value.cell}
      choices={sizeChoices(model.image)}
      onChange={(cell) => samples.update({ cell })}
      testId="size"
    />
  );
}

function InterpolateButton() {
  const samples = useSamples();
  const { selection, view } = samples.state.value;
  const ready = selection.length >= 2;
  return (
    <Button
      icon="walk"
      off={!ready}
      title={ready ? t('interpolate.ready', { count: selection.length }) : t('interpolate.hint')}
      testId="interpolate"
      onClick={() =>
        view === 'interpolation' ? samples.backToGrid() : samples.update({ view: 'interpolation' })
      }
    >
      {t('interpolate.label')}
    </Button>
  );
}
