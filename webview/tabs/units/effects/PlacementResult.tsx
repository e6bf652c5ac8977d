import type { Placement } from '../../../../src/shared/effects/effects.ts';
import { useCopy } from '../../../app/useCopy.ts';
import { percentNumber, roundShare, shareFigure } from '../../../model/effectFigures.ts';
import { conceptName } from '../../../model/effectResult.ts';
import { counted } from '../../../model/format.ts';
import {
  beforeName,
  beforeTable,
  byShare,
  mapTable,
  placementWords,
} from '../../../model/placementResult.ts';
import { BarChart } from '../../../plots/BarChart.tsx';
import { ChartFigure } from '../../../plots/ChartFigure.tsx';
import { HeatMap } from '../../../plots/HeatMap.tsx';
import { t } from '../../../strings.ts';
import { LinkButton } from '../../../ui/Button.tsx';
import { Provenance } from './Provenance.tsx';
import { useSelectUnits } from './useUnitSet.ts';

/** Fewer tries than this are drawn pale. */
const FEW = 20;

/** Where a concept appears when its units are switched on in one place: by place, and by what was there. */
export function PlacementResult({ found }: { found: Placement }) {
  const copy = useCopy();
  const select = useSelectUnits();
  const concept = conceptName(found.concept);
  const { map, layer } = found;
  const [places, before] = [t('effects.place.map'), t('effects.place.before')];
  const rows = byShare(found);
  return (
    <article class="effects-result" data-testid="placement-result">
      <header class="effects-words">
        <p class="effects-headline" data-testid="placement-headline">
          {placementWords(found)}
        </p>
        <p class="quiet">
          {t('effects.units.list', { units: found.units.join(', ') })}{' '}
          <LinkButton testId="placement-select" onClick={() => select(layer, found.units)}>
            {t('effects.compare.select')}
          </LinkButton>
        </p>
      </header>
      <div class="charts">
        <ChartFigure
          {...{ title: places, hint: t('effects.place.mapHint', { layer, concept }), table: mapTable(found) }}
          onCopy={copy}
          testId="placement-map"
        >
          <HeatMap
            label={t('chart.keys', { title: places })}
            width={map.width}
            height={map.height}
            values={map.gained}
            text={roundShare}
            shortText={(value) => String(Math.round(100 * value))}
            placeText={(row, column) => t('effects.place.cell', { row, column })}
            noneText={t('effects.place.already', { concept })}
            xTitle={t('effects.place.x')}
            yTitle={t('effects.place.y')}
            title={t('effects.place.scale', { concept })}
            testId="placement-map-plot"
          />
        </ChartFigure>
        <ChartFigure
          {...{ title: before, hint: t('effects.place.beforeHint', { concept }), table: beforeTable(found) }}
          onCopy={copy}
          testId="placement-before"
        >
          <BarChart
            label={t('chart.keys', { title: before })}
            series={[{ id: 'taken', label: t('effects.place.taken'), look: 'first' }]}
            groups={rows.map(({ before: name, tries, taken }) => ({
              id: name,
              label: beforeName(name),
              bars: [
                {
                  value: taken.mean,
                  interval: taken.interval,
                  text: t('effects.place.takenText', { share: shareFigure(taken), tries: counted(tries) }),
                },
              ],
              quiet: tries < FEW,
            }))}
            title={t('effects.place.beforeAxis')}
            text={percentNumber}
            includes={[1]}
            testId="placement-before-plot"
          />
        </ChartFigure>
      </div>
      <Provenance answer={found} />
    </article>
  );
}
