/** Whether a segmenter's folder is still what it was when it was opened. */
import path from 'node:path';
import { networkState } from '../open/modelFile.ts';
import { CONFIG, MODEL_FILES, PREPROCESSOR } from './folder.ts';

/**
 * Changes when one of the files that decide the label maps does, weights beside the model included: by size, time and
 * inode, for it is asked with every request.
 */
export function segmenterStamp(folder: string): string {
  const states = [CONFIG, PREPROCESSOR, ...MODEL_FILES].map(
    (name) => `${name}:${networkState(path.join(folder, name))}`,
  );
  return [path.resolve(folder), ...states].join('|');
}
