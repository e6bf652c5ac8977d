/** Progress of work in phases, counted in pictures. */
import type { EffectProgress } from '../../shared/effects/effects.ts';

/** At most ten reports a second: more would only be drawn over. */
const EVERY_MS = 100;

export interface PhaseProgress {
  begin(phase: EffectProgress['phase'], total: number): void;
  add(pictures: number): void;
  /** So many of the phase's pictures, whatever was added. */
  to(pictures: number): void;
}

export function phaseProgress(report: (progress: EffectProgress) => void): PhaseProgress {
  let phase: EffectProgress['phase'] = 'values';
  let total = 0;
  let done = 0;
  let began = performance.now();
  let last = 0;
  const to = (pictures: number) => {
    done = pictures;
    const now = performance.now();
    if (now - last < EVERY_MS) return;
    last = now;
    // A choice may take fewer pictures than it could.
    const left = Math.max(0, total - done);
    const eta = done > 0 ? { eta: ((now - began) / done) * left } : {};
    report({ phase, done: Math.min(done, total), total, ...eta });
  };
  return {
    begin: (next, count) => {
      [phase, total, done, began, last] = [next, count, 0, performance.now(), 0];
      report({ phase, done, total });
    },
    add: (pictures) => to(done + pictures),
    to,
  };
}
