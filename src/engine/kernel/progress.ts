/** Progress with an estimate of what is left, from the pace so far. */
import type { WorkProgress } from '../../shared/protocol.ts';

/** At most ten reports a second: more would only be drawn over. */
const EVERY_MS = 100;

export function workProgress(
  total: number,
  report: (progress: WorkProgress) => void,
): (done: number) => void {
  const started = performance.now();
  let last = 0;
  return (done) => {
    const now = performance.now();
    if (done < total && now - last < EVERY_MS) return;
    last = now;
    const eta = done > 0 ? ((now - started) / done) * (total - done) : undefined;
    report(eta === undefined ? { done, total } : { done, total, eta });
  };
}
