import type { TargetedKeyboardEvent, TargetedMouseEvent } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { LatentKey } from '../../../src/shared/samples/latents.ts';
import { useModel, useSamples } from '../../app/context.ts';
import { cellSize, GAP } from '../../model/layout.ts';
import { sameKey } from '../../model/samplesModel.ts';
import { added, clicked, moved, toggled } from '../../model/selection.ts';
import type { SamplesStore } from '../../stores/samples.ts';
import { t } from '../../strings.ts';
import { Cell } from './Cell.tsx';

/** The samples, as many side by side as fit. One of them is in the tab order; the arrow keys go from there. */
export function Grid() {
  const samples = useSamples();
  const model = useModel();
  const list = useRef<HTMLDivElement>(null);
  const before = useRef<readonly LatentKey[]>([]);
  const { width, height } = cellSize(samples.cell.value, model.image);
  const keys = samples.keys.value;
  const selection = samples.selection.value;
  const slots = samples.grid.slots.value;
  const focus = Math.min(samples.focus.value, keys.length - 1);
  const columns = samples.columns.value;

  useLayoutEffect(() => {
    // Back from the large view the keyboard goes on where it was.
    if (document.activeElement === document.body || document.activeElement === null)
      focusCell(list.current, focus, false);
  }, []);

  return (
    <div class="grid-scroll">
      <div
        class="grid"
        role="listbox"
        aria-multiselectable="true"
        aria-label={t('grid.label')}
        ref={list}
        data-testid="grid"
        data-columns={columns}
        style={{ gridTemplateColumns: `repeat(${columns}, ${width}px)`, gap: `${GAP}px` }}
        onClick={(event) => {
          if (event.detail === 1) before.current = samples.selection.peek();
          onClick(event, samples);
        }}
        onDblClick={(event) => {
          const key = keys[indexOf(event.target)];
          if (key === undefined) return;
          // The first of the two clicks selected; opening should not cost the person the selection they had.
          samples.select(before.current);
          samples.open(key);
        }}
        onKeyDown={(event) => onKeyDown(event, samples, list.current, height)}
      >
        {samples.cell.value > 0 &&
          keys.map((key, index) => (
            <Cell
              key={index}
              index={index}
              sample={key}
              order={selection.findIndex((other) => sameKey(other, key)) + 1}
              several={selection.length > 1}
              focused={index === focus}
              slot={slots[index]}
              {...{ width, height, model }}
            />
          ))}
      </div>
    </div>
  );
}

function onClick(event: TargetedMouseEvent<HTMLElement>, samples: SamplesStore): void {
  const index = indexOf(event.target);
  const key = samples.keys.peek()[index];
  if (key === undefined) {
    samples.select([]);
    return;
  }
  samples.focus.value = index;
  if (event.target instanceof Element && event.target.closest('.cell-open')) {
    samples.open(key);
    return;
  }
  focusCell(event.currentTarget, index, false);
  const joins = event.ctrlKey || event.metaKey || event.shiftKey;
  samples.select(clicked(samples.selection.peek(), key, joins));
}

function onKeyDown(
  event: TargetedKeyboardEvent<HTMLElement>,
  samples: SamplesStore,
  list: HTMLElement | null,
  height: number,
): void {
  const keys = samples.keys.peek();
  const index = Math.min(samples.focus.peek(), keys.length - 1);
  const key = keys[index];
  if (key === undefined || event.altKey) return;
  const page = Math.max(1, Math.floor((samples.area.peek()?.height ?? height) / (height + GAP)));
  const target = moved(index, event.key, keys.length, samples.columns.peek(), page);
  if (target !== null) {
    const next = keys[target];
    samples.focus.value = target;
    focusCell(list, target, true);
    if (event.shiftKey && next !== undefined)
      samples.select(added(added(samples.selection.peek(), key), next));
  } else if (event.key === ' ') samples.select(toggled(samples.selection.peek(), key));
  else if (event.key === 'Enter') samples.open(key);
  else if (event.key === 'Escape' && samples.selection.peek().length > 0) samples.select([]);
  else return;
  event.preventDefault();
}

function focusCell(list: HTMLElement | null, index: number, scroll: boolean): void {
  const cell = list?.children[index] as HTMLElement | undefined;
  cell?.focus({ preventScroll: true });
  if (scroll) cell?.scrollIntoView({ block: 'nearest' });
}

/** The index of the cell an event happened in; -1 between the cells. */
function indexOf(target: EventTarget | null): number {
  const cell = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null;
  return cell ? Number(cell.dataset.index) : -1;
}
