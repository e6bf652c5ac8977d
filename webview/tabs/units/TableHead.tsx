import { useUnits } from '../../app/context.ts';
import { sortOf, type UnitSort } from '../../model/unitsModel.ts';
import type { UnitsStore } from '../../stores/units.ts';
import { t } from '../../strings.ts';
import { Icon } from '../../ui/Icon.tsx';
import type { Column, ColumnId } from './tableLayout.ts';

/** Columns that rise until they are turned round; the others begin with what is most. */
const RISING: readonly ColumnId[] = ['unit', 'concept'];

export function TableHead({ columns, named }: { columns: readonly Column[]; named: boolean }) {
  const units = useUnits();
  const ranked = columns.some(({ id }) => id === 'here');
  const sort = ranked ? 'here' : sortOf(units.state.value, units.rows.value);
  const { reversed } = units.state.value;
  const concept = units.conceptName.value;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: its buttons take the focus.
    // biome-ignore lint/a11y/useSemanticElements: rows that are placed one by one make no <table>.
    <div class="unit-head" role="row" aria-rowindex={1}>
      {columns.map(({ id }, i) => {
        const rises = RISING.includes(id) !== reversed || id === 'here';
        return (
          // biome-ignore lint/a11y/useFocusableInteractive: the button inside takes the focus.
          // biome-ignore lint/a11y/useSemanticElements: as above.
          <div
            key={id}
            role="columnheader"
            aria-colindex={i + 1}
            aria-sort={id !== sort ? undefined : rises && id !== 'here' ? 'ascending' : 'descending'}
            title={hintOf(id, named, concept)}
          >
            {id === 'top' || id === 'here' ? (
              <span class="unit-head-words">{t(`units.column.${id}`)}</span>
            ) : (
              <button
                type="button"
                class="unit-head-button"
                data-testid={`sort-${id}`}
                onClick={() => sortBy(units, id, sort === id)}
              >
                <span class="unit-head-words">
                  {id === 'iou' && concept !== ''
                    ? t('units.column.iouWith', { concept })
                    : t(`units.column.${id}`)}
                </span>
                {id === sort && <Icon name={rises ? 'sortUp' : 'sortDown'} />}
              </button>
            )}
          </div>
        );
      })}
    </div>
  );
}

/** Another column, or the same one the other way round; either way the order is no longer that of a place. */
function sortBy(units: UnitsStore, sort: UnitSort, already: boolean): void {
  units.ranking.leave();
  units.update({ sort, reversed: already ? !units.state.peek().reversed : false });
}

function hintOf(id: ColumnId, named: boolean, concept: string): string | undefined {
  if (id === 'iou' && concept !== '') return t('units.column.iouWithHint', { concept });
  if (id === 'iou' || id === 'null' || id === 'level' || id === 'here') return t(`units.column.${id}Hint`);
  if (id === 'top') return t(named ? 'units.column.topLevel' : 'units.column.topHalf');
  return undefined;
}
