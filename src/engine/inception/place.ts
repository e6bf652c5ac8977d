/** Where FID Inception lies once it is set up. */
import path from 'node:path';

/** Both published files have these weights; the hex is the head of their SHA-256. */
export const WEIGHTS = '2015-12-05-6726825d';

export function inceptionFolder(cache: string): string {
  return path.join(cache, 'extractors', `inception-${WEIGHTS}`);
}
