import { useEdits } from '../../../app/context.ts';
import { percent, plural } from '../../../model/format.ts';
import { type BrushStore, MOST_BRUSH } from '../../../stores/brush.ts';
import type { EditsStore } from '../../../stores/edits.ts';
import { valuesId } from '../../../stores/unitValues.ts';
import { t } from '../../../strings.ts';
import { Button } from '../../../ui/Button.tsx';
import { Checkbox } from '../../../ui/Checkbox.tsx';
import { Segments } from '../../../ui/Segments.tsx';
import { Slider } from '../../../ui/Slider.tsx';

/** The brush: what it paints with, how large, how soft, how strongly. */
export function PaintBar() {
  const edits = useEdits();
  const { brush } = edits;
  const { size, soft, strength, everywhere } = brush.brush.value;
  const target = edits.edits.value.find(({ id }) => id === brush.target.value);
  return (
    <fieldset class="paint-bar" aria-label={t('paint.label')} data-testid="paint-bar">
      <div>
        {target === undefined ? <Mode brush={brush} /> : <Draw brush={brush} />}
        <span class="paint-what quiet" role="status" data-testid="paint-what">
          {target === undefined ? whatWords(edits) : t('paint.whatTarget', { name: target.name })}
        </span>
        <Button testId="paint-done" onClick={() => brush.leave()}>
          {t('paint.done')}
        </Button>
      </div>
      <div>
        <Slider
          label={t('paint.size')}
          min={1}
          max={MOST_BRUSH}
          step={1}
          value={size}
          text={String(size)}
          title={t('paint.cells', { cells: size })}
          onInput={(next) => brush.update({ size: next })}
          testId="paint-size"
        />
        <Slider
          label={t('paint.soft')}
          min={0}
          max={1}
          step={0.05}
          value={soft}
          text={percent(soft)}
          onInput={(next) => brush.update({ soft: next })}
          testId="paint-soft"
        />
        {target === undefined && (
          <>
            <Slider
              label={t('edits.strength')}
              min={0}
              max={1}
              step={0.01}
              value={strength}
              text={percent(strength)}
              onInput={(next) => brush.update({ strength: next })}
              testId="paint-strength"
            />
            <Checkbox
              label={t('paint.everywhere')}
              title={t('paint.everywhereHint')}
              checked={everywhere}
              onChange={(next) => brush.update({ everywhere: next })}
              testId="paint-everywhere"
            />
          </>
        )}
      </div>
    </fieldset>
  );
}

function Mode({ brush }: { readonly brush: BrushStore }) {
  return (
    <Segments
      label={t('paint.mode')}
      value={brush.brush.value.mode}
      choices={(['add', 'remove'] as const).map((value) => ({
        value,
        label: t(`paint.mode.${value}`),
        title: t(`paint.modeHint.${value}`),
      }))}
      onChange={(mode) => brush.update({ mode })}
      testId="paint-mode"
    />
  );
}

function Draw({ brush }: { readonly brush: BrushStore }) {
  return (
    <Segments
      label={t('paint.region')}
      value={brush.brush.value.erase ? 'erase' : 'add'}
      choices={(['add', 'erase'] as const).map((value) => ({
        value,
        label: t(`paint.region.${value}`),
        title: t(`paint.regionHint.${value}`),
      }))}
      onChange={(value) => brush.update({ erase: value === 'erase' })}
      testId="paint-erase"
    />
  );
}

/** What the brush paints with, or what is missing. */
function whatWords({ source, brush, values }: EditsStore): string {
  const chosen = source.chosen.value;
  if (chosen === null) return t('paint.noUnits');
  const wish = brush.wish.value;
  const progress = values.progress.value;
  if (wish !== null && values.of(wish) === null && progress?.id === valuesId(wish))
    return t('paint.measuring', { done: progress.done, total: progress.total });
  if (chosen.concept === null) return chosen.what;
  return t('paint.what', { units: plural('units.status', chosen.units.length), what: chosen.what });
}
