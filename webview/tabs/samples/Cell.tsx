import type { ModelDescription } from '../../../src/shared/generator/model.ts';
import type { LatentKey } from '../../../src/shared/samples/latents.ts';
import { sampleLabel } from '../../model/format.ts';
import type { Slot } from '../../stores/feed.ts';
import { t } from '../../strings.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Picture } from '../../ui/Picture.tsx';

interface CellProps {
  readonly index: number;
  readonly sample: LatentKey;
  readonly model: ModelDescription;
  /** Place in the selection from 1 on; 0 when not selected. */
  readonly order: number;
  /** More than one is selected, so that the order matters. */
  readonly several: boolean;
  readonly focused: boolean;
  readonly slot: Slot | undefined;
  readonly width: number;
  readonly height: number;
}

export function Cell({ index, sample, model, order, several, focused, slot, width, height }: CellProps) {
  const label = sampleLabel(model, sample);
  const selected = order > 0;
  return (
    <div
      class={selected ? 'cell is-selected' : 'cell'}
      role="option"
      aria-selected={selected}
      aria-label={selected && several ? `${label}, ${t('grid.order', { order })}` : label}
      tabIndex={focused ? 0 : -1}
      title={label}
      data-index={index}
      data-seed={sample.seed}
      data-class={sample.classIndex ?? ''}
    >
      <Picture {...{ slot, width, height }} />
      {selected && several && (
        <span class="badge" aria-hidden="true">
          {order}
        </span>
      )}
      {/* For the pointer alone: an option may hold no button, and the keyboard has Enter. */}
      <span class="cell-open" aria-hidden="true" title={t('grid.open')} data-testid="open-large">
        <Icon name="expand" />
      </span>
    </div>
  );
}
