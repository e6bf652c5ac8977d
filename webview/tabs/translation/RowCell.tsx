import type { TranslatedColumn } from '../../../src/shared/protocol.ts';
import { counted, error } from '../../model/format.ts';
import { containSize, GAP, type Size } from '../../model/layout.ts';
import { baseName } from '../../model/translationModel.ts';
import type { Slot } from '../../stores/feed.ts';
import type { Row } from '../../stores/rowFeed.ts';
import { t } from '../../strings.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Picture } from '../../ui/Picture.tsx';

interface RowCellProps {
  readonly row: Row;
  readonly columns: readonly TranslatedColumn[];
  readonly picture: Size;
  readonly found: number;
  readonly focused: boolean;
}

export function RowCell({ row, columns, picture, found, focused }: RowCellProps) {
  const place = row.place.value;
  const facts = row.facts.value;
  const cycleError = facts?.cycleError ?? null;
  return (
    <div
      class="cell row"
      role="option"
      aria-selected={focused}
      tabIndex={focused ? 0 : -1}
      title={facts?.file}
      data-place={place}
    >
      <span class="row-pictures" style={{ gap: `${GAP}px` }}>
        {columns.map((column) => (
          <FittedPicture key={column} slot={row.slots[column]} box={picture} />
        ))}
      </span>
      {/* The row is named by what it says: what is seen, and between it for the ear what the place of things tells the eye. */}
      <span class="row-caption">
        <span class="row-name">{facts ? baseName(facts.file) : ''}</span>
        <span class="visually-hidden">
          {t('translation.row', { place: counted(place + 1), found: counted(found) })}
        </span>
        {cycleError !== null && (
          <>
            <span class="visually-hidden">{t('translation.error')}</span>
            <span class="row-error">{error(cycleError)}</span>
          </>
        )}
      </span>
      {/* For the pointer alone: an option may hold no button, and the keyboard has Enter. */}
      <span class="cell-open" aria-hidden="true" title={t('grid.open')} data-testid="open-large">
        <Icon name="expand" />
      </span>
    </div>
  );
}

/** A picture in its own proportions, in the middle of its place. */
function FittedPicture({ slot, box }: { slot: Slot; box: Size }) {
  const image = slot.picture.value?.image;
  const size = image ? containSize(box, image) : box;
  return (
    <span class="row-picture" style={{ width: box.width, height: box.height }}>
      <Picture slot={slot} {...size} />
    </span>
  );
}
