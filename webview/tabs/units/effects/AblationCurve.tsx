import type { Effect, Figure } from '../../../../src/shared/effects/effects.ts';
import { useCopy } from '../../../app/useCopy.ts';
import { areaFigure, percentNumber } from '../../../model/effectFigures.ts';
import { conceptName, curveTable, ownOf } from '../../../model/effectResult.ts';
import { plural } from '../../../model/format.ts';
import { ChartFigure } from '../../../plots/ChartFigure.tsx';
import { LineChart, type LinePoint } from '../../../plots/LineChart.tsx';
import { t } from '../../../strings.ts';

/** Area of the concept that is left after ablating the first 0, 1, 2 … units. */
export function AblationCurve({ effect }: { effect: Effect }) {
  const copy = useCopy();
  const own = ownOf(effect);
  if (own === null || effect.curve.length < 2) return null;
  const title = t('effects.chart.curve');
  const label = t('effects.chart.left');
  return (
    <ChartFigure
      {...{ title, hint: t('effects.chart.curveHint'), table: curveTable(effect), onCopy: copy }}
      testId="effect-curve"
    >
      <LineChart
        label={t('chart.keys', { title })}
        series={[{ id: 'left', label, look: 'first', points: effect.curve.map(pointOf) }]}
        xTitle={t('effects.chart.curveX')}
        yTitle={t('effects.chart.curveY', { concept: conceptName(own.concept) })}
        xText={String}
        yText={percentNumber}
        pointText={figureText}
        placeText={(n) => plural('effects.atUnits', n)}
        yIncludes={[0]}
        testId="effect-curve-plot"
      />
    </ChartFigure>
  );
}

function pointOf({ mean, interval: [low, high] }: Figure, n: number): LinePoint {
  return { x: n, y: mean, low, high };
}

function figureText({ y, low = y, high = y }: LinePoint): string {
  return areaFigure({ mean: y, interval: [low, high] });
}
