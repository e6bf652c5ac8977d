import type { TargetedKeyboardEvent, TargetedMouseEvent } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { useModel, useSamples, useUnits } from '../../app/context.ts';
import { FailureWords } from '../../app/FailurePage.tsx';
import { cellSize, maxSide } from '../../model/layout.ts';
import { moved } from '../../model/selection.ts';
import type { UnitRow } from '../../model/unitsModel.ts';
import type { ThumbSource } from '../../stores/thumbs.ts';
import type { UnitsStore } from '../../stores/units.ts';
import { t } from '../../strings.ts';
import { Button } from '../../ui/Button.tsx';
import { useSize } from '../../ui/useSize.ts';
import { useVirtualRows } from '../../ui/useVirtualRows.ts';
import { ProgressBar } from '../shared/ProgressBar.tsx';
import { TableHead } from './TableHead.tsx';
import { HEAD, MOST_THUMBS, ROW, THUMB, tableLayout } from './tableLayout.ts';
import { UnitRowView } from './UnitRow.tsx';

/** The units of the layer, of which only those in sight are in the document. */
export function UnitTable() {
  const units = useUnits();
  const error = units.courier.error.value;
  const all = units.rows.value.length;
  const shown = units.shown.value.length;
  return (
    <div class="units-table" data-testid="units-table">
      <ProgressBar courier={units.courier} />
      {error !== null && all === 0 ? (
        <div class="page-centred" data-testid="units-failure">
          <FailureWords error={error} heading="h2" />
        </div>
      ) : all > 0 && shown === 0 ? (
        <NoMatch />
      ) : all > 0 ? (
        <Rows />
      ) : (
        <Waiting />
      )}
    </div>
  );
}

function NoMatch() {
  const units = useUnits();
  return (
    <div class="units-nothing" data-testid="units-no-match">
      <p>{t('units.noMatch')}</p>
      <Button testId="units-reset" onClick={() => units.showAll()}>
        {t('units.reset')}
      </Button>
    </div>
  );
}

function Waiting() {
  return (
    <div class="units-waiting" aria-hidden="true">
      {Array.from({ length: 6 }, (_, i) => (
        <div class="skeleton-row" key={i} />
      ))}
    </div>
  );
}

