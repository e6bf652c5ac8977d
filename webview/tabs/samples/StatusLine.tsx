import { useEffect, useRef, useState } from 'preact/hooks';
import type { ModelDescription } from '../../../src/shared/model.ts';
import { useModel, useSamples, useSession } from '../../app/context.ts';
import { className, duration, imageSize, plural, taken } from '../../model/format.ts';
import { isBilinear, pathSteps } from '../../model/samplesModel.ts';
import type { SamplesStore } from '../../stores/samples.ts';
import { t } from '../../strings.ts';
import { LinkButton } from '../../ui/Button.tsx';

/** Speaking every batch would drown everything else. */
const SPEAK_EVERY = 2000;

/** One line below the pictures: what they are, or how far the work is. It is always there, so that nothing jumps. */
export function StatusLine() {
  const session = useSession();
  const samples = useSamples();
  const model = useModel();
  const { sampler } = samples;
  const selected = samples.selection.value.length;
  const slow = sampler.slow.value;
  const text = slow ? progressWords(samples) : summary(samples, model);
  const notice = session.notice.value;
  return (
    <footer class="status">
      <span class="status-words" data-testid="status" title={text}>
        {text}
      </span>
      {slow && (
        <LinkButton testId="cancel" onClick={() => sampler.cancel()}>
          {t('status.cancel')}
        </LinkButton>
      )}
      {!slow && sampler.cancelled.value && (
        <LinkButton testId="sample-again" onClick={() => sampler.retry()}>
          {t('status.again')}
        </LinkButton>
      )}
      <span class="status-notice" data-testid="notice" title={notice}>
        {notice}
      </span>
      {selected > 0 && (
        <span class="status-selected">
          <span data-testid="selected">{t('status.selected', { count: selected })}</span>
          <LinkButton testId="clear-selection" onClick={() => samples.select([])}>
            {t('status.clear')}
          </LinkButton>
        </span>
      )}
      <Spoken text={notice || (sampler.busy.value && !slow ? '' : text)} urgent={notice !== ''} />
    </footer>
  );
}

/** The live region: the latest words, at most every two seconds. */
function Spoken({ text, urgent }: { text: string; urgent: boolean }) {
  const [spoken, setSpoken] = useState('');
  const last = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (text === '') return;
    const wait = urgent ? 0 : Math.max(0, last.current + SPEAK_EVERY - performance.now());
    const timer = setTimeout(() => {
      last.current = performance.now();
      setSpoken(text);
    }, wait);
    return () => clearTimeout(timer);
  }, [text, urgent]);
  return (
    <span class="visually-hidden" role="status" aria-live="polite" data-testid="spoken">
      {spoken}
    </span>
  );
}

function progressWords({ sampler }: SamplesStore): string {
  const progress = sampler.progress.value;
  if (progress === null) return '';
  const counted = t('status.progress', { done: progress.done, total: progress.total });
  return progress.left === undefined
    ? counted
    : `${counted} · ${t('status.left', { time: duration(progress.left) })}`;
}

function summary(samples: SamplesStore, model: ModelDescription): string {
  const state = samples.state.value;
  const { seed, count, view, opened, selection } = state;
  if (samples.sampler.cancelled.value) return t('status.cancelled');
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
  if (result !== null && !samples.sampler.busy.value) parts.push(taken(result.ms));
  return parts.join(' · ');
}
