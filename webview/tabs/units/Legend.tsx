import { useUnits } from '../../app/context.ts';
import { activation, percent } from '../../model/format.ts';
import { conceptColour, css, heatColour, labelShares } from '../../model/overlays.ts';
import type { UnitRow } from '../../model/unitsModel.ts';
import { t } from '../../strings.ts';

const STOPS = [0, 0.25, 0.5, 0.75, 1] as const;

/** What the colours over the samples mean. */
export function Legend({ row }: { row: UnitRow | null }) {
  const units = useUnits();
  const { overlay } = units.state.value;
  if (overlay === 'segmentation') return <ConceptLegend />;
  if (row === null || overlay === 'none') return null;
  if (overlay === 'outline')
    return (
      <p class="legend quiet" data-testid="legend">
        {t(row.found === null ? 'units.outlineHalf' : 'units.outlineLevel', { level: activation(row.level) })}
      </p>
    );
  const ramp = STOPS.map((stop) => css(heatColour(stop))).join(', ');
  return (
    <p class="legend" data-testid="legend">
      <span class="quiet">{t('units.heatFrom')}</span>
      <span class="heat-ramp" style={{ background: `linear-gradient(to right, ${ramp})` }} />
      <span class="quiet">{t('units.heatTo', { peak: activation(row.peak) })}</span>
    </p>
  );
}

function ConceptLegend() {
  const units = useUnits();
  const seen = units.overlays.segments.value?.segments;
  if (units.dissecting.setup.value?.segmenter === null)
    return (
      <p class="legend quiet" data-testid="legend">
        {t('units.noSegmenter')}
      </p>
    );
  if (seen === undefined) return <p class="legend" aria-busy="true" />;
  return (
    <ul class="legend legend-concepts" aria-label={t('units.legend')} data-testid="legend">
      {labelShares(seen.labels).map(({ concept, share }) => (
        <li key={concept}>
          <span class="swatch" style={{ background: css(conceptColour(concept)) }} />
          {t('units.legendShare', { concept: seen.concepts[concept] ?? concept, share: percent(share) })}
        </li>
      ))}
    </ul>
  );
}
