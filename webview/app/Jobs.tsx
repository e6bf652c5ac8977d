import { isErrorData } from '../../src/shared/kernel/errors.ts';
import type { JobStatus, PageState } from '../../src/shared/pageProtocol.ts';
import { duration } from '../model/format.ts';
import { t } from '../strings.ts';
import { IconButton, LinkButton } from '../ui/Button.tsx';
import { useSession } from './context.ts';

/** The Units tab has its own, larger words for dissections, and its part on effects for those; so have the tabs of scores and looks. */
const LARGER: readonly JobStatus['kind'][] = ['dissect', 'effect'];
const TOLD: Partial<Record<PageState['tab'], readonly JobStatus['kind'][]>> = {
  scores: ['score'],
  looks: ['look'],
};

/** Work that goes on without the page: saving many samples, encoding. */
export function Jobs() {
  const { jobs, tab, units } = useSession();
  const inUnits = units.effects.view.value.open ? LARGER : LARGER.slice(0, 1);
  const told = tab.value === 'units' ? inUnits : (TOLD[tab.value] ?? []);
  const shown = jobs.value.filter(({ kind }) => !told.includes(kind));
  if (shown.length === 0) return null;
  return (
    <ul class="jobs is-passing" aria-label={t('jobs.label')} data-testid="jobs">
      {shown.map((job) => (
        <Job key={job.id} job={job} />
      ))}
    </ul>
  );
}

function Job({ job }: { job: JobStatus }) {
  const session = useSession();
  const { done, total } = job.progress;
  const running = job.state === 'running';
  return (
    <li class={`job job-${job.state}`} data-testid="job" data-state={job.state}>
      <span class="job-title" title={job.title}>
        {job.title}
      </span>
      {running && <progress class="job-bar" value={done} max={Math.max(1, total)} aria-label={job.title} />}
      <span class="job-words" title={job.result}>
        {wordsOf(job)}
      </span>
      {running && (
        <LinkButton onClick={() => void session.job('cancelJob', job.id)}>{t('jobs.cancel')}</LinkButton>
      )}
      {job.state === 'done' && (
        <LinkButton onClick={() => void session.job('revealJob', job.id)}>{t('jobs.reveal')}</LinkButton>
      )}
      {!running && (
        <IconButton icon="close" label={t('jobs.dismiss')} onClick={() => session.dismissJob(job.id)} />
      )}
    </li>
  );
}

function wordsOf({ state, progress, error }: JobStatus): string {
  if (state === 'failed') return isErrorData(error) ? error.message : t('jobs.failed');
  if (state !== 'running') return t(`jobs.${state}`);
  const counted = t('jobs.running', { done: progress.done, total: progress.total });
  if (progress.eta === undefined) return counted;
  return `${counted} · ${t('status.left', { time: duration(progress.eta) })}`;
}
