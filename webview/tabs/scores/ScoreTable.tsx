import type { ScoreDescription, ScoreValue } from '../../../src/shared/scores/scores.ts';
import { useScores } from '../../app/context.ts';
import { counted, plural } from '../../model/format.ts';
import { intervalText, plainNumber, scaleEnd, scoreNumber, upperEnd } from '../../model/scoreFigures.ts';
import { describe, listed } from '../../model/scoreHistory.ts';
import { RangeBar } from '../../plots/RangeBar.tsx';
import { t } from '../../strings.ts';
import { Icon } from '../../ui/Icon.tsx';
import { OpenedRow, ScoreHead } from './ScoreHead.tsx';

interface ScoreTableProps {
  readonly values: readonly ScoreValue[];
  readonly classNames: readonly string[];
}

const BAR = 120;
const COLUMNS = 5;

/** One row a value: how good, how certain, from how many, and what to be careful about. */
export function ScoreTable({ values, classNames }: ScoreTableProps) {
  const { form } = useScores();
  const registry = form.setup.value?.registry ?? [];
  return (
    <table class="scores-table" data-testid="scores-table">
      <thead>
        <tr>
          <th scope="col">{t('scores.column.score')}</th>
          <th scope="col">{t('scores.column.value')}</th>
          <th scope="col" class="is-roomy">
            {t('scores.column.bar')}
          </th>
          <th scope="col" class="is-roomy is-widest is-number">
            {t('scores.column.spread')}
          </th>
          <th scope="col" class="is-roomy is-number">
            {t('scores.column.n')}
          </th>
        </tr>
      </thead>
      <tbody>
        {values.map((value) => (
          <Row key={value.name} {...{ value, classNames }} about={describe(registry, value)} />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly value: ScoreValue;
  readonly about: ScoreDescription | null;
  readonly classNames: readonly string[];
}

function Row({ value, about, classNames }: RowProps) {
  const { state, history } = useScores();
  const open = state.value.opened === value.name;
  // One scale for all runs that are listed, so that going through them compares.
  const runs = listed(history.value, state.value.everyModel);
  const known = runs.flatMap(({ run }) => run.scores.filter(({ name }) => name === value.name));
  const most = scaleEnd([value, ...known].map(upperEnd));
  const { interval, spread, n, nReference, warnings } = value;
  return (
    <>
      <tr class={open ? 'is-open' : ''} data-testid={`score-row-${value.name}`} data-value={value.value}>
        <ScoreHead name={value.name} direction={about?.direction ?? 'neither'} open={open} />
        <td class="scores-value">
          <strong>{scoreNumber(value.value, interval)}</strong>
          <span class="quiet">{intervalText(value.value, interval) || t('scores.noInterval')}</span>
          {warnings.length > 0 && <Warnings name={value.name} warnings={warnings} />}
        </td>
        <td class="is-roomy" title={t('scores.barTo', { most: plainNumber(most) })}>
          <span class="scores-bar">
            <RangeBar value={value.value} bar={null} least={0} width={BAR} strong {...{ interval, most }} />
            <span class="quiet">{plainNumber(most)}</span>
          </span>
        </td>
        <td class="is-roomy is-widest is-number" title={spread?.name}>
          {spread === null ? (
            ''
          ) : (
            <>
              {plainNumber(Number(spread.value.toPrecision(2)))} <small class="quiet">{spread.name}</small>
            </>
          )}
        </td>
        <td class="is-roomy is-number">
          {counted(n)}
          {nReference > 0 && <span class="quiet"> / {counted(nReference)}</span>}
        </td>
      </tr>
      {open && <OpenedRow {...{ value, about, classNames }} columns={COLUMNS} />}
    </>
  );
}

/** The warnings themselves stand as sentences in the row that this opens; to assistive technology they are its name. */
export function Warnings({ name, warnings }: { name: string; warnings: readonly string[] }) {
  const scores = useScores();
  const text = plural('scores.warnings', warnings.length, { text: warnings.join(' ') });
  return (
    <button
      type="button"
      class="scores-warning"
      title={text}
      aria-label={text}
      data-testid={`score-warning-${name}`}
      onClick={() => scores.update({ opened: name })}
    >
      <Icon name="warning" />
    </button>
  );
}
