import type { TargetedKeyboardEvent } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { TranslatedColumn } from '../../../src/shared/protocol.ts';
import { useTranslation } from '../../app/context.ts';
import { GAP, type Size } from '../../model/layout.ts';
import { BLOCK_GAP, ROW_GAP } from '../../model/rowLayout.ts';
import { moved } from '../../model/selection.ts';
import type { Row } from '../../stores/rowFeed.ts';
import type { TranslationStore } from '../../stores/translation.ts';
import { t } from '../../strings.ts';
import { RowCell } from './RowCell.tsx';

/** The rows of this page, in blocks side by side where the panel is wide. One is in the tab order; arrow keys go from there. */
export function Rows() {
  const translation = useTranslation();
  const list = useRef<HTMLDivElement>(null);
  const layout = translation.layout.value;
  const columns = translation.columns.value;
  const rows = translation.page.rows.value.filter(({ absent }) => !absent.value);
  const places = rows.map(({ place }) => place.value);
  const focus = translation.focus.value;
  // The row it stood on may have turned out to be no picture.
  const current = places.includes(focus) ? focus : (places[0] ?? 0);

  useLayoutEffect(() => {
    // Back from the large view, and on another page, the keyboard goes on where it was.
    const cameBack = translation.cameBack && document.activeElement === document.body;
    if (cameBack || list.current?.contains(document.activeElement)) focusRow(list.current, current);
    translation.cameBack = false;
  }, [translation, current]);

  if (layout === null) return null;
  const { blocks, picture } = layout;
  const shown = Math.min(blocks, Math.max(1, rows.length));
  const tracks = `repeat(${blocks}, ${columns.length * picture.width + (columns.length - 1) * GAP}px)`;
  return (
    <div class="grid-scroll rows-scroll">
      <div class="row-heads" style={{ gridTemplateColumns: tracks, columnGap: `${BLOCK_GAP}px` }}>
        {Array.from({ length: shown }, (_, block) => (
          <Heads key={block} columns={columns} picture={picture} again={block > 0} />
        ))}
      </div>
      <div
        class="rows"
        role="listbox"
        aria-label={t('translation.rows')}
        ref={list}
        data-testid="translations"
        data-blocks={blocks}
        style={{ gridTemplateColumns: tracks, columnGap: `${BLOCK_GAP}px`, rowGap: `${ROW_GAP}px` }}
        onClick={(event) => onClick(event.target, translation)}
        onDblClick={(event) => {
          const place = placeOf(event.target);
          if (place !== null) translation.open(place);
        }}
        onKeyDown={(event) => onKeyDown(event, translation, places, current)}
      >
        {rows.map((row) => (
          <RowCell
            key={rowKey(row)}
            row={row}
            found={translation.found.value}
            focused={row.place.value === current}
            {...{ columns, picture }}
          />
        ))}
      </div>
    </div>
  );
}

const KEYS = new WeakMap<Row, number>();
let nextKey = 0;

/** Rows stay when others around them are left out, so that no picture is drawn twice. */
function rowKey(row: Row): number {
  const known = KEYS.get(row);
  if (known !== undefined) return known;
  KEYS.set(row, nextKey);
  return nextKey++;
}

/** The last name is the longest, "reconstruction"; it may reach into the gap beside its block. */
const OVERHANG = 18;

interface HeadsProps {
  readonly columns: readonly TranslatedColumn[];
  readonly picture: Size;
  /** Said once aloud, however many blocks there are. */
  readonly again: boolean;
}

function Heads({ columns, picture, again }: HeadsProps) {
  return (
    <div class="row-head" aria-hidden={again} style={{ gap: `${GAP}px` }}>
      {columns.map((column, i) => {
        const word = t(`translation.column.${column}`);
        return (
          <span
            key={column}
            title={word}
            style={{ width: picture.width + (i === columns.length - 1 ? OVERHANG : 0) }}
          >
            {word}
          </span>
        );
      })}
    </div>
  );
}

function onClick(target: EventTarget | null, translation: TranslationStore): void {
  const place = placeOf(target);
  if (place === null) return;
  if (target instanceof Element && target.closest('.cell-open')) translation.open(place);
  else translation.focus.value = place;
}

function onKeyDown(
  event: TargetedKeyboardEvent<HTMLElement>,
  translation: TranslationStore,
  places: readonly number[],
  current: number,
): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const blocks = translation.layout.peek()?.blocks ?? 1;
  const target = moved(places.indexOf(current), event.key, places.length, blocks, places.length);
  if (event.key === 'PageDown') translation.turn(1);
  else if (event.key === 'PageUp') translation.turn(-1);
  else if (event.key === 'Enter') translation.open(current);
  else if (target !== null) translation.focus.value = places[target] ?? current;
  else return;
  event.preventDefault();
}

function focusRow(list: HTMLElement | null, place: number): void {
  const row = list?.querySelector<HTMLElement>(`[data-place="${place}"]`);
  row?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: 'nearest' });
}

/** The place of the row an event happened in; null between the rows. */
function placeOf(target: EventTarget | null): number | null {
  const row = target instanceof Element ? target.closest<HTMLElement>('[data-place]') : null;
  return row ? Number(row.dataset.place) : null;
}
