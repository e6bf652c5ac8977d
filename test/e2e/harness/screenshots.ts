/** Pictures of each step, for a person to look at: test/e2e/screenshots/<suite>/01-name.png (git ignores them). */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { ROOT } from './paths.ts';

export interface Screenshots {
  readonly folder: string;
  /** Writes the next picture; answers its path. */
  take(name: string): Promise<string>;
}

/** Empties the suite's folder, so that what lies there is of one run. `page` is asked each time: it may be replaced. */
export async function openScreenshots(suite: string, page: () => Page): Promise<Screenshots> {
  const folder = join(ROOT, 'test', 'e2e', 'screenshots', suite);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  let count = 0;
  return {
    folder,
    take: async (name) => {
      count += 1;
      const path = join(folder, `${String(count).padStart(2, '0')}-${name.replace(/[^\w-]+/g, '-')}.png`);
      // No `animations: 'disabled'`: it restarts transitions inside webviews. No caret, so that pictures compare.
      await page().screenshot({ path, caret: 'hide' });
      return path;
    },
  };
}
