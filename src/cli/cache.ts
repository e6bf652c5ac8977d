/** Where results of hours of work are kept between two commands. */
import os from 'node:os';
import path from 'node:path';

/** Of `--cache DIR` and `--no-cache`; without them where programs keep what can be made again (XDG base directories). */
export function cacheFolder(values: {
  readonly cache?: string | undefined;
  readonly 'no-cache'?: boolean | undefined;
}): string | null {
  if (values['no-cache']) return null;
  const general = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
  return path.resolve(values.cache ?? path.join(general, 'genscope'));
}
