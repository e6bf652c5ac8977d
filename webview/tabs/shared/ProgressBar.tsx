import type { Courier } from '../../stores/courier.ts';

/** A thin line over the pictures, once the work has lasted. It lies on top: nothing moves when it comes. */
export function ProgressBar({ courier }: { courier: Courier }) {
  if (!courier.slow.value) return null;
  const progress = courier.progress.value;
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
