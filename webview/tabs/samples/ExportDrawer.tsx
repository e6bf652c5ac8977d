import { useState } from 'preact/hooks';
import { useModel, useSamples, useSession } from '../../app/context.ts';
import { folderName } from '../../model/fileNames.ts';
import { gridPlan, MAX_SEED } from '../../model/samplesModel.ts';
import { t } from '../../strings.ts';
import { Button } from '../../ui/Button.tsx';
import { Drawer } from '../../ui/Drawer.tsx';
import { NumberField } from '../../ui/NumberField.tsx';
import { RadioGroup } from '../../ui/RadioGroup.tsx';

const MOST = 1_000_000;

/** Many samples to a folder: the host asks where, and does it as a job. */
export function ExportDrawer() {
  const session = useSession();
  const samples = useSamples();
  const model = useModel();
  const { seed } = samples.state.value;
  const max = Math.min(MOST, MAX_SEED - seed + 1);
  const [count, setCount] = useState(Math.min(1000, max));
  const [images, setImages] = useState<'png' | 'npy'>('png');
  const close = () => {
    session.drawer.value = null;
  };
  const save = () => {
    close();
    const plan = gridPlan({ ...samples.state.peek(), count: Math.min(count, max) });
    void session.save({ what: 'samples', plan, name: folderName(model), images });
  };
  return (
    <Drawer title={t('export.title')} closeLabel={t('model.close')} onClose={close} testId="export-drawer">
      <NumberField
        stacked
        label={t('export.count')}
        value={count}
        min={1}
        max={max}
        complaint={t('export.countInvalid', { max })}
        onCommit={setCount}
        testId="export-count"
      />
      <RadioGroup
        label={t('export.format')}
        value={images}
        choices={[
          { value: 'png', label: t('export.png') },
          { value: 'npy', label: t('export.npy') },
        ]}
        onChange={setImages}
        testId="export-format"
      />
      <p class="quiet">{t('export.explain', { from: seed })}</p>
      <div class="buttons">
        <Button kind="primary" onClick={save} testId="export-go">
          {t('export.go')}
        </Button>
      </div>
    </Drawer>
  );
}
