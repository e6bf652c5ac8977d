/** Whether an extractor is still what it was when it was opened. */

import path from 'node:path';
import { statIfThere } from '../../shared/files/there.ts';
import type { ExtractorRef } from '../../shared/scores/scores.ts';
import { networkState, sidecarFile } from '../open/modelFile.ts';
import { CONFIG, MODEL_FILES, PREPROCESSOR } from '../segmenter/folder.ts';
import { SETTINGS } from './settings.ts';

/**
 * Changes when one of the files that decide the features does, weights beside the model included: by size, time and inode,
 * for it is asked with every request.
 */
export function extractorStamp({ path: given, layer, resize, range, sha256 }: ExtractorRef): string {
  const file = path.resolve(given);
  const isFolder = statIfThere(file)?.isDirectory();
  const files = isFolder
    ? [SETTINGS, CONFIG, PREPROCESSOR, 'onnx/vision_model.onnx', 'vision_model.onnx', ...MODEL_FILES].map(
        (name) => path.join(file, name),
      )
    : [file, sidecarFile(file)];
  const states = files.map((name) => `${name}:${networkState(name)}`);
  return [file, layer ?? '', resize ?? '', range?.join() ?? '', sha256 ?? '', ...states].join('|');
}
