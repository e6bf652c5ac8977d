import type { ScoreDescription, ScoreRun, ScoreValue } from '../../../src/shared/scores/scores.ts';
import { useScores } from '../../app/context.ts';
import { differenceVerdict } from '../../model/scoreCompare.ts';
import { intervalText, scaleEnd, scoreNumber, signedNumber } from '../../model/scoreFigures.ts';
import { describe } from '../../model/scoreHistory.ts';
import { DifferenceBar } from '../../plots/DifferenceBar.tsx';
import { t } from '../../strings.ts';
import { OpenedRow, ScoreHead } from './ScoreHead.tsx';
import { Warnings } from './ScoreTable.tsx';
import { VerdictTag } from './VerdictTag.tsx';

interface DifferenceTableProps {
  readonly after: readonly ScoreValue[];
  readonly edited: NonNullable<ScoreRun['edited']>;
  readonly classNames: readonly string[];
}

const BAR = 120;
const COLUMNS = 6;

/** Before, after, and the difference of the same latents with its interval; whether that holds 0 is said in words. */
export function DifferenceTable({ after, edited, classNames }: DifferenceTableProps) {
  const { form } = useScores();
  const registry = form.setup.value?.registry ?? [];
  const named = (values: readonly ScoreValue[], name: string) => values.find((one) => one.name === name);
  return (
    <table class="scores-table" data-testid="scores-table">
      <thead>
        <tr>
          <th scope="col">{t('scores.column.score')}</th>
          <th scope="col" class="is-roomy is-number">
            {t('scores.column.before')}
          </th>
          <th scope="col" class="is-roomy is-number">
            {t('scores.column.after')}
          </th>
          <th scope="col">{t('scores.column.difference')}</th>
          <th scope="col" class="is-roomy">
            <span class="visually-hidden">{t('scores.column.bar')}</span>
          </th>
          <th scope="col">{t('scores.column.says')}</th>
        </tr>
      </thead>
      <tbody>
        {after.map((value) => (
          <Row
            key={value.name}
            {...{ value, classNames }}
            before={named(edited.before, value.name)}
            difference={named(edited.difference, value.name)}
            about={describe(registry, value)}
          />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly value: ScoreValue;
  readonly before: ScoreValue | undefined;
  readonly difference: ScoreValue | undefined;
  readonly about: ScoreDescription | null;
  readonly classNames: readonly string[];
}

function Row({ value, before, difference, about, classNames }: RowProps) {
  const { state } = useScores();
  const open = state.value.opened === value.name;
  const direction = about?.direction ?? 'neither';
  const verdict = difference === undefined ? null : differenceVerdict(difference, direction);
  const ends = difference === undefined ? [] : [difference.value, ...(difference.interval ?? [])];
  const most = scaleEnd(ends.map(Math.abs));
  const text = (one: ScoreValue | undefined) =>
    one === undefined ? '–' : scoreNumber(one.value, one.interval);
  return (
    <>
      <tr class={open ? 'is-open' : ''} data-testid={`score-row-${value.name}`} data-value={value.value}>
        <ScoreHead {...{ name: value.name, direction, open }} />
        <td class="is-roomy is-number">{text(before)}</td>
        <td class="is-roomy is-number">{text(value)}</td>
        <td class="scores-value">
          <span class="is-narrow-only quiet">
            {text(before)} → {text(value)}
          </span>
          {difference === undefined ? (
            '–'
          ) : (
            <>
              <strong>{signedNumber(difference.value, difference.interval)}</strong>
              <span class="quiet">{intervalText(difference.value, difference.interval)}</span>
            </>
          )}
          {value.warnings.length > 0 && <Warnings name={value.name} warnings={value.warnings} />}
        </td>
        <td class="is-roomy">
          {difference !== undefined && (
            <DifferenceBar
              {...{ value: difference.value, interval: difference.interval, most, width: BAR }}
              strong={verdict !== null}
            />
          )}
        </td>
        <td data-testid={`score-says-${value.name}`}>
          {verdict === null ? (
            <span class="quiet">
              {t(difference?.interval ? 'scores.verdict.zero' : 'scores.verdict.none')}
            </span>
          ) : (
            <VerdictTag verdict={verdict} />
          )}
        </td>
      </tr>
      {open && <OpenedRow {...{ value, about, classNames }} columns={COLUMNS} />}
    </>
  );
}
