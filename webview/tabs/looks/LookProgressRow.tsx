import { useLooks } from '../../app/context.ts';
import { counted, duration } from '../../model/format.ts';
import { plainNumber } from '../../model/scoreFigures.ts';
import { t } from '../../strings.ts';
import { Button } from '../../ui/Button.tsx';

/** What is being done, how fast and how far, and the way out. */
export function LookProgressRow() {
  const looks = useLooks();
  const running = looks.running.value;
  const progress = running?.progress ?? null;
  const share = progress === null || progress.total === 0 ? 0 : progress.done / progress.total;
  const what = t(`looks.running.${running?.kind ?? looks.view.value.shown}`);
  const phase =
    progress === null ? t('scores.starting') : (progress.message ?? t(`scores.phase.${progress.phase}`));
  const parts: string[] = [];
  if (progress !== null) {
    const { done, total, rate, eta } = progress;
    // Shares of a whole say nothing as numbers.
    if (total > 1) parts.push(t('scores.done', { done: counted(done), total: counted(total) }));
    if (rate !== undefined && rate > 0)
      parts.push(t('scores.rate', { rate: plainNumber(Number(rate.toPrecision(2))) }));
    if (eta !== undefined && Number.isFinite(eta)) parts.push(t('status.left', { time: duration(eta) }));
  }
  return (
    <div class="dissect-progress" data-testid="looks-progress">
      <div class="dissect-words">
        <p>
          {/* Numbers that run on are not read aloud; another phase is. */}
          <span role="status">
            <strong>{what}</strong> {phase}
          </span>{' '}
          <span class="quiet">{parts.join(' · ')}</span>
        </p>
        {running !== null && (
          <Button testId="looks-cancel" onClick={() => void looks.cancel()}>
            {t('scores.cancel')}
          </Button>
        )}
      </div>
      <progress class="dissect-bar" value={share} max={1} aria-label={what} />
    </div>
  );
}