function Rows() {
  const units = useUnits();
  const model = useModel();
  const samples = useSamples();
  const scroll = useRef<HTMLDivElement>(null);
  const size = useSize(scroll);
  /** The keyboard moved on: the row it stands on gets the focus once it is there. */
  const follow = useRef(false);
  const rows = units.shown.value;
  const named = units.dissected.value !== null;
  const ranked = rows[0]?.here !== null && units.ranking.place.value !== null;
  const thumb = cellSize(THUMB, model.image);
  const layout = tableLayout(size?.width ?? 0, named, ranked, thumb.width);
  const focused = units.focused.value?.unit;
  const at = rows.findIndex(({ unit }) => unit === focused);
  const virtual = useVirtualRows({
    scroll,
    count: rows.length,
    size: ROW,
    head: HEAD,
    kept: Math.max(0, at),
  });
  const items = virtual.getVirtualItems();
  const source: ThumbSource = {
    stamp: model.stamp,
    tensor: units.layer.value?.tensor ?? '',
    plan: units.topPlan.value,
    maxSide: maxSide(THUMB, model.image, samples.ratio.value),
  };
  const inSight = items.map(({ index }) => rows[index]).filter((row) => row !== undefined);
  const thumbIds = inSight.map(({ unit, top }) => `${unit}:${top.map(({ index }) => index)}`).join();
  useEffect(() => {
    units.thumbs.want(layout.thumbs > 0 ? source : null, inSight.map(wishOf));
  }, [units, thumbIds, JSON.stringify(source), layout.thumbs > 0]);
  useEffect(() => () => units.thumbs.want(null, []), [units]);
  useLayoutEffect(() => {
    if (!follow.current) return;
    const row = scroll.current?.querySelector<HTMLElement>(`[data-unit="${focused}"]`);
    if (row === null || row === undefined) return;
    follow.current = false;
    row.focus({ preventScroll: true });
  });
  const goTo = (index: number) => {
    const row = rows[index];
    if (row === undefined) return;
    follow.current = true;
    units.update({ focused: row.unit });
    virtual.scrollToIndex(index, { align: 'auto' });
  };
  const page = Math.max(1, Math.floor(((size?.height ?? ROW) - HEAD) / ROW) - 1);
  const most = {
    iou: Math.max(0.1, ...boundsOf(units.rows.value)),
    mean: largest(units.rows.value, ({ mean }) => mean),
    peak: largest(units.rows.value, ({ peak }) => peak),
  };
  return (
    <div class="units-scroll" ref={scroll} data-testid="units-scroll">
      {/* biome-ignore lint/a11y/useSemanticElements: rows that are placed one by one make no <table>. */}
      <div
        class="units-grid"
        role="grid"
        aria-label={t('units.table')}
        aria-rowcount={rows.length + 1}
        aria-colcount={layout.columns.length}
        aria-multiselectable="true"
        data-testid="units-grid"
        style={{ height: `${virtual.getTotalSize()}px`, '--unit-columns': layout.template }}
        onClick={(event) => onClick(event, units)}
        onKeyDown={(event) => onKeyDown(event, units, rows, at, page, goTo)}
      >
        <TableHead columns={layout.columns} named={named} />
        {items.map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          return (
            <UnitRowView
              key={row.unit}
              row={row}
              place={item.index}
              top={item.start}
              columns={layout.columns}
              thumbs={layout.thumbs}
              thumb={thumb}
              slot={units.thumbs.of(source, wishOf(row))}
              selected={units.state.value.selection.includes(row.unit)}
              current={row.unit === focused}
              tabbable={item.index === Math.max(0, at)}
              verdict={units.verdict.value}
              most={most}
            />
          );
        })}
      </div>
    </div>
  );
}

function wishOf({ unit, top }: UnitRow) {
  return { unit, indices: top.slice(0, MOST_THUMBS).map(({ index }) => index) };
}

function boundsOf(rows: readonly UnitRow[]): number[] {
  return [largest(rows, ({ agreement }) => Math.max(agreement?.interval?.[1] ?? 0, agreement?.iou ?? 0))];
}

/** Not by spreading: there may be more rows than a call takes arguments. */
function largest(rows: readonly UnitRow[], of: (row: UnitRow) => number): number {
  return rows.reduce((most, row) => (of(row) > most ? of(row) : most), 0);
}

function onClick(event: TargetedMouseEvent<HTMLElement>, units: UnitsStore): void {
  const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-unit]') : null;
  if (row === null) return;
  const unit = Number(row.dataset.unit);
  units.update({ focused: unit });
  if (event.ctrlKey || event.metaKey || event.shiftKey) units.toggle(unit);
}

function onKeyDown(
  event: TargetedKeyboardEvent<HTMLElement>,
  units: UnitsStore,
  rows: readonly UnitRow[],
  at: number,
  page: number,
  goTo: (index: number) => void,
): void {
  // The buttons of the head have keys of their own.
  if (event.altKey || !(event.target instanceof Element) || event.target.closest('[data-unit]') === null)
    return;
  const from = Math.max(0, at);
  const next = moved(from, event.key, rows.length, 1, page);
  const row = rows[from];
  if (next !== null && event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') goTo(next);
  else if (event.key === ' ' && row !== undefined) units.toggle(row.unit);
  else if (event.key === 'Enter' && row !== undefined) units.update({ focused: row.unit });
  else if (event.key === 'Escape' && units.state.peek().selection.length > 0) units.update({ selection: [] });
  else return;
  event.preventDefault();
}
