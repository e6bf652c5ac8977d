/** Where FID Inception lies once it is set up. */
import path from 'node:path';
import { INCEPTION_FOLDER } from '../../shared/scores/inception.ts';

export function inceptionFolder(cache: string): string {
  return path.join(cache, INCEPTION_FOLDER);
}
