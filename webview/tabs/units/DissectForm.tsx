import { useState } from 'preact/hooks';
import type { Dissection } from '../../../src/shared/units/dissection.ts';
import { useModel, useUnits } from '../../app/context.ts';
import { counted, plural } from '../../model/format.ts';
import { differs } from '../../model/unitsModel.ts';
import { t } from '../../strings.ts';
import { Button } from '../../ui/Button.tsx';
import { Dropdown } from '../../ui/Dropdown.tsx';
import { Menu } from '../../ui/Menu.tsx';
import { NumberField } from '../../ui/NumberField.tsx';

const QUICK = 1000;
const FULL = 10_000;
const FEWEST = 100;
const MOST = 1_000_000;
const LEAST_PERCENT = 0.1;
const MOST_PERCENT = 50;

/** What the next dissection is done with, and the button that begins it. */
export function DissectForm({ finished }: { finished: Dissection | null }) {
  const units = useUnits();
  const { dissecting } = units;
  const layers = useModel().layers ?? [];
  const draft = dissecting.draft.value;
  const off = dissecting.setup.value?.segmenter === null;
  const start = () => {
    const tensors = layers.map(({ tensor }) => tensor);
    const chosen = dissecting.scope.value === 'all' ? tensors : [units.layer.value?.tensor ?? ''];
    const leastIou = units.state.value.leastIou ?? draft.leastIou;
    void dissecting.start({ ...draft, leastIou, layers: chosen });
  };
  return (
    <div class="dissect-form" data-testid="dissect-form">
      <SegmenterMenu testId="segmenter" />
      <Samples />
      <Level />
      {layers.length > 1 && (
        <Dropdown
          label={t('dissect.layers')}
          value={dissecting.scope.value}
          choices={[
            { value: 'this', label: t('dissect.layers.this') },
            { value: 'all', label: t('dissect.layers.all', { count: layers.length }) },
          ]}
          onChange={(scope) => (dissecting.scope.value = scope)}
          testId="dissect-layers"
        />
      )}
      <Button
        kind="primary"
        testId="dissect-go"
        off={off}
        title={off ? t('dissect.needsSegmenter') : undefined}
        onClick={start}
      >
        {t('dissect.go')}
      </Button>
      {finished !== null && differs(finished.settings, { ...draft, layers: [] }) && (
        <p class="quiet" data-testid="dissect-differs">
          {t('dissect.differs')}
        </p>
      )}
    </div>
  );
}

/** Which segmenter sees concepts; it is the same for all that is measured. */
export function SegmenterMenu({ testId }: { testId: string }) {
  const { dissecting } = useUnits();
  const segmenter = dissecting.setup.value?.segmenter ?? null;
  const chosen =
    segmenter &&
    t('dissect.segmenterIs', {
      name: segmenter.name,
      concepts: plural('dissect.concepts', segmenter.concepts.length),
    });
  const label = dissecting.choosing.value ? t('dissect.choosing') : (chosen ?? t('dissect.segmenterNone'));
  return (
    <Menu
      label={label}
      name={t('dissect.segmenterName', { name: label })}
      testId={testId}
      items={(['demo', 'folder', 'hub'] as const).map((what) => ({
        id: what,
        label: t(`dissect.${what}`),
        run: () => void dissecting.choose(what),
      }))}
    />
  );
}

function Samples() {
  const { dissecting } = useUnits();
  const { samples } = dissecting.draft.value;
  const [other, setOther] = useState(samples !== QUICK && samples !== FULL);
  return (
    <>
      <Dropdown
        label={t('dissect.samples')}
        value={other ? 0 : samples}
        choices={[
          { value: QUICK, label: t('dissect.samplesQuick') },
          { value: FULL, label: t('dissect.samplesFull') },
          { value: 0, label: t('dissect.samplesCustom') },
        ]}
        onChange={(count) => {
          setOther(count === 0);
          if (count > 0) dissecting.update({ samples: count });
        }}
        roomy
        testId="dissect-samples"
      />
      {other && (
        <NumberField
          label={t('dissect.samplesOther')}
          value={samples}
          min={FEWEST}
          max={MOST}
          complaint={t('dissect.samplesInvalid', { min: counted(FEWEST), max: counted(MOST) })}
          onCommit={(count) => dissecting.update({ samples: count })}
          testId="dissect-samples-other"
        />
      )}
    </>
  );
}

function Level() {
  const { dissecting } = useUnits();
  const { level } = dissecting.draft.value;
  return (
    <>
      <Dropdown
        label={t('dissect.level')}
        title={t('dissect.levelHint')}
        value={level.mode}
        choices={[
          { value: 'quantile', label: t('dissect.level.quantile') },
          { value: 'iqr', label: t('dissect.level.iqr') },
        ]}
        onChange={(mode) =>
          dissecting.update({ level: mode === 'iqr' ? { mode } : { mode, quantile: 0.01 } })
        }
        roomy
        testId="dissect-level"
      />
      {level.mode === 'quantile' && (
        <NumberField
          label={t('dissect.quantile')}
          value={Number((level.quantile * 100).toPrecision(6))}
          min={LEAST_PERCENT}
          max={MOST_PERCENT}
          step={0.1}
          complaint={t('dissect.quantileInvalid', { min: LEAST_PERCENT, max: MOST_PERCENT })}
          onCommit={(percent) =>
            dissecting.update({
              level: { mode: 'quantile', quantile: Number((percent / 100).toPrecision(6)) },
            })
          }
          testId="dissect-quantile"
        />
      )}
    </>
  );
}
