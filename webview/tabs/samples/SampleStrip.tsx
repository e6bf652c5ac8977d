import { useLayoutEffect, useRef } from 'preact/hooks';
import { useModel, useSamples } from '../../app/context.ts';
import { sampleLabel } from '../../model/format.ts';
import { cellSize } from '../../model/layout.ts';
import { keyId, sameKey } from '../../model/samplesModel.ts';
import { t } from '../../strings.ts';
import { Picture } from '../../ui/Picture.tsx';

const SIDE = 48;

/** The grid's samples in a row under the large one; selected ones carry their number. */
export function SampleStrip() {
  const samples = useSamples();
  const model = useModel();
  const strip = useRef<HTMLDivElement>(null);
  const { width, height } = cellSize(SIDE, model.image);
  const selection = samples.selection.value;
  const { opened } = samples.state.value;
  const slots = samples.grid.slots.value;
  const current = opened === null ? '' : keyId(opened);
  useLayoutEffect(() => {
    strip.current
      ?.querySelector('[aria-current=true]')
      ?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [current]);
  return (
    <nav class="strip" aria-label={t('strip.label')} ref={strip}>
      {samples.keys.value.map((key, index) => {
        const order = selection.findIndex((other) => sameKey(other, key)) + 1;
        const label = sampleLabel(model, key);
        const here = keyId(key) === current;
        return (
          <button
            type="button"
            key={index}
            class={here ? 'strip-item is-current' : 'strip-item'}
            aria-current={here}
            aria-label={order > 0 ? `${label}, ${t('grid.order', { order })}` : label}
            title={label}
            tabIndex={here ? 0 : -1}
            onClick={() => samples.open(key)}
          >
            <Picture slot={slots[index]} width={width} height={height} />
            {order > 0 && (
              <span class="badge" aria-hidden="true">
                {order}
              </span>
            )}
          </button>
        );
      })}
    </nav>
  );
}
