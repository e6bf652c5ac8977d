import type { Signal } from '@preact/signals';
import type { DissectedUnit } from '../../../src/shared/units/dissection.ts';
import type { Agreement } from '../../model/conceptChoice.ts';
import { activation, iou, percent } from '../../model/format.ts';
import type { Size } from '../../model/layout.ts';
import { conceptColour, css } from '../../model/overlays.ts';
import type { UnitRow } from '../../model/unitsModel.ts';
import type { Verdict } from '../../model/verdict.ts';
import { RangeBar } from '../../plots/RangeBar.tsx';
import { ShareBar } from '../../plots/ShareBar.tsx';
import type { Thumb } from '../../stores/thumbs.ts';
import { t } from '../../strings.ts';
import { Icon } from '../../ui/Icon.tsx';
import { ThumbStrip } from './ThumbStrip.tsx';
import type { Column, ColumnId } from './tableLayout.ts';

export interface UnitRowProps {
  readonly row: UnitRow;
  /** Place among the rows that the filters leave. */
  readonly place: number;
  /** CSS pixels from the table's upper edge. */
  readonly top: number;
  readonly columns: readonly Column[];
  readonly thumbs: number;
  readonly thumb: Size;
  readonly slot: Signal<readonly Thumb[] | null>;
  readonly selected: boolean;
  /** The unit that is looked at. */
  readonly current: boolean;
  readonly tabbable: boolean;
  readonly verdict: Verdict;
  /** The right ends of the scales. */
  readonly most: { readonly iou: number; readonly mean: number; readonly peak: number };
}

/** CSS pixels of a range's plot; where there is less room its numbers are left to the tooltip of the unit. */
const WIDEST_RANGE = 96;

export function UnitRowView(props: UnitRowProps) {
  const { row, place, top, columns, selected, current, tabbable } = props;
  const quiet = row.found !== null && !row.interpretable ? ' is-quiet' : '';
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows that are placed one by one make no <table>.
    <div
      class={`unit-row${current ? ' is-current' : ''}${selected ? ' is-selected' : ''}${quiet}`}
      role="row"
      aria-rowindex={place + 2}
      aria-selected={selected}
      tabIndex={tabbable ? 0 : -1}
      data-unit={row.unit}
      style={{ transform: `translateY(${top}px)` }}
    >
      {columns.map(({ id }, i) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the row takes the focus.
        // biome-ignore lint/a11y/useSemanticElements: as above.
        <div
          key={id}
          class={`unit-cell unit-${id}`}
          role="gridcell"
          aria-colindex={i + 1}
          aria-label={id === 'top' ? topWords(row) : undefined}
        >
          <Content id={id} {...props} />
        </div>
      ))}
    </div>
  );
}

function Content({
  id,
  row,
  columns,
  selected,
  most,
  verdict,
  slot,
  thumbs,
  thumb,
}: UnitRowProps & { id: ColumnId }) {
  const { found } = row;
  const width = columns.find((column) => column.id === id)?.width ?? 0;
  switch (id) {
    case 'unit':
      return (
        <>
          {row.unit}
          {selected && (
            <span class="unit-mark" title={t('units.selected')}>
              <Icon name="check" />
            </span>
          )}
        </>
      );
    case 'concept':
      return found && <Concept row={row} found={found} least={verdict.leastIou} />;
    case 'iou':
      return (
        row.agreement && (
          <AgreementBar of={row.agreement} width={width} least={verdict.leastIou} most={most.iou} />
        )
      );
    case 'null':
      return iou(found?.bar ?? Number.NaN);
    case 'level':
      return activation(found?.level ?? Number.NaN);
    case 'mean':
    case 'peak':
      return (
        <>
          <span>{activation(row[id])}</span>
          <ShareBar value={row[id]} most={most[id]} />
        </>
      );
    case 'here':
      return (
        <span data-testid="here">
          {row.here !== null && Number.isFinite(row.here) ? percent(row.here) : '–'}
        </span>
      );
    case 'top':
      return <ThumbStrip {...{ slot, row, thumb }} count={thumbs} />;
  }
}

interface FoundProps {
  readonly row: UnitRow;
  readonly found: DissectedUnit;
  readonly least: number;
}

function Concept({ row, found, least }: FoundProps) {
  const why = row.interpretable
    ? null
    : found.iou > least
      ? t('units.chance')
      : t('units.below', { least: Number(least.toFixed(4)) });
  return (
    <>
      <span class="unit-concept-name" title={row.concept}>
        {row.interpretable && (
          <span class="swatch" style={{ background: css(conceptColour(found.concept)) }} />
        )}
        {row.concept}
      </span>
      {why && (
        <small class="unit-small unit-concept-why quiet" title={why}>
          {why}
        </small>
      )}
    </>
  );
}

interface AgreementProps {
  readonly of: Agreement;
  readonly least: number;
  readonly most: number;
  readonly width: number;
}

function AgreementBar({ of, least, most, width }: AgreementProps) {
  const { iou: value, interval, bar, strong } = of;
  return (
    <>
      <span>
        {iou(value)}{' '}
        {interval && width > WIDEST_RANGE && (
          <small class="unit-small quiet">
            {t('units.interval', { low: iou(interval[0]), high: iou(interval[1]) })}
          </small>
        )}
      </span>
      <RangeBar {...{ value, interval, bar, least, most, strong }} width={Math.min(WIDEST_RANGE, width)} />
    </>
  );
}

function topWords({ top }: UnitRow): string {
  const [first, last] = [top[0]?.value ?? Number.NaN, top.at(-1)?.value ?? Number.NaN];
  return t('units.topWords', { count: top.length, high: activation(first), low: activation(last) });
}
