import type { ScoreDescription, ScoreValue } from '../../../src/shared/scores/scores.ts';
import { useScores } from '../../app/context.ts';
import { t } from '../../strings.ts';
import { Icon } from '../../ui/Icon.tsx';
import { ScoreDetails } from './ScoreDetails.tsx';

interface ScoreHeadProps {
  readonly name: string;
  readonly direction: ScoreDescription['direction'];
  readonly open: boolean;
}

/** The first cell of a row: its name, which way is better, and the button that opens what there is to know of it. */
export function ScoreHead({ name, direction, open }: ScoreHeadProps) {
  const scores = useScores();
  const way = t(`scores.direction.${direction}`);
  return (
    <th scope="row">
      <button
        type="button"
        class="scores-name"
        aria-expanded={open}
        aria-controls={open ? idOf(name) : undefined}
        onClick={() => scores.update({ opened: open ? null : name })}
      >
        <Icon name={open ? 'chevronDown' : 'chevronRight'} />
        <span>{name}</span>
        {direction !== 'neither' && (
          <span class="scores-way quiet" title={way} aria-hidden="true">
            <Icon name={direction === 'lower' ? 'sortDown' : 'sortUp'} />
          </span>
        )}
        <span class="visually-hidden">, {way}</span>
      </button>
    </th>
  );
}

interface OpenedRowProps {
  readonly value: ScoreValue;
  readonly about: ScoreDescription | null;
  readonly classNames: readonly string[];
  readonly columns: number;
}

/** Below its row, over the whole width. */
export function OpenedRow({ value, about, classNames, columns }: OpenedRowProps) {
  return (
    <tr class="scores-opened">
      <td colSpan={columns} id={idOf(value.name)}>
        <ScoreDetails {...{ value, about, classNames }} />
      </td>
    </tr>
  );
}

function idOf(name: string): string {
  return `score-${name.replace(/\W+/g, '-')}`;
}
