/** Paths that come from a sidecar or a page. */

const MOST_CHARACTERS = 1000;

/** A .npy file named relative to a folder, in it or below, on every system: no drive, no root, no way up. */
export function isInnerPath(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > MOST_CHARACTERS || !/\.npy$/i.test(value)) return false;
  // A colon is a drive or a stream on Windows; a NUL ends a path early.
  return !/^[\\/]|[:\0]/.test(value) && !value.split(/[\\/]/).includes('..');
}
