import type { ScoreDescription, ScoreValue } from '../../../src/shared/scores/scores.ts';
import { counted } from '../../model/format.ts';
import { plainNumber } from '../../model/scoreFigures.ts';
import { inOrder } from '../../model/scorePlots.ts';
import { t } from '../../strings.ts';
import { Icon } from '../../ui/Icon.tsx';
import { ScoreChart } from './ScoreChart.tsx';

interface ScoreDetailsProps {
  readonly value: ScoreValue;
  readonly about: ScoreDescription | null;
  readonly classNames: readonly string[];
}

/** All there is to know of a value: warnings first, then its plots, what it measures, and the numbers behind it. */
export function ScoreDetails({ value, about, classNames }: ScoreDetailsProps) {
  const { warnings, plots, details, spread, intervalKind } = value;
  const numbers = Object.entries(details);
  return (
    <div class="scores-details" data-testid={`score-details-${value.name}`}>
      {warnings.map((warning) => (
        <p class="scores-caution" key={warning}>
          <Icon name="warning" /> <span>{warning}</span>
        </p>
      ))}
      <About about={about} />
      {plots.length > 0 && (
        <div class="charts">
          {inOrder(plots).map((plot) => (
            <ScoreChart key={plot.id} {...{ plot, classNames }} />
          ))}
        </div>
      )}
      <p class="quiet">
        {t('scores.intervalIs', { kind: intervalKind })}
        {spread !== null &&
          ` · ${t('scores.spreadIs', { name: spread.name, value: plainNumber(spread.value) })}`}
      </p>
      {numbers.length > 0 && (
        <details>
          <summary>{t('scores.details')}</summary>
          <dl class="scores-numbers">
            {numbers.map(([name, number]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{typeof number === 'number' ? plainNumber(number) : number}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </div>
  );
}

/** What it measures, and Borji's criteria: what it is known to be good and bad at. */
function About({ about }: { about: ScoreDescription | null }) {
  if (about === null) return <p class="quiet">{t('scores.unknownScore')}</p>;
  const { measures, direction, goodAt, badAt, source, recommended } = about;
  const way = t(`scores.direction.${direction}`);
  const meant = recommended > 0 ? ` · ${t('scores.recommended', { count: counted(recommended) })}` : '';
  return (
    <div class="scores-words">
      <p>
        {measures}{' '}
        <span class="quiet">
          {way}
          {meant}
        </span>
      </p>
      <div class="scores-criteria">
        <Criteria title={t('scores.goodAt')} icon="check" points={goodAt} />
        <Criteria title={t('scores.badAt')} icon="close" points={badAt} />
      </div>
      <p class="quiet scores-source">{t('scores.source', { source })}</p>
    </div>
  );
}

interface CriteriaProps {
  readonly title: string;
  readonly icon: 'check' | 'close';
  readonly points: readonly string[];
}

function Criteria({ title, icon, points }: CriteriaProps) {
  if (points.length === 0) return null;
  return (
    <div>
      <h3>{title}</h3>
      <ul>
        {points.map((point) => (
          <li key={point}>
            <Icon name={icon} /> <span>{point}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
