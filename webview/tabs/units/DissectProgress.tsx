import type { DissectProgress, DissectSettings } from '../../../src/shared/units/dissection.ts';
import { useUnits } from '../../app/context.ts';
import { counted, duration, plural } from '../../model/format.ts';
import { t } from '../../strings.ts';
import { Button } from '../../ui/Button.tsx';
import { Summary } from './DissectNote.tsx';

/** How far the dissection is, in words, with what has been found so far. */
export function DissectProgressRow() {
  const units = useUnits();
  const { progress, job, draft } = units.dissecting;
  const now = progress.value;
  const share = now === null || now.total === 0 ? 0 : now.done / now.total;
  const found = units.dissected.value !== null && units.dissecting.partial.value.length > 0;
  return (
    <div class="dissect-progress" data-testid="dissect-progress">
      <div class="dissect-words">
        <p role="status">
          <strong>{phaseOf(now, draft.value.level.mode)}</strong>{' '}
          <span class="quiet">{now === null ? '' : wordsOf(now, draft.value.level.mode)}</span>
        </p>
        {job.value !== null && (
          <Button testId="dissect-pause" icon="pause" onClick={() => void units.dissecting.pause()}>
            {t('dissect.pause')}
          </Button>
        )}
      </div>
      <progress class="dissect-bar" value={share} max={1} aria-label={t('dissect.label')} />
      {found && (
        <p class="quiet" data-testid="dissect-so-far">
          {t('dissect.soFar')}
          <Summary />
        </p>
      )}
    </div>
  );
}

/** What a pause, a crash or a reload left. */
export function DissectPaused({ settings, onOther }: { settings: DissectSettings; onOther: () => void }) {
  const units = useUnits();
  const layers = plural('model.layers', settings.layers.length);
  const found = units.dissected.value !== null && units.dissecting.partial.value.length > 0;
  return (
    <div class="dissect-words" data-testid="dissect-paused">
      <p>
        {t('dissect.paused', { layers, samples: counted(settings.samples) })}
        {found && (
          <span class="quiet" data-testid="dissect-so-far">
            {' '}
            {t('dissect.soFar')}
            <Summary />
          </span>
        )}
      </p>
      <span class="buttons">
        <Button
          kind="primary"
          icon="play"
          testId="dissect-resume"
          onClick={() => void units.dissecting.start(settings)}
        >
          {t('dissect.resume')}
        </Button>
        <Button testId="dissect-other" onClick={onOther}>
          {t('dissect.discard')}
        </Button>
      </span>
    </div>
  );
}

type Mode = DissectSettings['level']['mode'];

function phaseOf(progress: DissectProgress | null, mode: Mode): string {
  if (progress === null) return t('dissect.starting');
  if (progress.phase === 'choosing') return t('dissect.choosingLevels');
  if (progress.phase === 'agreement') return t('dissect.agreement');
  return mode === 'iqr' ? t('dissect.watching') : t('dissect.levels');
}

function wordsOf({ phase, done, total, eta }: DissectProgress, mode: Mode): string {
  const phases = mode === 'iqr' ? ['levels', 'choosing', 'agreement'] : ['levels', 'agreement'];
  const parts = [
    t('dissect.step', { step: Math.max(0, phases.indexOf(phase)) + 1, steps: phases.length }),
    t('dissect.done', { done: counted(done), total: counted(total) }),
  ];
  if (eta !== undefined && Number.isFinite(eta)) parts.push(t('status.left', { time: duration(eta) }));
  return parts.join(' · ');
}
