import type { Distribution, Rng } from '../../../src/shared/samples/latents.ts';
import { useModel, useSamples, useSession } from '../../app/context.ts';
import { truncationModes } from '../../model/samplesModel.ts';
import { t } from '../../strings.ts';
import { Drawer } from '../../ui/Drawer.tsx';
import { RadioGroup } from '../../ui/RadioGroup.tsx';

const RNGS: readonly Rng[] = ['numpy', 'torch'];
const DISTRIBUTIONS: readonly Distribution[] = ['normal', 'uniform', 'uniform01'];

/** What is set once and seldom changed: whose random numbers, how they are cut, from which distribution. */
export function OptionsDrawer() {
  const session = useSession();
  const samples = useSamples();
  const model = useModel();
  const { source, truncationMode } = samples.state.value;
  const modes = truncationModes(model, source.distribution);
  const close = () => {
    session.drawer.value = null;
  };
  return (
    <Drawer title={t('options.title')} closeLabel={t('model.close')} onClose={close} testId="options-drawer">
      <RadioGroup
        label={t('options.rng')}
        value={source.rng}
        choices={RNGS.map((value) => ({
          value,
          label: t(`options.rng.${value}`),
          hint: t(`options.rng.${value}Hint`, { size: model.latentSize }),
        }))}
        onChange={(rng) => samples.update({ source: { ...source, rng } })}
        testId="rng"
      />
      {modes.length > 0 && (
        <RadioGroup
          label={t('options.truncation')}
          value={truncationMode}
          choices={modes.map((value) => ({
            value,
            label: t(`options.truncation.${value}`),
            hint: t(`options.truncation.${value}Hint`),
          }))}
          onChange={(mode) => samples.setTruncationMode(mode)}
          testId="truncation-mode"
        />
      )}
      <RadioGroup
        label={t('options.distribution')}
        value={source.distribution}
        choices={DISTRIBUTIONS.map((value) => ({
          value,
          label: t(`options.distribution.${value}`),
          hint: t(`options.distribution.${value}Hint`),
        }))}
        onChange={(distribution) => samples.setDistribution(distribution)}
        testId="distribution"
      />
    </Drawer>
  );
}
