import { useSignal } from '@preact/signals';
import type { TargetedKeyboardEvent, TargetedMouseEvent } from 'preact';
import { useRef } from 'preact/hooks';
import type { LatentKey } from '../../../src/shared/samples/latents.ts';
import { useEdits, useModel, useSamples, useSession, useUnits } from '../../app/context.ts';
import { cellSide, cellSize, columnsFor, GAP, type Size, smallestSide, snapFit } from '../../model/layout.ts';
import { sameKey } from '../../model/samplesModel.ts';
import { moved } from '../../model/selection.ts';
import { t } from '../../strings.ts';
import { useSize } from '../../ui/useSize.ts';
import { useViewport } from '../../ui/useViewport.ts';
import type { Shown } from './edits/EditedPicture.tsx';
import { type Cursor, SampleTile } from './SampleTile.tsx';

/** Samples never take more of the page's height than this, in CSS pixels; less beside charts of what units stand for. */
const TALLEST = 356;
const TALLEST_NAMED = 300;
/** One below the other (units.css) they leave room for the table: this share of the window's height, but no less than … */
const STACKED = 559;
const STACKED_SHARE = 0.2;
const STACKED_LEAST = 136;

/** Between pictures of one sample, in CSS pixels (see edits.css). */
const PART_GAP = 1;
const ONE = [undefined] as const;
const THREE = ['before', 'after', 'difference'] as const;

/** The samples, a click or Enter in which ranks the units at that place. */
export function Tiles() {
  const session = useSession();
  const units = useUnits();
  const edits = useEdits();
  const samples = useSamples();
  const model = useModel();
  const pane = useRef<HTMLDivElement>(null);
  const size = useSize(pane);
  const cursor = useSignal<Cursor | null>(null);
  const keys = samples.keys.value;
  const shown: readonly (Shown | undefined)[] = edits.view.value === 'sideBySide' ? THREE : ONE;
  const tallest = tallestIn(useViewport(), units.dissected.value !== null);
  const area = { width: size?.width ?? 0, height: tallest };
  const ratio = samples.ratio.value;
  const side = size === null ? 0 : partSide(area, keys.length, model.image, ratio, shown.length);
  const cell = cellSize(side, model.image);
  const tile = { ...cell, width: cell.width * shown.length + (shown.length - 1) * PART_GAP };
  const columns = columnsFor(area, tile, keys.length);
  const focus = Math.min(samples.focus.value, keys.length - 1);
  const [rows, across] = units.layer.value?.resolution ?? [1, 1];

  const rank = (sample: LatentKey, x: number, y: number) => {
    units.ranking.place.value = { sample, x, y };
    const pixel = { x: Math.floor(x * model.image.width), y: Math.floor(y * model.image.height) };
    session.say(t('units.rankSaid', { seed: sample.seed, ...pixel }));
  };
  const onClick = (event: TargetedMouseEvent<HTMLElement>) => {
    const tile = tileOf(event.target);
    const index = Number(tile?.dataset.index ?? -1);
    const key = keys[index];
    if (tile === null || key === undefined) return;
    samples.focus.value = index;
    cursor.value = null;
    tile.focus({ preventScroll: true });
    const part = event.target instanceof Element ? event.target.closest('.tile-part') : null;
    const box = (part ?? tile).getBoundingClientRect();
    const inside = (at: number) => Math.min(1 - 1e-6, Math.max(0, at));
    rank(key, inside((event.clientX - box.left) / box.width), inside((event.clientY - box.top) / box.height));
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLElement>) => {
    const key = keys[focus];
    if (key === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const now = cursor.value;
    if (now === null) {
      const next = moved(focus, event.key, keys.length, columns, 3);
      if (next !== null) {
        samples.focus.value = next;
        (event.currentTarget.children[next] as HTMLElement | undefined)?.focus();
      } else if (event.key === 'Enter')
        cursor.value = { index: focus, row: Math.floor(rows / 2), column: Math.floor(across / 2) };
      else return;
    } else if (event.key === 'Escape') cursor.value = null;
    else if (event.key === 'Enter') {
      rank(key, (now.column + 0.5) / across, (now.row + 0.5) / rows);
      cursor.value = null;
    } else {
      const next = moved(now.row * across + now.column, event.key, rows * across, across, rows);
      if (next === null) return;
      cursor.value = { index: focus, row: Math.floor(next / across), column: next % across };
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="tiles-scroll" ref={pane} style={{ maxHeight: `${tallest}px` }}>
      <div
        class="tiles"
        role="listbox"
        aria-label={t('units.samples')}
        data-testid="tiles"
        style={{ gridTemplateColumns: `repeat(${columns}, ${tile.width}px)`, gap: `${GAP}px` }}
        onClick={onClick}
        onKeyDown={onKeyDown}
        onBlur={() => (cursor.value = null)}
      >
        {side > 0 &&
          keys.map((key, index) => (
            <SampleTile
              key={index}
              {...{ index, sample: key, model, cell, shown }}
              selected={samples.selection.value.some((other) => sameKey(other, key))}
              focused={index === focus}
              cursor={cursor.value?.index === index ? cursor.value : null}
              grid={[rows, across]}
            />
          ))}
      </div>
      <p class="visually-hidden" role="status">
        {cursor.value !== null &&
          t('units.rankCursor', { row: cursor.value.row + 1, column: cursor.value.column + 1 })}
      </p>
    </div>
  );
}

/** Longest side of one picture of a tile that shows `parts` of them side by side. */
function partSide(area: Size, count: number, image: Size, ratio: number, parts: number): number {
  const whole = { width: image.width * parts, height: image.height };
  const longest = Math.max(image.width, image.height);
  const fits = (cellSide(0, area, count, whole, ratio) * longest) / Math.max(whole.width, whole.height);
  return parts === 1 ? fits : Math.max(snapFit(fits, longest, ratio), smallestSide(longest, ratio));
}

function tallestIn(window: Size, named: boolean): number {
  const most = named ? TALLEST_NAMED : TALLEST;
  if (window.width > STACKED) return most;
  return Math.min(most, Math.max(STACKED_LEAST, Math.round(STACKED_SHARE * window.height)));
}

function tileOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null;
}
