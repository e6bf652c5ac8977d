import { LOOK_KINDS, type LookKind } from '../../../src/shared/checks/lookRequests.ts';
import { useLooks, useModel, useScores } from '../../app/context.ts';
import { counted, duration } from '../../model/format.ts';
import { layerOf, samplesOf } from '../../model/lookQuestion.ts';
import { LOOK_RANGES, type LookNumber, ROW_CHOICES } from '../../model/lookView.ts';
import { t } from '../../strings.ts';
import { Button } from '../../ui/Button.tsx';
import { Dropdown } from '../../ui/Dropdown.tsx';
import { NumberField } from '../../ui/NumberField.tsx';
import { RadioGroup } from '../../ui/RadioGroup.tsx';
import { Segments } from '../../ui/Segments.tsx';
import { useViewport } from '../../ui/useViewport.ts';
import { Amount } from '../scores/Amount.tsx';
import { Parts } from '../scores/Parts.tsx';
import { LookProgressRow } from './LookProgressRow.tsx';

/** From here on the form stands beside the answer (scores.css). */
const WIDE = 900;

/** What is looked for, with what, on how many samples, and the button that begins it. */
export function LookForm() {
  const looks = useLooks();
  const { form } = useScores();
  const { shown } = looks.view.value;
  const busy = looks.running.value !== null || looks.starting.value;
  return (
    <section class="scores-form" aria-label={t('looks.form')} data-testid="looks-form">
      <RadioGroup
        label={t('looks.question')}
        value={shown}
        choices={LOOK_KINDS.map((value) => ({
          value,
          label: t(`looks.ask.${value}`),
          hint: t(`looks.ask.${value}Hint`),
        }))}
        onChange={(kind) => looks.update({ shown: kind })}
        testId="looks-question"
      />
      {form.setup.value === null || form.wish.value === null ? (
        form.error.value === null && <p class="quiet">{t('scores.loading')}</p>
      ) : (
        <Settings kind={shown} />
      )}
      {busy ? <LookProgressRow /> : <RunBar />}
    </section>
  );
}

/** In a narrow panel, where the answer lies below, they fold away once there is one. */
function Settings({ kind }: { kind: LookKind }) {
  const { answers } = useLooks();
  const { form } = useScores();
  const { width } = useViewport();
  const settings = (
    <>
      <Parts />
      <Options kind={kind} />
    </>
  );
  if (width >= WIDE) return settings;
  const { extractor, reference } = form.setup.value ?? {};
  const parts = [kind === 'duplicates' ? null : reference, extractor].flatMap((part) => part?.label ?? []);
  return (
    <details class="looks-settings" open={answers.value[kind] === null} data-testid="looks-settings">
      <summary>{t('looks.settings', { parts: parts.join(' · ') })}</summary>
      <div>{settings}</div>
    </details>
  );
}

function Options({ kind }: { kind: LookKind }) {
  if (kind === 'neighbours') return <NeighbourOptions />;
  if (kind === 'duplicates')
    return (
      <>
        <div class="scores-fields">
          <Whole name="batch" label={t('looks.batch')} />
          <Whole name="batches" label={t('looks.batches')} />
        </div>
        <p class="quiet looks-hint">{t('looks.batchesHint')}</p>
        <Amount count={false} hint={false} />
      </>
    );
  if (kind === 'modes')
    return (
      <>
        <Whole name="kinds" label={t('looks.kinds')} />
        <p class="quiet looks-hint">{t('looks.kindsHint')}</p>
        <Amount hint={false} />
      </>
    );
  return <ArtifactOptions />;
}

function NeighbourOptions() {
  const looks = useLooks();
  const { which, rows } = looks.view.value;
  return (
    <>
      <Segments
        label={t('looks.which')}
        value={which}
        choices={(['suspicious', 'onShow'] as const).map((value) => ({
          value,
          label: t(`looks.which.${value}`),
          title: t(`looks.which.${value}Hint`),
        }))}
        onChange={(next) => looks.update({ which: next })}
        testId="looks-which"
      />
      <p class="quiet looks-hint">{t(`looks.which.${which}Hint`)}</p>
      <div class="scores-fields">
        {which === 'suspicious' && (
          <Dropdown
            label={t('looks.rows')}
            value={rows}
            choices={ROW_CHOICES.map((value) => ({ value: value as number, label: String(value) }))}
            onChange={(next) => looks.update({ rows: next })}
            testId="looks-rows"
          />
        )}
        <Whole name="neighbours" label={t('looks.neighbours')} />
      </div>
      {which === 'suspicious' && <Amount hint={false} />}
    </>
  );
}

function ArtifactOptions() {
  const looks = useLooks();
  const { layers } = useModel();
  const layer = layerOf(layers, looks.view.value.layer);
  return (
    <>
      {layer === null || layers === null ? (
        <p class="quiet">{t('looks.needLayers')}</p>
      ) : (
        <Dropdown
          label={t('looks.layer')}
          value={layer.tensor}
          choices={layers.map(({ name, tensor, units, resolution }) => ({
            value: tensor,
            label: `${name} · ${units} × ${resolution.join('×')}`,
          }))}
          onChange={(tensor) => looks.update({ layer: tensor })}
          roomy
          testId="looks-layer"
        />
      )}
      <div class="scores-fields">
        <Whole name="top" label={t('looks.top')} />
        <Whole name="worst" label={t('looks.worst')} />
        <Whole name="random" label={t('looks.random')} />
      </div>
      <p class="quiet looks-hint">{t('looks.artifactsHint')}</p>
      <Amount />
    </>
  );
}

function Whole({ name, label }: { name: LookNumber; label: string }) {
  const looks = useLooks();
  const { min, max } = LOOK_RANGES[name];
  return (
    <NumberField
      label={label}
      value={looks.view.value[name]}
      {...{ min, max }}
      complaint={t('looks.range', { min, max: counted(max) })}
      onCommit={(value) => looks.update({ [name]: value })}
      testId={`look-field-${name}`}
    />
  );
}

function RunBar() {
  const looks = useLooks();
  const asked = looks.asked.value;
  const why = 'whyNot' in asked ? t(asked.whyNot) : undefined;
  const time = looks.expected();
  const words = 'question' in asked ? [t('looks.amount', { count: counted(samplesOf(asked.question)) })] : [];
  if (time !== null) words.push(t('scores.aboutBefore', { time: duration(time) }));
  return (
    <div class="scores-run-bar">
      <div class="scores-go">
        <Button
          kind="primary"
          testId="looks-run"
          off={why !== undefined}
          title={why}
          onClick={() => void looks.start()}
        >
          {t('looks.run')}
        </Button>
      </div>
      <p class="quiet" role="status" data-testid="looks-why">
        {why ?? words.join(' · ')}
      </p>
    </div>
  );
}
