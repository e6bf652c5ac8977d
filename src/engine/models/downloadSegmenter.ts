/** `downloadSegmenter`: a segmenter's files from the hub into the cache folder, tried out. */
import type {
  DownloadSegmenterParams,
  DownloadSegmenterResult,
  WorkProgress,
} from '../../shared/protocol.ts';
import { downloadFromHub } from '../hub/hub.ts';
import type { TaskContext } from './context.ts';

/** At most ten reports a second: more would only be drawn over. */
const EVERY_MS = 100;

/** Progress in bytes; a download broken off goes on where it stopped. */
export async function downloadSegmenter(
  params: DownloadSegmenterParams,
  { models, signal, report }: TaskContext<WorkProgress>,
): Promise<DownloadSegmenterResult> {
  let last = 0;
  const { folder, warnings } = await downloadFromHub({
    ...params,
    signal,
    onProgress: ({ file, loaded, total }) => {
      const now = performance.now();
      if (loaded < total && now - last < EVERY_MS) return;
      last = now;
      report({ done: loaded, total, message: file });
    },
  });
  // What arrived may be a classifier: better said now than when it is first used.
  await models.segmenter(folder);
  return { folder, warnings };
}
