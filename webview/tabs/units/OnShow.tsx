import { useEdits, useSamples, useUnits } from '../../app/context.ts';
import { FailureWords } from '../../app/FailurePage.tsx';
import { activation, iou } from '../../model/format.ts';
import { OVERLAYS, type UnitRow } from '../../model/unitsModel.ts';
import { t } from '../../strings.ts';
import { Segments } from '../../ui/Segments.tsx';
import { ProgressBar } from '../shared/ProgressBar.tsx';
import { PaintStage } from './edits/PaintStage.tsx';
import { DifferenceLegend, ViewBar } from './edits/ViewBar.tsx';
import { Legend } from './Legend.tsx';
import { Tiles } from './Tiles.tsx';

/** The samples of the Samples tab, with the unit that is looked at laid over them. */
export function OnShow() {
  const units = useUnits();
  const edits = useEdits();
  const samples = useSamples();
  const row = units.focused.value;
  const { overlay } = units.state.value;
  const error = samples.courier.error.value;
  const painting = edits.brush.on.value;
  // Then what becomes of the samples is what counts: what the unit in focus does in them waits.
  const isEdited = edits.view.value !== 'before' || painting;
  return (
    <section class="units-section on-show" aria-label={t('units.samples')} data-testid="on-show">
      <div class="on-show-head">
        <h2 data-testid="focused-unit">{row === null ? t('units.samples') : nameOf(row)}</h2>
        <Segments
          label={t('units.overlay')}
          value={overlay}
          choices={OVERLAYS.map((value) => ({
            value,
            label: t(`units.overlay.${value}`),
            title: t(`units.overlay.${value}Hint`),
          }))}
          onChange={(next) => edits.setOverlay(next)}
          testId="overlay"
        />
      </div>
      {row !== null && !isEdited && (
        <p class={row.found ? 'quiet unit-facts is-named' : 'quiet unit-facts'}>{factsOf(row)}</p>
      )}
      <ViewBar />
      <div class="on-show-pictures">
        <ProgressBar courier={edits.pictures.courier} />
        {error !== null && !samples.hasPictures ? (
          <FailureWords error={error} heading="h2" />
        ) : painting ? (
          <PaintStage />
        ) : (
          <Tiles />
        )}
      </div>
      {isEdited ? <DifferenceLegend /> : <Legend row={row} />}
      {!isEdited && <p class="quiet rank-hint">{t('units.rankHint')}</p>}
    </section>
  );
}

function nameOf({ unit, concept, interpretable }: UnitRow): string {
  return interpretable ? t('units.unitConcept', { unit, concept }) : t('units.unit', { unit });
}

function factsOf({ found, mean, peak }: UnitRow): string {
  const both = { mean: activation(mean), peak: activation(peak) };
  if (found === null) return t('units.unitFacts', both);
  const [low, high] = found.interval;
  return t('units.unitAgreement', {
    ...{ iou: iou(found.iou), low: iou(low), high: iou(high), bar: iou(found.bar) },
    ...{ level: activation(found.level), ...both },
  });
}
