/** Whether a segmenter's folder is still what it was when it was opened. */
import fs from 'node:fs';
import path from 'node:path';
import { CONFIG, MODEL_FILES, PREPROCESSOR } from './folder.ts';

/** Changes when one of the files that decide the label maps does: by size and time, for it is asked with every request. */
export function segmenterStamp(folder: string): string {
  const states = [CONFIG, PREPROCESSOR, ...MODEL_FILES].map((name) => {
    const stat = fs.statSync(path.join(folder, name), { throwIfNoEntry: false });
    return stat ? `${name}:${stat.size}:${stat.mtimeMs}` : '';
  });
  return [path.resolve(folder), ...states].join('|');
}
