/** Which frame of an interpolation shows at which time. Pure. */

/** Frames a second: a leg takes about three seconds, and never stutters or flickers. */
export function playbackRate(frames: number): number {
  return Math.min(24, Math.max(6, Math.round(frames / 3)));
}

/**
 * The frame after `ticks` steps of playing on from `start`. A loop goes round; an open path swings back and forth,
 * so that it never jumps.
 */
export function frameAt(start: number, ticks: number, frames: number, loop: boolean): number {
  if (frames <= 1) return 0;
  if (loop) return (start + ticks) % frames;
  const period = 2 * (frames - 1);
  const at = (start + ticks) % period;
  return at < frames ? at : period - at;
}
