import { useSamples } from '../../app/context.ts';

/** A thin line over the pictures, once the work has lasted. It lies on top: nothing moves when it comes. */
export function ProgressBar() {
  const { sampler } = useSamples();
  if (!sampler.slow.value) return null;
  const progress = sampler.progress.value;
  const share = progress === null || progress.total === 0 ? 0 : progress.done / progress.total;
  return (
    <div
      class={share === 0 ? 'progress-bar is-endless' : 'progress-bar'}
      data-testid="progress"
      aria-hidden="true"
    >
      <span class="progress-fill" style={{ transform: `scaleX(${share})` }} />
    </div>
  );
}
