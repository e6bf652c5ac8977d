import { useState } from 'preact/hooks';
import type { Selection, Selections } from '../../../../src/shared/effects/effects.ts';
import { useCopy } from '../../../app/useCopy.ts';
import { percentNumber, share, shareFigure } from '../../../model/effectFigures.ts';
import { conceptName } from '../../../model/effectResult.ts';
import { plural } from '../../../model/format.ts';
import { bestAt, bestWords, removedAt, selectionsTable } from '../../../model/selectionsResult.ts';
import { ChartFigure } from '../../../plots/ChartFigure.tsx';
import { LineChart, type LinePoint, type LineSeries } from '../../../plots/LineChart.tsx';
import { t } from '../../../strings.ts';
import { Button } from '../../../ui/Button.tsx';
import { Slider } from '../../../ui/Slider.tsx';
import { Provenance } from './Provenance.tsx';
import { useSelectUnits, useUseUnits } from './useUnitSet.ts';

const LOOKS = { iou: 'first', effect: 'second', greedy: 'third' } as const;

/** Three ways of choosing units side by side, and the sets themselves. */
export function SelectionsResult({ found }: { found: Selections }) {
  const copy = useCopy();
  const most = Math.max(0, ...found.selections.map(({ units }) => units.length));
  const [chosen, setChosen] = useState<number | null>(null);
  const at = Math.min(chosen ?? most, most);
  const concept = conceptName(found.concept);
  const best = bestAt(found, at);
  const title = t('effects.compare.chart');
  return (
    <article class="effects-result" data-testid="selections-result">
      <p class="effects-headline" data-testid="selections-headline">
        {bestWords(found, at)}
      </p>
      <ChartFigure
        {...{
          title,
          hint: t('effects.compare.hint', { concept }),
          table: selectionsTable(found),
          onCopy: copy,
        }}
        testId="selections"
        wide
      >
        <LineChart
          label={t('chart.keys', { title })}
          series={[
            ...found.selections.map((one) => seriesOf(one, at > 0 && best.includes(one))),
            ...(found.random.length > 0 ? [chanceOf(found)] : []),
          ]}
          xTitle={t('effects.compare.x')}
          yTitle={t('effects.compare.axis', { concept })}
          xText={String}
          yText={percentNumber}
          pointText={pointText}
          placeText={(n) => plural('effects.atUnits', n)}
          yIncludes={[0, 1]}
          at={at}
          onMove={setChosen}
          testId="selections-plot"
        />
      </ChartFigure>
      <div class="effects-sets">
        <Slider
          label={t('effects.compare.at')}
          value={at}
          min={1}
          max={Math.max(1, most)}
          step={1}
          text={String(at)}
          onInput={setChosen}
          testId="selections-at"
        />
        <ul>
          {found.selections.map((one) => (
            <SetRow key={one.rank} {...{ found, one, at }} best={best.includes(one)} />
          ))}
        </ul>
      </div>
      <Provenance answer={found} />
    </article>
  );
}

interface SetRowProps {
  readonly found: Selections;
  readonly one: Selection;
  readonly at: number;
  readonly best: boolean;
}

function SetRow({ found, one, at, best }: SetRowProps) {
  const select = useSelectUnits();
  const use = useUseUnits();
  const units = one.units.slice(0, at);
  const figure = removedAt(one, units.length);
  const rank = t(`effects.rank.${one.rank}`);
  const name = t('effects.set.name', {
    ...{ concept: conceptName(found.concept), count: units.length },
    rank: t(`effects.rankLong.${one.rank}`),
  });
  const intent = { kind: 'ablate', to: found.settings.ablate } as const;
  return (
    <li class="effects-set" data-testid={`selections-${one.rank}`}>
      <div class="effects-set-words">
        <p>
          <strong>{rank}</strong> {figure && shareFigure(figure)}{' '}
          {best && at > 0 && <span class="certainty">{t('effects.compare.best')}</span>}
        </p>
        <p class="quiet">{t('effects.compare.unitList', { units: units.join(', ') })}</p>
      </div>
      <div class="buttons">
        <Button
          kind={best ? 'primary' : 'secondary'}
          testId={`use-${one.rank}`}
          off={units.length === 0}
          title={t('effects.compare.useHint')}
          onClick={() => use({ layer: found.layer, units, name, intent })}
        >
          {t('effects.compare.use')}
        </Button>
        <Button
          testId={`select-${one.rank}`}
          off={units.length === 0}
          onClick={() => select(found.layer, units)}
        >
          {t('effects.compare.select')}
        </Button>
      </div>
    </li>
  );
}

function seriesOf(one: Selection, strong: boolean): LineSeries {
  return {
    ...{ id: one.rank, label: t(`effects.rank.${one.rank}`), look: LOOKS[one.rank], strong },
    points: one.removed.map(({ mean, interval: [low, high] }, n) => ({ x: n, y: mean, low, high })),
  };
}

/** The mean of the draws, in a band from the lowest to the highest. */
function chanceOf({ random }: Selections): LineSeries {
  return {
    ...{ id: 'random', label: t('effects.compare.random'), look: 'quiet' },
    points: random.map(({ units, mean, lowest, highest }) => ({
      x: units,
      y: mean,
      low: lowest,
      high: highest,
    })),
  };
}

function pointText({ y, low, high }: LinePoint): string {
  if (low === undefined || high === undefined) return share(y);
  return shareFigure({ mean: y, interval: [low, high] });
}
