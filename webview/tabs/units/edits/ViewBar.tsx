import { useEdits } from '../../../app/context.ts';
import { differenceColour, FULL_DIFFERENCE } from '../../../model/difference.ts';
import { EDIT_VIEWS } from '../../../model/editState.ts';
import { css } from '../../../model/overlays.ts';
import { t } from '../../../strings.ts';
import { Icon } from '../../../ui/Icon.tsx';
import { Segments } from '../../../ui/Segments.tsx';

/** How the samples are shown while there are edits, and a look at what was before. */
export function ViewBar() {
  const edits = useEdits();
  if (edits.edits.value.length === 0) return null;
  return (
    <div class="view-row" data-testid="view-row">
      <Segments
        label={t('edits.view')}
        value={edits.view.value}
        choices={EDIT_VIEWS.map((value) => ({
          value,
          label: t(`edits.view.${value}`),
          title: t(`edits.viewHint.${value}`),
        }))}
        onChange={(view) => edits.setView(view)}
        testId="edit-view"
      />
      <Peek />
    </div>
  );
}

/** Holds what was before on show for as long as it is pressed, by pointer or key. */
function Peek() {
  const edits = useEdits();
  const show = (now: boolean) => () => {
    edits.peeking.value = now;
  };
  return (
    <button
      type="button"
      class="peek"
      title={t('edits.peek')}
      aria-label={t('edits.peek')}
      aria-pressed={edits.peeking.value}
      data-testid="peek"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        edits.peeking.value = true;
      }}
      onPointerUp={show(false)}
      onPointerCancel={show(false)}
      onBlur={show(false)}
      onKeyDown={(event) => {
        if (event.key === ' ' || event.key === 'Enter') edits.peeking.value = true;
      }}
      onKeyUp={show(false)}
    >
      <Icon name="eye" />
    </button>
  );
}

const STOPS = Array.from({ length: 9 }, (_, i) => i / 8);

/** What the colours of a difference mean, and which of three pictures is which. */
export function DifferenceLegend() {
  const view = useEdits().view.value;
  if (view !== 'difference' && view !== 'sideBySide') return null;
  const ramp = STOPS.map((stop) => css(differenceColour(stop))).join(', ');
  return (
    <div class="difference-legend quiet" data-testid="difference-legend">
      {view === 'sideBySide' && <p>{t('edits.threeWords')}</p>}
      <p class="legend">
        <span>{t('edits.differenceWords')}</span>
        <span class="legend-scale">
          <span>{t('edits.differenceFrom')}</span>
          <span class="heat-ramp" style={{ background: `linear-gradient(to right, ${ramp})` }} />
          <span>{t('edits.differenceTo', { most: FULL_DIFFERENCE })}</span>
        </span>
      </p>
    </div>
  );
}
