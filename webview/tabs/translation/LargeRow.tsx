import { useEffect, useRef } from 'preact/hooks';
import { useTranslation } from '../../app/context.ts';
import { counted, error } from '../../model/format.ts';
import { cellSide, cellSize, columnsFor, GAP, type Size, snapDown } from '../../model/layout.ts';
import { CAPTION } from '../../model/rowLayout.ts';
import { baseName } from '../../model/translationModel.ts';
import { t } from '../../strings.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Picture } from '../../ui/Picture.tsx';
import { useSize } from '../../ui/useSize.ts';

/** One row: its pictures at their own size, or enlarged by whole pixels as far as they fit. */
export function LargeRow() {
  const translation = useTranslation();
  const view = useRef<HTMLDivElement>(null);
  useEffect(() => view.current?.focus(), []);
  const place = translation.opened.value ?? 0;
  const last = translation.found.value - 1;
  const go = (step: number) => {
    const next = place + step;
    if (next >= 0 && next <= last) translation.open(next);
  };
  return (
    <section
      class="large"
      aria-label={t('translation.large')}
      tabIndex={-1}
      ref={view}
      data-testid="large"
      data-place={place}
      onKeyDown={(event) => {
        if (event.key === 'Escape') translation.close();
        else if (event.key === 'ArrowLeft' || event.key === 'ArrowUp') go(-1);
        else if (event.key === 'ArrowRight' || event.key === 'ArrowDown') go(1);
        else return;
        event.preventDefault();
      }}
    >
      <LargeBar />
      <div class="large-middle">
        <IconButton
          icon="chevronLeft"
          label={t('translation.previousRow')}
          disabled={place === 0}
          onClick={() => go(-1)}
          testId="previous"
        />
        <LargePictures />
        <IconButton
          icon="chevronRight"
          label={t('translation.nextRow')}
          disabled={place >= last}
          onClick={() => go(1)}
          testId="next"
        />
      </div>
    </section>
  );
}

function LargeBar() {
  const translation = useTranslation();
  const facts = translation.single.rows.value[0]?.facts.value;
  const found = counted(translation.found.value);
  const cycleError = facts?.cycleError ?? null;
  return (
    <div class="view-bar">
      <IconButton
        icon="arrowLeft"
        label={t('large.back')}
        onClick={() => translation.close()}
        testId="back"
      />
      <strong class="large-name" title={facts?.file} data-testid="large-name">
        {facts && baseName(facts.file)}
      </strong>
      <span class="quiet">
        {t('translation.one', { from: counted((translation.opened.value ?? 0) + 1), found })}
      </span>
      {cycleError !== null && (
        <span class="quiet" data-testid="large-error">
          {t('translation.rowError', { error: error(cycleError) })}
        </span>
      )}
    </div>
  );
}

function LargePictures() {
  const translation = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  const room = useSize(place);
  const row = translation.single.rows.value[0];
  const columns = translation.columns.value;
  const ratio = translation.ratio.value;
  const image: Size = row?.slots.translation.picture.value?.image ?? translation.shape.value;
  const { across, size } = arranged(room, columns.length, image, ratio);
  return (
    <div class="large-place large-row" ref={place}>
      <div
        class="large-pictures"
        style={{ gridTemplateColumns: `repeat(${across}, ${size.width}px)`, gap: `${GAP}px` }}
      >
        {columns.map((column) => (
          <figure key={column} data-column={column}>
            <figcaption>{t(`translation.column.${column}`)}</figcaption>
            <Picture slot={row?.slots[column]} {...size} />
          </figure>
        ))}
      </div>
    </div>
  );
}

/** As large as lets all be seen, but never less than the picture's own pixels: those are what one opens it for. */
function arranged(
  room: Size | null,
  count: number,
  image: Size,
  ratio: number,
): { readonly across: number; readonly size: Size } {
  if (room === null) return { across: count, size: { width: 0, height: 0 } };
  // Each has its name above it; two lines of them, where the pictures take two lines.
  const area = { width: room.width, height: room.height - 2 * CAPTION };
  const fit = cellSide(0, area, count, image, ratio);
  const native = Math.max(image.width, image.height);
  const size = cellSize(Math.max(snapDown(fit, native, ratio), native / ratio), image);
  return { across: columnsFor(area, size, count), size };
}
