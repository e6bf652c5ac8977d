import { useModel, useUnits } from '../../app/context.ts';
import { LayerBars } from '../../app/LayerStrip.tsx';
import { t } from '../../strings.ts';

/** The layers of the graph; the current one is the one whose units are on show. */
export function LayerPicker() {
  const units = useUnits();
  const { layers } = useModel();
  if (layers === null)
    return (
      <div class="layer-picker">
        <div class="layer-strip is-low is-waiting" aria-busy="true" />
        <p class="quiet" role="status">
          {t('units.layers')}
        </p>
      </div>
    );
  const current = layers.findIndex(({ tensor }) => tensor === units.layer.value?.tensor);
  return (
    <div class="layer-picker" data-testid="layer-picker">
      <LayerBars
        {...{ layers, current }}
        low
        onChange={(index) => {
          const layer = layers[index];
          if (layer !== undefined) units.choose(layer);
        }}
      />
    </div>
  );
}
