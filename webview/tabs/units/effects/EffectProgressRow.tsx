import { useUnits } from '../../../app/context.ts';
import { counted, duration } from '../../../model/format.ts';
import { t } from '../../../strings.ts';
import { Button } from '../../../ui/Button.tsx';

/** What is being measured, how far it is, and the way out. */
export function EffectProgressRow() {
  const { effects } = useUnits();
  const running = effects.running.value;
  const kind = running?.kind ?? effects.starting.value ?? 'effect';
  const progress = running?.progress ?? null;
  const share = progress === null || progress.total === 0 ? 0 : progress.done / progress.total;
  const parts = [progress === null ? t('effects.starting') : t(`effects.phase.${progress.phase}`)];
  if (progress !== null)
    parts.push(t('effects.done', { done: counted(progress.done), total: counted(progress.total) }));
  if (progress?.eta !== undefined && Number.isFinite(progress.eta))
    parts.push(t('status.left', { time: duration(progress.eta) }));
  return (
    <div class="dissect-progress" data-testid="effects-progress">
      <div class="dissect-words">
        <p role="status">
          <strong>{t(`effects.running.${kind}`)}</strong> <span class="quiet">{parts.join(' · ')}</span>
        </p>
        {running !== null && (
          <Button testId="effects-cancel" onClick={() => void effects.cancel()}>
            {t('effects.cancel')}
          </Button>
        )}
      </div>
      <progress class="dissect-bar" value={share} max={1} aria-label={t(`effects.running.${kind}`)} />
    </div>
  );
}
