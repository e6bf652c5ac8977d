import type { ModelDescription } from '../../../src/shared/generator/model.ts';
import { useModel, useSamples, useSession } from '../../app/context.ts';
import { className, imageSize, plural, taken } from '../../model/format.ts';
import { isBilinear, pathSteps } from '../../model/samplesModel.ts';
import type { SamplesStore } from '../../stores/samples.ts';
import { t } from '../../strings.ts';
import { LinkButton } from '../../ui/Button.tsx';
import { StatusBar } from '../shared/StatusBar.tsx';

export function StatusLine() {
  const samples = useSamples();
  const model = useModel();
  const selected = samples.selection.value.length;
  return (
    <StatusBar
      courier={samples.courier}
      summary={summary(samples, model)}
      progress="status.progress"
      again={t('status.again')}
    >
      <EditsChip />
      {selected > 0 && (
        <span class="status-selected">
          <span data-testid="selected">{t('status.selected', { count: selected })}</span>
          <LinkButton testId="clear-selection" onClick={() => samples.select([])}>
            {t('status.clear')}
          </LinkButton>
        </span>
      )}
    </StatusBar>
  );
}

/** These are the generator's own pictures, whatever is edited: where the edited ones are. */
function EditsChip() {
  const session = useSession();
  const active = session.edits.active.value.length;
  if (active === 0) return null;
  return (
    <span class="status-selected" data-testid="edits-chip">
      {t('edits.inSamples', { edits: plural('edits.count', active) })}
      <LinkButton
        testId="edits-show"
        onClick={() => {
          session.tab.value = 'units';
        }}
      >
        {t('edits.show')}
      </LinkButton>
    </span>
  );
}

function summary(samples: SamplesStore, model: ModelDescription): string {
  const state = samples.state.value;
  const { seed, count, view, opened, selection } = state;
  const parts: string[] = [];
  if (view === 'single' && opened !== null) {
    parts.push(t('status.seed', { seed: opened.seed }));
    if (opened.classIndex !== null) parts.push(className(model, opened.classIndex));
    parts.push(imageSize(model));
    return parts.join(' · ');
  }
  if (view === 'interpolation') {
    const side = state.gridSide;
    const steps = t('status.frames', { count: pathSteps(state) });
    parts.push(isBilinear(state) ? t('status.bilinear', { rows: side, columns: side }) : steps);
    parts.push(t('status.seed', { seed: selection.map((key) => key.seed).join(' → ') }));
  } else {
    parts.push(plural('status.samples', count));
    parts.push(
      count === 1 ? t('status.seed', { seed }) : t('status.seeds', { from: seed, to: seed + count - 1 }),
    );
  }
  const result = (view === 'grid' ? samples.grid : samples.walk).result.value;
  if (result !== null && !samples.courier.busy.value) parts.push(taken(result.ms));
  return parts.join(' · ');
}
